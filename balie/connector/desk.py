"""The connector itself: it keeps hearing what is new, and sends what it was given until it is sent or refused."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final

import msgspec
import structlog

from balie.connector import fhir
from balie.connector.config import digest
from balie.connector.fhir import NewCommunication
from balie.connector.own_entries import EVERY_S, OwnEntries
from balie.connector.passes import ClosedError
from balie.connector.store import Outgoing, Store
from balie.consult.client import fhir as conversations
from balie.consult.client import talk as talking
from balie.consult.client.application import ProblemError
from balie.consult.client.bundle import bundle
from balie.consult.client.export import extract_of, words_of
from balie.consult.client.groups import Group
from balie.consult.client.hedging import Pause
from balie.consult.client.keyrings import Keyring, new_id
from balie.consult.client.listening import Open, listen
from balie.consult.client.resealing import reseal
from balie.consult.client.talk import NoKeyError, NotAMemberError, Talk
from balie.consult.client.transport import UnreachableError
from balie.consult.client.world import NOT_FOUND, PERSON
from balie.consult.protocol.messages import Content, Opened

log = structlog.get_logger()

AGAIN_S: Final = (1.0, 5.0, 30.0, 120.0, 600.0)
PASSING: Final = {429, 500, 502, 503, 504}  # what Balie may answer otherwise next time
CLOSED: Final = "function_closed"  # a practice or post that opens again


Recognise = Callable[[str], Awaitable[str | None]]
"""A BSN to the id of whoever has it, among the patients of this practice."""


class NotThereError(Exception):
    """No such conversation or message, or the connector is not in it: it cannot tell which."""


class TakenError(Exception):
    """Something else was given under this identifier."""


class Desk:
    """`clock`: seconds since 1970. `entries`: where there is a key log. `keep` has a new keyring on the disk when it
    returns; without it nothing is sealed again.
    """

    def __init__(
        self,
        talk: Talk,
        store: Store,
        stream: Open,
        recognise: Recognise,
        *,
        pause: Pause,
        clock: Callable[[], float],
        entries: OwnEntries | None = None,
        keep: Callable[[Keyring], None] | None = None,
    ) -> None:
        self.talk, self.store, self._recognise = talk, store, recognise
        self._stream, self._pause, self._clock = stream, pause, clock
        self._given, self._entries, self._keep = asyncio.Event(), entries, keep
        self.heard_at: float | None = None
        self.why = "starting"

    @property
    def strange(self) -> str:
        """What the key log says of the connector, that it should not; empty when all is well."""
        return self._entries.why if self._entries else ""

    async def run(self) -> None:
        """Until cancelled. Balie may be away, now or later: what it takes is waited for."""
        await self._begin()
        async with asyncio.TaskGroup() as all_of_it:
            all_of_it.create_task(self._hear())
            all_of_it.create_task(self._send())
            all_of_it.create_task(self._look_at_keys())
            all_of_it.create_task(self._seal_again())

    async def _begin(self) -> None:
        """All conversations from their beginning; what came while nobody listened is heard now."""
        while True:
            try:
                await self.talk.world.begin()
            except (UnreachableError, ClosedError, ProblemError) as fault:
                self._say(fault)
                await self._pause(AGAIN_S[1])
            else:
                break
        self._take([opened.message.id for group in self._conversations() for opened in group.said()])

    async def _hear(self) -> None:
        while True:
            try:
                async for told in listen(self.talk.world, self._watched, pause=self._pause):
                    self._take(told)
            except (ClosedError, ProblemError) as fault:
                self._say(fault)
                await self._pause(AGAIN_S[1])

    async def _look_at_keys(self) -> None:
        while self._entries:
            await self._entries.look()
            await self._pause(EVERY_S)

    async def _seal_again(self) -> None:
        """Whatever a newer suite left to do; once an hour, since colleagues get their keys one after the other."""
        while self._keep:
            try:
                await reseal(self.talk, self._keep)
            except (UnreachableError, ClosedError, ProblemError, NoKeyError) as fault:
                log.warning("not_sealed_again", why=type(fault).__name__)
            await self._pause(EVERY_S)

    async def _watched(self) -> AsyncIterator[bytes]:
        async for line in self._stream():
            self._well()
            yield line

    def _take(self, told: list[str]) -> None:
        """Of what was heard: messages of others, in conversations."""
        self._well()
        wanted = set(told)
        self.store.hear(
            (opened.message.id, group.name)
            for group in self._conversations()
            for opened in group.said()
            if opened.message.id in wanted and PERSON + opened.message.person != self.talk.me
        )

    async def _send(self) -> None:
        while True:
            self._given.clear()
            for outgoing in self.store.due(self._clock()):
                await self._try(outgoing)
            await self._rest(self.store.next_at())

    async def _rest(self, at: float | None) -> None:
        """Until something was given, or something that was put off may be tried."""
        waits: list[asyncio.Future[Any]] = [asyncio.create_task(self._given.wait())]
        if at is not None:
            waits.append(asyncio.ensure_future(self._pause(max(0.0, at - self._clock()))))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for each in waits:
                each.cancel()

    async def _try(self, outgoing: Outgoing) -> None:
        """Once. It keeps its id, so that what was stored although nobody heard so is not stored again."""
        assert outgoing.content is not None
        content = msgspec.json.decode(outgoing.content, type=Content)
        try:
            await self.talk.send(talking.Outgoing(outgoing.conversation, content, id=outgoing.id, at=outgoing.at))
        except (UnreachableError, ClosedError, NoKeyError) as fault:
            self._put_off(outgoing, type(fault).__name__)
        except (NotAMemberError, KeyError):
            self._refuse(outgoing, "not_found")
        except ProblemError as problem:
            if problem.status in PASSING or problem.code == CLOSED:
                self._put_off(outgoing, problem.code)
            else:
                self._refuse(outgoing, problem.code)
        else:
            self.store.settle(outgoing.id, "sent")

    def _put_off(self, outgoing: Outgoing, why: str) -> None:
        after_s = AGAIN_S[min(outgoing.tries, len(AGAIN_S) - 1)]
        self.store.put_off(outgoing.id, self._clock() + after_s, why)
        log.warning("put_off", message=outgoing.id, why=why, again_s=after_s)

    def _refuse(self, outgoing: Outgoing, why: str) -> None:
        self.store.settle(outgoing.id, "refused", why)
        log.error("refused", message=outgoing.id, why=why)

    def give(self, asked: NewCommunication, body: bytes) -> tuple[Outgoing, bool]:
        """Keep something to send; whether it was given before. Raises NotThereError, TakenError."""
        group = self._conversation(asked.conversation)
        if asked.answered is not None and asked.answered not in group.messages:
            raise NotThereError
        content = Content(kind="text", text=asked.payload[0].content_string, to=asked.answered)
        outgoing = Outgoing(
            id=new_id(),
            identifier=str(asked.identifier[0]),
            digest=digest(body.decode()),
            conversation=group.name,
            content=msgspec.json.encode(content),
            at=int(self._clock()),
        )
        kept = self.store.keep(outgoing)
        if kept.digest != outgoing.digest:
            raise TakenError
        self._given.set()
        return kept, kept.id != outgoing.id

    def find(self, name: str) -> dict[str, Any]:
        """A conversation, a message, or something given to be sent, as FHIR. Raises NotThereError."""
        if kept := self.store.outgoing(name):
            return _given(kept)
        if conversation := self.store.conversation_of(name):
            group = self._conversation(conversation)
            return self._message(group, group.messages[name])
        return self._thread(self._conversation(name))

    async def whole(self, name: str) -> dict[str, Any]:
        """A conversation with all that goes with it, as a bundle; its log tells of it. Raises NotThereError,
        ClosedError, UnreachableError.
        """
        try:
            return bundle(await extract_of(self.talk, self._conversation(name)))
        except ProblemError as problem:
            if problem.code == NOT_FOUND:
                raise NotThereError from None
            raise UnreachableError(str(problem)) from None

    async def threads_with(self, bsn: str) -> list[dict[str, Any]]:
        """Conversations that the patient with this BSN is in. Raises NotABsnError, ClosedError, UnreachableError."""
        person = await self._recognise(bsn)
        if person is None:
            return []
        found = [group for group in self._conversations() if PERSON + person in group.membership().members]
        return [self._thread(group) for group in found]

    def news(self, after: int, most: int) -> tuple[list[dict[str, Any]], int]:
        """Messages heard after this number, and the number of the last. Some may be out of reach since."""
        found, last = [], after
        for number, message, conversation in self.store.heard(after, most):
            group = self.talk.world.groups.get(conversation)
            if group is not None and message in group.messages:
                found.append(self._message(group, group.messages[message]))
            last = number
        return found, last

    def _message(self, group: Group, opened: Opened) -> dict[str, Any]:
        said = opened.message
        return conversations.message(
            name=said.id,
            conversation=group.name,
            kind=said.content.kind,
            text=words_of(said.content),
            sent=conversations.moment(said.at),
            sender={"display": self._name(PERSON + said.person)},
            answered=said.content.to,
        )

    def _thread(self, group: Group) -> dict[str, Any]:
        members = [self._name(member) for member in group.membership().members]
        return conversations.thread(group.name, recipients=[{"display": each} for each in members if each])

    def _name(self, member: str) -> str:
        contact = self.talk.world.contacts.get(member.removeprefix(PERSON))
        return contact.name if contact else ""

    def _conversations(self) -> list[Group]:
        return [group for group in self.talk.world.groups.values() if group.kind == "conversation"]

    def _conversation(self, name: str) -> Group:
        group = self.talk.world.groups.get(name)
        if group is None or group.kind != "conversation":
            raise NotThereError
        return group

    def _well(self) -> None:
        self.heard_at, self.why = self._clock(), ""

    def _say(self, fault: Exception) -> None:
        self.why = "closed" if isinstance(fault, ClosedError) else type(fault).__name__
        log.error("not_heard", why=self.why)


def _given(kept: Outgoing) -> dict[str, Any]:
    return fhir.outgoing(
        name=kept.id,
        conversation=kept.conversation,
        identifier=kept.identifier,
        state=kept.state,
        why=kept.why,
        at=kept.at,
    )
