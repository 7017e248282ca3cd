"""The hot paths of consulting, plain ASGI: messages come in, and go out to those who belong. The contract is
`docs/spec/consult/server.md`.
"""

import asyncio
import time
from collections.abc import Sequence
from functools import partial
from typing import Annotated, Any

import msgspec
import psycopg

from balie.consult.hot import StoreAnswer, StoreRequest, read_feed, store_batch
from balie.consult.protocol import messages
from balie.consult.protocol.boxes import kid_of
from balie.consult.protocol.payloads import Id, Name
from balie.consult.protocol.reasons import Rejected
from balie.lib.asgi import Receive, Reply, Scope, Send, json_reply, moment, read_body
from balie.lib.bodies import read
from balie.lib.problems import Problem
from balie.practices.door import Door
from balie.practices.passes import Pass
from balie.runtime.answering import answered
from balie.runtime.batcher import DEADLINE_S, Batcher, Job, Kind
from balie.runtime.duties import process_name
from balie.runtime.hot import Connection, pool
from balie.runtime.link import AwayError

ROOT = "/live/consult/"
BODY_MOST = messages.ENVELOPE_MAX + 1024
FEED_MOST = 100
READERS = 4
COMPACT_JWE = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}\Z"
_LONGEST_NUMBER = 18


class MessageBody(msgspec.Struct, frozen=True):
    """A message to be kept. Its envelope says itself under which key it is."""

    conversation: Name
    device: Id
    id: Id
    envelope: Annotated[str, msgspec.Meta(max_length=messages.ENVELOPE_MAX, pattern=COMPACT_JWE)]


MESSAGE = msgspec.json.Decoder(MessageBody)


class Live:
    """The app of one process. It has a batcher of its own: no message makes an order wait."""

    def __init__(self, dsn: str, door: Door) -> None:
        self._batcher = Batcher(dsn, KINDS, process=process_name("consult"), role="consult")
        self._readers = pool(dsn, name="consult", most=READERS, patience_s=DEADLINE_S)
        self._door = door

    async def run(self) -> None:
        """Until cancelled."""
        async with self._readers:
            await self._batcher.run()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = await answered(scope, partial(self._answer, scope, receive, time.monotonic()))
        await send(found.start)
        await send(found.body)

    async def _answer(self, scope: Scope, receive: Receive, arrived: float) -> Reply:
        what = (scope["method"], scope["path"].removeprefix(ROOT))
        if what not in {("POST", "messages"), ("GET", "feed")}:
            raise Problem("not_found")
        held = self._door.enter(scope)
        renewal = self._door.renewal(held)
        reply = await (self._store(held, receive, arrived) if scope["method"] == "POST" else self._feed(held, scope))
        return reply.with_header(renewal) if renewal else reply

    async def _store(self, held: Pass, receive: Receive, arrived: float) -> Reply:
        body = read(MESSAGE, await read_body(receive, limit=BODY_MOST, within_s=DEADLINE_S))
        try:
            key = kid_of(body.envelope)
        except Rejected:
            raise Problem("bad_request", errors=[{"at": "envelope", "code": "malformed"}]) from None
        request = StoreRequest(body.conversation, held.person, body.device, body.id, key, body.envelope)
        # One lane for all conversations: what arrives together is committed together.
        answer: StoreAnswer = await self._batcher.submit("message", 0, (body.conversation, body.id), request, arrived)
        if answer.outcome != "stored":
            raise Problem(answer.outcome)
        assert answer.received_at is not None
        return json_reply(200, {"place": answer.place, "received_at": moment(answer.received_at)})

    async def _feed(self, held: Pass, scope: Scope) -> Reply:
        after = _after(scope)
        try:
            async with asyncio.timeout(DEADLINE_S), self._readers.connection() as conn:
                rows = await read_feed(conn, held.person, after=after, most=FEED_MOST)
        except (psycopg.OperationalError, psycopg.InterfaceError) as fault:
            raise AwayError from fault
        content = [{**msgspec.structs.asdict(row), "received_at": moment(row.received_at)} for row in rows]
        return json_reply(200, {"messages": content, "more": len(rows) == FEED_MOST})


def _after(scope: Scope) -> int:
    """Where in the feed the reader was; the beginning when it does not say."""
    for pair in scope["query_string"].split(b"&"):
        name, _, value = pair.partition(b"=")
        if name == b"after":
            if not value.isdigit() or len(value) > _LONGEST_NUMBER:
                raise Problem("bad_request", errors=[{"at": "after", "code": "type"}])
            return int(value)
    return 0


async def _settle(conn: Connection, _about: int, jobs: Sequence[Job]) -> Sequence[Any]:
    return await store_batch(conn, [job.request for job in jobs])


KINDS = {"message": Kind(_settle, "consult")}
