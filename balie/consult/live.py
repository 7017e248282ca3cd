"""The requests of consulting, plain ASGI: statements, keysets and messages come in, and go out to those who belong. The
contract is `docs/spec/consult/server.md`.
"""

import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any

import msgspec

from balie.consult import destroyed, hot, logbook, marks, people, reads
from balie.consult.asking import GroupQuery, read_query, using
from balie.consult.attachments import Attachments
from balie.consult.consultations.api import answers as about_consultations
from balie.consult.econsults.api import answers as about_econsults
from balie.consult.extracts import read_extract
from balie.consult.hot import Page, StoreAnswer, StoreRequest, store_batch
from balie.consult.intake.posts import take_post
from balie.consult.intake.stated import POST_MAX, PostBody
from balie.consult.keylog.api import answers as about_key_log
from balie.consult.keylog.log import KeyLog
from balie.consult.keysets import BODY_MOST as KEYSET_MOST
from balie.consult.keysets import COMPACT_JWE, KeysetBody, keep_keyset, read_keyset
from balie.consult.protocol import messages
from balie.consult.protocol.boxes import kid_of
from balie.consult.protocol.payloads import Id, Name
from balie.consult.protocol.reasons import Rejected
from balie.consult.resealing import read_left
from balie.consult.reserves.acts import answers as about_reserves
from balie.consult.teams import BODY_MOST as TEAM_MOST
from balie.consult.teams import TeamBody, TeamQuery, TeamsQuery, name_team, read_team, read_teams
from balie.consult.tokens import Issuer, give_tokens
from balie.lib.asgi import Receive, Reply, Scope, Send, json_reply, moment, read_body
from balie.lib.bodies import read
from balie.lib.problems import Problem
from balie.practices.door import Door
from balie.practices.functions.picture import Functions
from balie.practices.passes import Pass
from balie.runtime.answering import answered
from balie.runtime.batcher import DEADLINE_S, Batcher, Job, Kind
from balie.runtime.duties import process_name
from balie.runtime.hot import Connection, notify, pool

ROOT = "/live/consult/"
TOPIC = "consult:0"
BODY_MOST = messages.ENVELOPE_MAX + 1024
PAGE_MOST = 100
SEVERAL_MOST = 30
READERS = 4
WRITERS = 2
LAST = 10**18 - 1


def several(length: int) -> str:
    """The pattern of names of this length with commas between."""
    name = f"[A-Za-z0-9_-]{{{length}}}"
    return rf"^{name}(,{name}){{0,{SEVERAL_MOST - 1}}}\Z"


class MessageBody(msgspec.Struct, frozen=True):
    """A message to be kept. Its envelope says itself under which key it is."""

    conversation: Name
    device: Id
    id: Id
    envelope: Annotated[str, msgspec.Meta(max_length=messages.ENVELOPE_MAX, pattern=COMPACT_JWE)]


class FeedQuery(msgspec.Struct, frozen=True):
    after: Annotated[int, msgspec.Meta(ge=0, le=LAST)] = 0


class LogQuery(FeedQuery, frozen=True, kw_only=True):
    group: Name | None = None


class HistoryQuery(FeedQuery, frozen=True, kw_only=True):
    group: Name
    until: Annotated[int, msgspec.Meta(ge=0, le=LAST)] = LAST


class HistoriesQuery(msgspec.Struct, frozen=True):
    """Several groups, separated by commas."""

    groups: Annotated[str, msgspec.Meta(pattern=several(43))]


class PersonsQuery(msgspec.Struct, frozen=True):
    """Several people, separated by commas."""

    persons: Annotated[str, msgspec.Meta(pattern=several(22))]


class PersonQuery(msgspec.Struct, frozen=True):
    person: Id


MESSAGE = msgspec.json.Decoder(MessageBody)
MARK = msgspec.json.Decoder(marks.MarkBody)
POST = msgspec.json.Decoder(PostBody)
TOLD = msgspec.json.Decoder(logbook.ToldBody)
READS = msgspec.json.Decoder(reads.ReadsBody)
TEAM = msgspec.json.Decoder(TeamBody)
KEYSET = msgspec.json.Decoder(KeysetBody)


class Live:
    """The app of one process. It has a batcher of its own: no message makes an order wait."""

    def __init__(
        self,
        dsn: str,
        door: Door,
        issuer: Issuer | None,
        functions: Functions,
        *,
        key_log: KeyLog | None,
        kinds: Mapping[str, Kind] | None = None,
    ) -> None:
        self._issuer = issuer
        self._batcher = Batcher(dsn, kinds or KINDS, process=process_name("consult"), role="consult")
        self._readers = pool(dsn, name="consult", most=READERS, patience_s=DEADLINE_S)
        self._writers = pool(dsn, name="consult statements", most=WRITERS, patience_s=DEADLINE_S)
        self._attachments = Attachments(dsn)
        self._door, self._functions = door, functions
        self._answers: dict[tuple[str, str], Callable[[Pass, Scope, Receive], Awaitable[Reply]]] = {
            ("POST", "messages"): self._message,
            ("POST", "statements"): self._statements,
            ("POST", "keyset"): self._keep_keyset,
            ("POST", "tokens"): self._tokens,
            ("GET", "keyset"): self._keyset,
            ("GET", "feed"): self._feed,
            ("GET", "history"): self._history,
            ("GET", "histories"): self._histories,
            ("GET", "groups"): self._groups,
            ("GET", "destroyed"): self._destroyed,
            ("GET", "resealing"): self._resealing,
            ("GET", "person"): self._person,
            ("GET", "persons"): self._persons,
            ("GET", "people"): self._people,
            ("GET", "teams"): self._teams,
            ("GET", "team"): self._team,
            ("POST", "team"): self._name_team,
            ("POST", "attachment"): self._attachments.keep,
            ("GET", "attachment"): self._attachments.give,
            ("GET", "reads"): self._reads,
            ("GET", "unread"): self._unread,
            ("POST", "read"): self._read,
            ("GET", "marks"): self._marks,
            ("POST", "mark"): self._mark,
            ("GET", "extract"): self._extract,
            ("GET", "log"): self._log,
            ("POST", "log"): self._tell_log,
            **about_consultations(readers=self._readers, writers=self._writers),
            **about_econsults(readers=self._readers, writers=self._writers, functions=functions, topic=TOPIC),
            **about_key_log(key_log, readers=self._readers),
            **about_reserves(readers=self._readers, writers=self._writers),
        }

    async def run(self) -> None:
        """Until cancelled."""
        async with self._readers, self._writers, self._attachments.files:
            await self._batcher.run()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = await answered(scope, partial(self._answer, scope, receive))
        await send(found.start)
        await send(found.body)

    async def _answer(self, scope: Scope, receive: Receive) -> Reply:
        answer = self._answers.get((scope["method"], scope["path"].removeprefix(ROOT)))
        if answer is None:
            raise Problem("not_found")
        held = self._door.enter(scope)
        renewal = self._door.renewal(held)
        reply = await answer(held, scope, receive)
        return reply.with_header(renewal) if renewal else reply

    async def _message(self, held: Pass, _scope: Scope, receive: Receive) -> Reply:
        arrived = time.monotonic()
        body = read(MESSAGE, await read_body(receive, limit=BODY_MOST, within_s=DEADLINE_S))
        try:
            key = kid_of(body.envelope)
        except Rejected:
            raise Problem("bad_request", errors=[{"at": "envelope", "code": "malformed"}]) from None
        request = StoreRequest(body.conversation, held.person, body.device, body.id, key, body.envelope)
        # One lane for all conversations: what arrives together is committed together.
        answer: StoreAnswer = await self._batcher.submit("message", 0, (body.conversation, body.id), request, arrived)
        if answer.closed is not None:
            raise self._functions.problem(answer.closed)
        if answer.outcome != "stored":
            raise Problem(answer.outcome)
        assert answer.received_at is not None
        return json_reply(200, {"place": answer.place, "received_at": moment(answer.received_at)})

    async def _statements(self, held: Pass, _scope: Scope, receive: Receive) -> Reply:
        body = read(POST, await read_body(receive, limit=POST_MAX, within_s=DEADLINE_S))

        async def keep(conn: Connection) -> Reply:
            stored = await take_post(conn, held.person, body.statements)
            await notify(conn, TOPIC)
            return json_reply(200, {"stored": stored})

        return await using(self._writers, keep)

    async def _keep_keyset(self, held: Pass, _scope: Scope, receive: Receive) -> Reply:
        body = read(KEYSET, await read_body(receive, limit=KEYSET_MOST, within_s=DEADLINE_S))
        await using(self._writers, lambda conn: keep_keyset(conn, held.person, body))
        return json_reply(200, {"version": body.version})

    async def _keyset(self, held: Pass, _scope: Scope, _receive: Receive) -> Reply:
        return json_reply(200, await using(self._readers, lambda conn: read_keyset(conn, held.person)))

    async def _tokens(self, held: Pass, _scope: Scope, _receive: Receive) -> Reply:
        if self._issuer is None:
            raise Problem("not_found")
        give = partial(give_tokens, self._issuer, person=held.person, now=int(time.time()))
        return json_reply(200, await using(self._readers, give))

    async def _feed(self, held: Pass, scope: Scope, _receive: Receive) -> Reply:
        asked = read_query(scope, FeedQuery)

        async def look(conn: Connection) -> Page:
            return await hot.read_page(conn, held.person, after=asked.after, most=PAGE_MOST)

        return await self._page(held, look)

    async def _history(self, held: Pass, scope: Scope, _receive: Receive) -> Reply:
        asked = read_query(scope, HistoryQuery)

        async def look(conn: Connection) -> Page | None:
            span = {"after": asked.after, "until": asked.until}
            return await hot.read_history(conn, held.person, asked.group, **span, most=PAGE_MOST)

        return await self._page(held, look)

    async def _histories(self, held: Pass, scope: Scope, _receive: Receive) -> Reply:
        """The first page of each: who opens a large inbox asks about many, and each asks only so often."""
        asked = read_query(scope, HistoriesQuery)

        async def fetch(conn: Connection) -> Reply:
            found = []
            for group in dict.fromkeys(asked.groups.split(",")):
                page = await hot.read_history(conn, held.person, group, after=0, until=LAST, most=PAGE_MOST)
                if page is not None:
                    found.append({"group": group, **await _content(conn, held, page)})
            return json_reply(200, {"histories": found})

        return await using(self._readers, fetch)

    async def _page(self, held: Pass, look: Callable[[Connection], Awaitable[Page | None]]) -> Reply:
        async def fetch(conn: Connection) -> Reply:
            page = await look(conn)
            if page is None:
                raise Problem("not_found")
            return json_reply(200, await _content(conn, held, page))

        return await using(self._readers, fetch)

    async def _groups(self, held: Pass, _scope: Scope, _receive: Receive) -> Reply:
        return json_reply(200, await using(self._readers, lambda conn: hot.read_groups(conn, held.person)))

    async def _destroyed(self, held: Pass, _scope: Scope, _receive: Receive) -> Reply:
        return json_reply(200, await using(self._readers, lambda conn: destroyed.read_destroyed(conn, held.person)))

    async def _resealing(self, held: Pass, _scope: Scope, _receive: Receive) -> Reply:
        return json_reply(200, await using(self._readers, lambda conn: read_left(conn, held.person)))

    async def _person(self, held: Pass, scope: Scope, _receive: Receive) -> Reply:
        asked = read_query(scope, PersonQuery)
        found = await using(self._readers, lambda conn: people.read_person(conn, held, asked.person))
        if found is None:
            raise Problem("not_found")
        return json_reply(200, found)

    async def _persons(self, held: Pass, scope: Scope, _receive: Receive) -> Reply:
        asked = read_query(scope, PersonsQuery)

        async def fetch(conn: Connection) -> Reply:
            found = [await people.read_person(conn, held, each) for each in dict.fromkeys(asked.persons.split(","))]
            return json_reply(200, {"people": [each for each in found if each is not None]})

        return await using(self._readers, fetch)

    async def _reads(self, held: Pass, scope: Scope, _receive: Receive) -> Reply:
        asked = read_query(scope, GroupQuery)
        found = await using(self._readers, lambda conn: reads.read_reads(conn, held.person, asked.group))
        if found is None:
            raise Problem("not_found")
        return json_reply(200, {"reads": found})

    async def _unread(self, held: Pass, _scope: Scope, _receive: Receive) -> Reply:
        count = await using(self._readers, lambda conn: reads.count_unread(conn, held.person))
        return json_reply(200, {"conversations": count})

    async def _read(self, held: Pass, _scope: Scope, receive: Receive) -> Reply:
        body = read(READS, await read_body(receive, limit=reads.BODY_MOST, within_s=DEADLINE_S))

        async def keep(conn: Connection) -> Reply:
            changed = await reads.keep_reads(conn, held.person, body.reads)
            await notify(conn, *(f"{reads.TOPIC}:{group}" for group in changed))
            return json_reply(200, {})

        return await using(self._writers, keep)

    async def _marks(self, held: Pass, _scope: Scope, _receive: Receive) -> Reply:
        return json_reply(200, await using(self._readers, lambda conn: marks.read_marks(conn, held.person)))

    async def _mark(self, held: Pass, _scope: Scope, receive: Receive) -> Reply:
        body = read(MARK, await read_body(receive, limit=marks.BODY_MOST, within_s=DEADLINE_S))
        await using(self._writers, lambda conn: marks.keep_mark(conn, held.person, body))
        return json_reply(200, {})

    async def _log(self, held: Pass, scope: Scope, _receive: Receive) -> Reply:
        asked = read_query(scope, LogQuery)
        look = partial(logbook.read_log, person=held.person, group=asked.group, after=asked.after)
        return json_reply(200, await using(self._readers, look))

    async def _extract(self, held: Pass, scope: Scope, _receive: Receive) -> Reply:
        asked = read_query(scope, GroupQuery)
        return json_reply(200, await using(self._readers, lambda conn: read_extract(conn, held, asked.group)))

    async def _tell_log(self, held: Pass, _scope: Scope, receive: Receive) -> Reply:
        body = read(TOLD, await read_body(receive, limit=logbook.BODY_MOST, within_s=DEADLINE_S))
        await using(self._writers, lambda conn: logbook.tell_log(conn, held.person, body.entries))
        return json_reply(200, {})

    async def _people(self, held: Pass, _scope: Scope, _receive: Receive) -> Reply:
        return json_reply(200, await using(self._readers, lambda conn: people.read_people(conn, held)))

    async def _teams(self, held: Pass, scope: Scope, _receive: Receive) -> Reply:
        asked = read_query(scope, TeamsQuery)
        return json_reply(200, await using(self._readers, lambda conn: read_teams(conn, held, asked.find)))

    async def _team(self, held: Pass, scope: Scope, _receive: Receive) -> Reply:
        asked = read_query(scope, TeamQuery)
        found = await using(self._readers, lambda conn: read_team(conn, held, asked, most=PAGE_MOST))
        if found is None:
            raise Problem("not_found")
        return json_reply(200, found)

    async def _name_team(self, held: Pass, _scope: Scope, receive: Receive) -> Reply:
        body = read(TEAM, await read_body(receive, limit=TEAM_MOST, within_s=DEADLINE_S))
        await using(self._writers, lambda conn: name_team(conn, held, body))
        return json_reply(200, {})


async def _content(conn: Connection, held: Pass, page: Page) -> dict[str, Any]:
    events = await hot.read_events(conn, held.person, page.feeds) if page.feeds else []
    return {"events": [each.content() for each in events], "after": page.reached, "more": page.more}


async def _settle(conn: Connection, _about: int, jobs: Sequence[Job]) -> Sequence[Any]:
    return await store_batch(conn, [job.request for job in jobs])


KINDS = {"message": Kind(_settle, "consult")}
