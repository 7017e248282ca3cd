"""Streams that say when there is something new, and what. One read for all who listen in this process, then the same
bytes for each. The contract is `docs/spec/consult/server.md`, "/stream/consult".
"""

import asyncio
from collections.abc import Sequence
from contextlib import suppress

import msgspec
import structlog

from balie.consult.destroyed import read_witnesses
from balie.consult.hot import NewsRow, message_content, read_news
from balie.consult.reads import by_conversation, read_readings
from balie.lib.asgi import Receive, Scope, Send, send_reply
from balie.lib.problems import Problem
from balie.practices.door import Door
from balie.practices.functions.picture import Functions
from balie.practices.passes import Pass
from balie.practices.streams import HEADERS, Seats, Stream, event
from balie.runtime.answering import refused
from balie.runtime.hot import Connection
from balie.runtime.link import Link

log = structlog.get_logger()

PATH = "/stream/consult"
BEAT_S = 15.0
AT_MOST_EVERY_S = 0.02
READ_WITHIN_S = 5.0
EVENTS_MOST = 1000
EVENTS_MAX = 64 * 1024  # bytes of events in one piece of news; who gets more asks for it
BEAT = event("beat", b"{}")
FUNCTIONS = event("functions", b"{}")


class NewsStream(Stream):
    """`told` is the number up to which its reader has heard everything."""

    def __init__(self, held: Pass, told: int) -> None:
        super().__init__(held)
        self.told = told
        self.tell(told, b"")

    def tell(self, feed: int, events: bytes | None) -> None:
        """All that is new for them up to `feed`, as JSON; None or empty: they must ask."""
        body = b'"events":[%b]' % events if events else b""
        self.push(event("news", b'{"after":%d,"feed":%d%b}' % (self.told, feed, b"," + body if body else b"")))
        self.told = feed


class News:
    """The app of one process; `run` is its life."""

    def __init__(self, dsn: str, seats: Seats, door: Door, functions: Functions) -> None:
        self._link = Link(dsn, name="consult news")
        self._seats, self._door = seats, door
        self._streams: set[NewsStream] = set()
        self.ready = asyncio.Event()
        self._reached: int | None = None
        self._read_in: set[int] = set()
        self._destroyed: set[int] = set()
        self._wake = asyncio.Event()
        functions.after_change(self._tell_functions)

    def hear(self, _about: int | None) -> None:
        """Something may have come."""
        self._wake.set()

    def hear_reads(self, conversation: int | None) -> None:
        """Somebody has read on; what was missed while nothing was heard is asked for by whoever shows it."""
        if conversation is not None:
            self._read_in.add(conversation)
            self._wake.set()

    def hear_destroyed(self, destruction: int | None) -> None:
        """Who could read it must ask what is gone; who begins to listen later asks by itself."""
        if destruction is not None:
            self._destroyed.add(destruction)
            self._wake.set()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            held, reached = self._enter(scope)
        except Problem as problem:
            await send_reply(send, refused(scope, problem))
            return
        stream = NewsStream(held, reached)
        renewal = self._door.renewal(held)
        headers = [*HEADERS, renewal] if renewal else list(HEADERS)
        self._streams.add(stream)
        try:
            with self._seats.taken(stream):
                await send({"type": "http.response.start", "status": 200, "headers": headers})
                await stream.write(receive, send)
        finally:
            self._streams.discard(stream)

    def _enter(self, scope: Scope) -> tuple[Pass, int]:
        """Who may listen, and from where on. Raises Problem."""
        if scope["method"] != "GET":
            raise Problem("not_found")
        held = self._door.enter(scope)
        if self._seats.closed or self._reached is None:
            raise Problem("try_again")
        if self._seats.refuses(held):
            raise Problem("too_many_streams")
        return held, self._reached

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._link.run(self._read_on))
            tasks.create_task(self._beat())

    def _tell_functions(self) -> None:
        for stream in self._streams:
            stream.push(FUNCTIONS)

    async def _beat(self) -> None:
        while True:
            await asyncio.sleep(BEAT_S)
            for stream in self._streams:
                stream.push(BEAT)

    async def _read_on(self, conn: Connection) -> None:
        """Whenever something may have come; at the beginning too, as nobody heard what came while we were away."""
        while True:
            async with asyncio.timeout(READ_WITHIN_S):
                await self._tell(conn)
                await self._tell_reads(conn)
                await self._tell_destroyed(conn)
            await asyncio.sleep(AT_MOST_EVERY_S)
            with suppress(TimeoutError):  # nothing heard is no proof that nothing came
                async with asyncio.timeout(BEAT_S):
                    await self._wake.wait()
            self._wake.clear()

    async def _tell(self, conn: Connection) -> None:
        after, asked = self._reached, {stream.held.person for stream in self._streams}
        reached, rows = await read_news(conn, after or 0, sorted(asked), most=EVENTS_MOST)
        self._reached = reached
        self.ready.set()
        all_ask = after is None or reached - after > EVENTS_MOST
        theirs = _by_person(rows)
        for stream in self._streams:
            person = stream.held.person
            if all_ask or person not in asked:  # the latter began to listen while we read
                stream.tell(reached, None)
            elif person in theirs:
                stream.tell(reached, theirs[person])

    async def _tell_reads(self, conn: Connection) -> None:
        conversations, self._read_in = sorted(self._read_in), set()
        if not conversations or not self._streams:
            return
        rows = await read_readings(conn, conversations, {stream.held.person for stream in self._streams})
        theirs: dict[int, list[bytes]] = {}
        for persons, content in by_conversation(rows):
            news = event("reads", content)
            for person in persons:
                theirs.setdefault(person, []).append(news)
        # In one piece: whoever opens a large inbox has read in many conversations at once, and nobody is slow by that.
        for stream in self._streams:
            if stream.held.person in theirs:
                stream.push(b"".join(theirs[stream.held.person]))

    async def _tell_destroyed(self, conn: Connection) -> None:
        destructions, self._destroyed = sorted(self._destroyed), set()
        if not destructions:
            return
        who = await read_witnesses(conn, destructions)
        for stream in self._streams:
            if stream.held.person in who and self._reached is not None:
                stream.tell(self._reached, None)


def _by_person(rows: Sequence[NewsRow]) -> dict[int, bytes | None]:
    """Person to the events for them, as JSON with commas between; None when they must ask. Each is written once."""
    events: dict[int, list[bytes]] = {}
    asks = set()
    for row in rows:
        written = msgspec.json.encode(message_content(row)) if row.envelope is not None else None
        for person in row.persons or ():
            if written is None:
                asks.add(person)
            events.setdefault(person, []).append(written or b"")
    return {
        person: None if person in asks or sum(map(len, each)) > EVENTS_MAX else b",".join(each)
        for person, each in events.items()
    }
