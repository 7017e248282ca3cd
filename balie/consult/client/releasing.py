"""One unlocking by shares: nonces, the gesture, replies, and everything that is checked on the way."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Annotated, Any, Final

import msgspec

from balie.consult.client.hedging import FailedError, Pause, stop
from balie.consult.client.keyrings import Keyring, new_secret, open_keyring, read_history
from balie.consult.client.lines import Line
from balie.consult.client.trail import Trail
from balie.consult.protocol import release, suite
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.payloads import Secret, decode
from balie.consult.protocol.persons import KnownKey, Person
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.release import Offer
from balie.consult.protocol.shares import THRESHOLD, ShareSet, accept_share_set, combine
from balie.consult.protocol.statements import Statement
from balie.consult.protocol.unlocking import unwrap

NONCES_S: Final = 0.15  # how long two that answered wait for the third
Box = Annotated[str, msgspec.Meta(max_length=64 * 1024)]


@dataclass(frozen=True)
class Public:
    """What anyone may know of a person, and a client needs before it has anything else: from the application, or kept.
    `admitters`: those whom this client lets vouch for a key of theirs.
    """

    person: str
    history: tuple[Statement, ...]
    share_set: Statement
    admitters: tuple[KnownKey, ...] = ()

    def known(self) -> Person:
        return read_history(self.person, self.history, self.admitters)

    def stated(self) -> ShareSet:
        return accept_share_set(self.share_set, self.known())


class _Nonce(msgspec.Struct):
    nonce: Secret


class _Released(msgspec.Struct):
    reply: Annotated[str, msgspec.Meta(max_length=16 * 1024)]
    keyset: Box
    unlock: Box


@dataclass(frozen=True, repr=False)
class Share:
    """A share that fits the person's statement, and the two boxes that came with it, which nobody vouches for."""

    server: str
    share: bytes
    boxes: _Released


@dataclass(frozen=True)
class Releasing:
    """`reply_seed`: of the key that replies are sealed to, made for this once."""

    public: Public
    stated: ShareSet
    lines: Mapping[str, Line]
    pause: Pause
    trail: Trail
    reply_seed: bytes = field(default_factory=new_secret, repr=False)

    async def offers(self) -> list[Offer]:
        """A nonce of each server that answers; once two have, the others have 150 ms left."""
        asked = {each.server: asyncio.create_task(self._nonce(each.server)) for each in self.stated.shares}
        last_call: asyncio.Task[Any] | None = None
        try:
            while pending := {each for each in asked.values() if not each.done()}:
                if last_call is None and sum(map(_came, asked.values())) >= THRESHOLD:
                    last_call = asyncio.create_task(_paused(self.pause, NONCES_S))
                await asyncio.wait({*pending, *filter(None, [last_call])}, return_when=asyncio.FIRST_COMPLETED)
                if last_call is not None and last_call.done():
                    break
            found = {name: task.result() if _came(task) else None for name, task in asked.items()}
            if sum(nonce is not None for nonce in found.values()) < THRESHOLD:
                raise FailedError
            return [Offer(server=name, nonce=nonce) for name, nonce in found.items()]
        finally:
            await stop([*asked.values(), *filter(None, [last_call])])

    async def _nonce(self, server: str) -> str:
        def read(body: bytes) -> str:
            return decode(body, _Nonce).nonce

        return await self.lines[server].ask("nonce", "/v1/nonce", b"", read, self.trail)

    def challenge(self, offers: list[Offer]) -> bytes:
        return release.challenge(self.stated, suite.public_of(self.reply_seed), offers)

    def body(self, offers: list[Offer], shown: Mapping[str, Any]) -> bytes:
        """The one request that goes to every server, by every route."""
        request = {
            "v": 1,
            "person": self.stated.person,
            "set": self.stated.set,
            "reply": b64(suite.public_of(self.reply_seed)),
            "offers": offers,
        }
        return msgspec.json.encode(request | dict(shown))

    async def release(self, server: str, body: bytes, challenge: bytes) -> Share:
        line = self.lines[server]
        return await line.ask("release", "/v1/release", body, partial(self._read, line, challenge), self.trail)

    def _read(self, line: Line, challenge: bytes, body: bytes) -> Share:
        released = decode(body, _Released)
        share = release.open_reply(
            self.stated, line.at.known, self.reply_seed, text=released.reply, challenge=challenge
        )
        return Share(line.at.server, share, released)

    def secret(self, shares: Mapping[str, Share]) -> bytes:
        """What was shared out. It is right: the hashes of the shares were signed."""
        return combine(self.stated, {name: each.share for name, each in shares.items()})

    def opened(self, secret: bytes, share: Share) -> Keyring | None:
        """The keyring, by the boxes that came with this share; None when somebody changed those."""
        person, known = self.stated.person, self.public.known()
        try:
            key = unwrap("shares", person, secret, share.boxes.unlock)
            return open_keyring(box=share.boxes.keyset, key=key, history=self.public.history, known=known)
        except Rejected as rejected:
            self.trail.add(share.server, "open", "", str(rejected.reason))
            return None


def _came(task: asyncio.Task[Any]) -> bool:
    """Whether it brought something. What is no failure of a server is raised by whoever takes the result."""
    return task.done() and not isinstance(task.exception(), FailedError)


async def _paused(pause: Pause, seconds: float) -> None:
    await pause(seconds)
