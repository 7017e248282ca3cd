"""Virtual people who talk: each with keys of their own, through the client that record systems use."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial

import msgspec

from balie.consult.client.application import Application, ProblemError
from balie.consult.client.device import make_device
from balie.consult.client.enrolment import Enrolled, deposit, state_keys
from balie.consult.client.gestures import by_passkey
from balie.consult.client.keylog import FollowedLog, follow
from balie.consult.client.keyrings import make_keyring
from balie.consult.client.listening import STREAM, listen
from balie.consult.client.talk import Outgoing, Talk
from balie.consult.client.trail import LockedError
from balie.consult.client.transport import Http, Response, Transport, UnreachableError
from balie.consult.client.vault import Vault
from balie.consult.client.world import PERSON, World
from balie.consult.keyservers import KeyServerAt
from balie.consult.protocol.messages import Content
from balie.rehearse.measure import Clock, Measures
from balie.rehearse.talks.shifts import Door, Shift, begin_shift
from balie.rehearse.talks.snoops import Loot, Pried, pry

BETWEEN_S = (1.0, 4.0)  # from one message of a person to their next
TOKENS_KEPT_S = 300.0
UNSENT_AGAIN_S = 1.0
CLOSED = "function_closed"
ANSWER_WITHIN_S = 12.0


class Said(msgspec.Struct):
    """A message that somebody meant to send at `meant_at`. `acked_at` is 0 until somebody says that it is stored;
    `told_closed`: they heard meanwhile that conversations are closed.
    """

    id: str
    conversation: str
    author: int
    meant_at: float
    acked_at: float = 0.0
    place: int = 0
    told_closed: bool = False


class Unlocking(msgspec.Struct):
    """One try on a fresh device; `faults` is what went wrong on the way, though it may have worked."""

    person: int
    began_at: float
    ended_at: float
    failed: str
    faults: list[str]


class Heard(msgspec.Struct):
    """What one person's client made of everything in the end."""

    person: int
    read: dict[str, float]  # message to when it could be read
    unreadable: list[str]
    got: dict[str, int]  # message to its place, readable or not


def address_of(number: int) -> str:
    """Their e-mail address."""
    return f"stem{number}@voorbeeld.example"


def through(bases: Sequence[str], transport: Transport) -> Transport:
    """One application behind several addresses, which take turns; one that does not answer is passed over."""
    turns = itertools.count()

    async def ask(method: str, path: str, body: bytes, headers: Mapping[str, str]) -> Response:
        first = next(turns) % len(bases)
        for base in (*bases[first:], *bases[:first]):
            with suppress(UnreachableError, TimeoutError):
                async with asyncio.timeout(ANSWER_WITHIN_S):
                    return await transport(method, base + path, body, headers)
        raise UnreachableError("nobody answers")

    return ask


class Voice:
    """One person. `number` is what the report calls them."""

    def __init__(
        self,
        number: int,
        held: str,
        *,
        bases: Sequence[str],
        servers: Sequence[KeyServerAt],
        http: Http,
        stream: str,
        origin: str,
        rp_id: str,
        clock: Clock,
        measures: Measures,
        mark: str,
    ) -> None:
        self.number, self.clock, self.measures, self.mark = number, clock, measures, mark
        self._http, self._stream, self._servers, self._origin = http, stream, servers, origin
        self.keyring = make_keyring(at=int(clock.now()))
        self.device = make_device(self.keyring.person)
        self.application = Application("", held, through(bases, http), asyncio.sleep)
        self.world = World(self.application, self.keyring, self._follow())
        self.talk = Talk(self.world, self.device)
        self.vault = Vault(servers, http, self._token)
        self.said: list[Said] = []
        self.unlockings: list[Unlocking] = []
        self.door: Door | None = None
        self.shifts: list[Shift] = []
        self.read: dict[str, float] = {}
        self._gesture = by_passkey(self.device.authenticator(rp_id=rp_id, origin=origin))
        self._tokens: tuple[float, dict[str, str]] = (-math.inf, {})
        self._chance = random.Random(number)

    def _follow(self) -> FollowedLog | None:
        """The key log, of which nothing is known yet."""
        return follow(self.application, self._servers, address=self._origin)

    @property
    def member(self) -> str:
        return PERSON + self.keyring.person

    async def _token(self, server: KeyServerAt) -> str:
        made_at, tokens = self._tokens
        if time.monotonic() - made_at > TOKENS_KEPT_S:
            tokens = (await self.application.tokens()).tokens
            self._tokens = (time.monotonic(), tokens)
        return tokens[server.server]

    async def enrol(self) -> None:
        """Keys, a device, and shares at all three; raises RuntimeError when a key server did not take its share."""
        at = int(self.clock.now())
        await state_keys(self.application, self.keyring, self.device, at=at)
        self.enrolled: Enrolled = await deposit(self.application, self.vault, self.keyring, self.device, at=at)
        if self.enrolled.missing:
            raise RuntimeError(f"Not deposited: {', '.join(map(str, self.enrolled.missing))}")
        await self.world.begin()

    async def carry(self, door: Door) -> None:
        """A door beside the shares."""
        self.door = door
        await door.register(self.application, self.keyring)

    def _text(self) -> str:
        """The mark stands at both ends, so that no part of it goes unnoticed where it should not be."""
        return f"{self.mark} bericht {len(self.said) + 1} van {self.number} {self.mark}"

    async def speak(self, conversation: str, *, until: float) -> None:
        """A message every few seconds, at moments that were meant beforehand, however slow the last one was."""
        meant_at = self.clock.now() + self._chance.uniform(0, BETWEEN_S[1])
        while meant_at < until:
            await self.clock.until(meant_at)
            content = Content(kind="text", text=self._text())
            outgoing = Outgoing(conversation, content, at=int(meant_at))
            said = Said(outgoing.id, conversation, self.number, meant_at)
            self.said.append(said)
            await self._send(outgoing, said, give_up_at=until)
            meant_at = max(meant_at + self._chance.uniform(*BETWEEN_S), meant_at)

    async def _send(self, outgoing: Outgoing, said: Said, *, give_up_at: float) -> None:
        while True:
            try:
                said.place = (await self.talk.send(outgoing)).place
            except UnreachableError:
                if self.clock.now() > give_up_at:
                    return  # nobody can say whether it is stored
                await asyncio.sleep(UNSENT_AGAIN_S)
            except ProblemError as problem:
                if problem.code != CLOSED:
                    raise
                said.told_closed = True
                if self.clock.now() > give_up_at:
                    return
                await asyncio.sleep(UNSENT_AGAIN_S)
            else:
                said.acked_at = self.clock.now()
                self.measures.add("send", started_at=said.meant_at, ended_at=said.acked_at)
                return

    async def listen(self) -> None:
        """By a stream, as a page does, until cancelled."""
        opened = partial(self._http.lines, self._stream + STREAM, self.application.headers)
        async for told in listen(self.world, opened, pause=asyncio.sleep, functions=self.hear_functions):
            self.read |= dict.fromkeys(told, self.clock.now())

    def hear_functions(self) -> None:
        """Something closed, or opened."""

    async def hear(self) -> None:
        now_read = await self.world.catch_up()
        self.read |= dict.fromkeys(now_read, self.clock.now())

    async def unlock(self, at: float) -> None:
        """As on a fresh device, at this moment."""
        await self.clock.until(at)
        failed, faults = "", []
        try:
            found = await self.vault.unlock(self.enrolled.public, self._gesture)
            faults = [str(each) for each in found.faults]
            failed = "" if found.keyring.keyset == self.keyring.keyset else "another keyset"
        except LockedError as locked:
            failed, faults = str(locked), [str(each) for each in locked.tried]
        ended_at = self.clock.now()
        self.unlockings.append(Unlocking(self.number, at, ended_at, failed, faults))
        self.measures.add("unlock", started_at=at, ended_at=ended_at)

    async def begin_shift(self, at: float, conversation: str) -> None:
        """On a profile that knows nothing, at this moment: read what was said, and answer."""
        assert self.door is not None
        await self.clock.until(at)
        outgoing = Outgoing(conversation, Content(kind="text", text=self._text()), at=int(at))
        shift = await begin_shift(
            self.application,
            self.door,
            log=self._follow(),
            person=self.keyring.person,
            outgoing=outgoing,
            clock=self.clock,
            number=self.number,
        )
        self.shifts.append(shift)
        if shift.wrote:
            self.said.append(Said(outgoing.id, conversation, self.number, at, shift.ended_at))

    async def pry(self, loot: Loot) -> Pried:
        """What their own keys open of all this."""
        keys = [key for group in self.world.groups.values() for key in group.keys.values()]
        seeds = list(self.keyring.kem_seeds().values())
        return await pry(self.number, loot, member=self.member, seeds=seeds, keys=keys)

    def heard(self) -> Heard:
        groups = self.world.groups.values()
        return Heard(
            self.number,
            read=self.read,
            unreadable=sorted({name for group in groups for name in {*group.unread, *group.rejected}}),
            got={message: place for group in groups for place, message in group.places.items()},
        )
