"""The three key servers as one vault: shares go in, and two of three bring the keyset back.

Unlocking, as `docs/spec/consult/release.md` has it: a nonce from each server that answers, one gesture for all, then
two servers at random; the third is asked when one of them failed, or is silent for 150 ms.
"""

import asyncio
import secrets
from collections.abc import Callable, Coroutine, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

import msgspec

from balie.consult.client.deposits import Doors, Split, deposit_for
from balie.consult.client.gestures import Gesture
from balie.consult.client.hedging import FailedError, Pause, hedged, within
from balie.consult.client.keyrings import Keyring, new_secret
from balie.consult.client.lines import Line, Token
from balie.consult.client.releasing import Public, Releasing, Share
from balie.consult.client.trail import WELL, LockedError, Trail, Tried
from balie.consult.client.transport import Transport
from balie.consult.keyservers import KeyServerAt
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.payloads import decode
from balie.consult.protocol.release import accept_held
from balie.consult.protocol.shares import THRESHOLD

HEDGE_S: Final = 0.15
UNLOCK_WITHIN_S: Final = 2.8
DEPOSIT_WITHIN_S: Final = 10.0
TOO_FEW: Final = "fewer than two key servers helped"
Choose = Callable[[list[str]], list[str]]


@dataclass(frozen=True)
class Unlocked:
    """`used`: whose shares it was, and through which routes. `faults`: what went wrong on the way, which the person did
    not notice; for whoever watches.
    """

    keyring: Keyring
    used: tuple[Tried, ...]
    faults: tuple[Tried, ...]


class _Deposited(msgspec.Struct):
    set: str
    generation: int


class _Held(msgspec.Struct):
    held: str


def at_random(servers: list[str]) -> list[str]:
    return secrets.SystemRandom().sample(servers, len(servers))


class Vault:
    """Speaks to the key servers. `token` gives an access token for one of them; `pause` sleeps."""

    def __init__(
        self,
        servers: Sequence[KeyServerAt],
        transport: Transport,
        token: Token,
        *,
        pause: Pause = asyncio.sleep,
        choose: Choose = at_random,
    ) -> None:
        self.servers = tuple(servers)
        self._lines = {each.server: Line(each, transport, token, pause) for each in servers}
        self._pause, self._choose = pause, choose

    async def deposit(self, keyring: Keyring, parts: Split, doors: Doors) -> list[Tried]:
        """Bring every server its share. What did not work is returned: the deposit is whole when that is nothing, and
        of use when it is about one server at most.
        """

        def bring(line: Line, trail: Trail) -> Coroutine[Any, Any, object]:
            body = deposit_for(line.at.known, keyring, parts, doors)
            return line.ask("deposit", "/v1/deposit", body, lambda said: decode(said, _Deposited), trail)

        return await self._everywhere(bring)

    async def held(self, public: Public) -> list[Tried]:
        """Ask every server, without a gesture, whether it still has the right share; what is wrong is returned."""
        stated = public.stated()

        def ask(line: Line, trail: Trail) -> Coroutine[Any, Any, object]:
            nonce = new_secret()

            def read(said: bytes) -> int:
                return accept_held(stated, line.at.known, text=decode(said, _Held).held, nonce=nonce)

            body = msgspec.json.encode({"v": 1, "nonce": b64(nonce)})
            return line.ask("held", "/v1/held", body, read, trail)

        return await self._everywhere(ask)

    async def _everywhere(self, ask: Callable[[Line, Trail], Coroutine[Any, Any, object]]) -> list[Tried]:
        trail = Trail()

        async def one(line: Line) -> None:
            with suppress(FailedError, TimeoutError):  # it stands in the trail
                await within(DEPOSIT_WITHIN_S, self._pause, ask(line, trail))

        await asyncio.gather(*map(one, self._lines.values()))
        done = {each.server for each in trail.tried if each.why == WELL}
        return [each for each in trail.faults() if each.server not in done]

    async def unlock(self, public: Public, gesture: Gesture) -> Unlocked:
        """The keyring, by two of three shares. Raises LockedError with the reasons, within three seconds beside those
        that the gesture takes.
        """
        releasing = Releasing(public, public.stated(), self._lines, self._pause, Trail())
        clock = asyncio.get_running_loop().time
        began = clock()
        try:
            offers = await within(UNLOCK_WITHIN_S, self._pause, releasing.offers())
            left = UNLOCK_WITHIN_S - (clock() - began)
            challenge = releasing.challenge(offers)
            body = releasing.body(offers, await gesture(releasing.stated, challenge))
            order = self._choose([each.server for each in offers if each.nonce is not None])
            keyring, servers = await within(left, self._pause, self._release(releasing, order, body, challenge))
        except (FailedError, TimeoutError):
            raise LockedError(TOO_FEW, releasing.trail.faults()) from None
        used = [each for each in releasing.trail.tried if each.step == "release" and each.why == WELL]
        used = [each for each in used if each.server in servers]
        return Unlocked(keyring, tuple(used), tuple(releasing.trail.faults()))

    async def _release(
        self, releasing: Releasing, order: list[str], body: bytes, challenge: bytes
    ) -> tuple[Keyring, set[str]]:
        attempts = [partial(releasing.release, server, body, challenge) for server in order]
        shares: dict[str, Share] = {}
        unopened: list[Share] = []
        async with aclosing(hedged(attempts, at_once=THRESHOLD, patience_s=HEDGE_S, pause=self._pause)) as released:
            async for share in released:
                shares[share.server] = share
                unopened.append(share)
                while len(shares) >= THRESHOLD and unopened:
                    if keyring := releasing.opened(releasing.secret(shares), unopened.pop(0)):
                        return keyring, set(shares)
        raise FailedError
