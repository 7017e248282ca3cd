"""The hub of a process's streams: it makes each piece of news once and hands the same bytes to all who listen.

No beat waits for the database: what needs queries runs beside it.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import date
from typing import Any

import psycopg
import structlog

from balie.lib.asgi import Receive, Send, moment
from balie.ordering.nightwatch import read_history, read_night
from balie.ordering.picture import CampaignPicture, Pictures
from balie.practices.passes import Pass
from balie.practices.streams import Seats, Stream, event
from balie.runtime.hot import Connection
from balie.waitingroom.gate import Gate

log = structlog.get_logger()

NEWS_AT_MOST_EVERY_S = 0.25
NO_NEWS_S = 0.6  # pictures are read more often, and a beat is best right after that
ROOM_AT_MOST_EVERY_S = 1.0
VERSIONS_EVERY_S = 0.4
NIGHT_EVERY_S = 1.0
READ_WITHIN_S = 5.0

# What changes in the state by itself, without anything having happened.
PASSING = frozenset({"now", "wall", "age_ms", "poll_after_ms"})

READ_VERSIONS = """
select practice_id, sum(version)::bigint from ordering_hold
 where campaign_id = %s and practice_id = any(%s::bigint[]) group by practice_id
"""


FUNCTIONS = event("functions", b"{}")


def lasting(state: dict[str, Any]) -> dict[str, Any]:
    """A room's state without what changes by itself."""
    return {name: value for name, value in state.items() if name not in PASSING}


class NightStream(Stream):
    """A stream of a practice or (None) of a control room.

    `version` is that of the practice as last told; `wants_history` until the night's was sent.
    """

    def __init__(self, held: Pass, *, practice: int | None) -> None:
        super().__init__(held)
        self.practice = practice
        self.version: int | None = None
        self.wants_history = True


class Channel:
    """The streams of one campaign, and what they have been told."""

    def __init__(self, campaign: CampaignPicture) -> None:
        self.campaign = campaign
        self.streams: set[NightStream] = set()
        self.nights: set[NightStream] = set()
        self._gate = Gate(campaign.row.id, campaign.room)
        self._days: dict[date, bytes] = {}
        self._room: dict[str, Any] = {}
        self._room_at = 0.0

    def first(self, at: float) -> bytes:
        """The whole picture at monotonic time `at`, for a stream that begins."""
        content, days = self._gate.state_content(at), self.campaign.day_bodies
        if not self.streams:  # what they have been told was told to nobody who is still there
            self._room, self._room_at, self._days = lasting(content), at, days
        calendar = self.campaign.calendar_body(at, days.values())
        return event("room", content) + event("calendar", calendar) + self.beat(at)

    def beat(self, at: float) -> bytes:
        """How old the picture is, and what time it is for holds."""
        return event("beat", {"now": moment(self.campaign.room.service_now(at)), **self.campaign.age(at)})

    def news(self, at: float) -> bytes:
        """What changed since this was last asked, and a beat."""
        parts = []
        content = self._gate.state_content(at)
        if lasting(content) != self._room and at - self._room_at >= ROOM_AT_MOST_EVERY_S:
            self._room, self._room_at = lasting(content), at
            parts.append(event("room", content))
        if self.campaign.day_bodies is not self._days:
            before, self._days = self._days, self.campaign.day_bodies
            if changed := [body for day, body in self._days.items() if before.get(day) != body]:
                parts.append(event("calendar", self.campaign.calendar_body(at, changed, partial=True)))
        return b"".join([*parts, self.beat(at)])

    async def tell_versions(self, conn: Connection) -> None:
        """Tell the streams of a practice when something of it changed; a new one first of all where it stands."""
        practices = "{" + ",".join({str(stream.practice) for stream in self.streams}) + "}"
        rows = await (await conn.execute(READ_VERSIONS, (self.campaign.row.id, practices))).fetchall()
        versions: dict[int | None, int] = dict(rows)
        for stream in self.streams:
            version = versions.get(stream.practice, 0)
            if stream.version != version:
                stream.version = version
                stream.push(event("mine", {"version": version}))

    async def tell_night(self, conn: Connection) -> None:
        """Tell the control rooms how the night stands; a new one first how it went so far."""
        fresh = [stream for stream in self.nights if stream.wants_history]
        if fresh:
            history = event("history", await read_history(conn, self.campaign))
            for stream in fresh:
                stream.wants_history = False
                stream.push(history)
        night = event("night", await read_night(conn, self.campaign))
        for stream in self.nights:
            stream.push(night)


class Hub:
    """What the streams of campaigns are told; `run` is its life."""

    def __init__(self, pictures: Pictures, seats: Seats) -> None:
        self._pictures, self._seats = pictures, seats
        self._channels: dict[int, Channel] = {}
        self._news = asyncio.Event()
        pictures.after_read(self._news.set)
        pictures.functions.after_change(self._tell_functions)

    async def serve(self, stream: NightStream, campaign: CampaignPicture, receive: Receive, send: Send) -> None:
        """The life of one stream, its response already begun."""
        channel = self._channels.get(campaign.row.id)
        if channel is None or channel.campaign is not campaign:
            channel = self._channels[campaign.row.id] = Channel(campaign)
        if stream.practice is not None:
            stream.push(channel.first(time.monotonic()))
        mates = channel.nights if stream.practice is None else channel.streams
        mates.add(stream)
        try:
            with self._seats.taken(stream):
                await stream.write(receive, send)
        finally:
            mates.discard(stream)

    async def run(self) -> None:
        """Until cancelled."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._spread_news())
            tasks.create_task(self._repeat(VERSIONS_EVERY_S, self._tell_versions))
            tasks.create_task(self._repeat(NIGHT_EVERY_S, self._tell_nights))

    def _tell_functions(self) -> None:
        """Something was closed or opened: what that is for whom, they ask."""
        for channel in self._channels.values():
            for stream in channel.streams:
                stream.push(FUNCTIONS)

    async def _spread_news(self) -> None:
        """After every read of the pictures; and when none succeeds too, so that everyone sees the age grow."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(NO_NEWS_S - NEWS_AT_MOST_EVERY_S):
                    await self._news.wait()
            self._news.clear()
            at = time.monotonic()
            for channel in self._channels.values():
                if channel.streams:
                    news = channel.news(at)
                    for stream in channel.streams:
                        stream.push(news)
                if channel.nights:
                    beat = channel.beat(at)
                    for stream in channel.nights:
                        stream.push(beat)
            await asyncio.sleep(NEWS_AT_MOST_EVERY_S)

    async def _repeat(self, every_s: float, tell: Callable[[Connection], Awaitable[None]]) -> None:
        """`tell` again and again, as long as there is a database to ask, and whatever went wrong the last time."""
        while True:
            await asyncio.sleep(every_s)
            conn = self._pictures.link.conn
            if conn is None:
                continue
            try:
                async with asyncio.timeout(READ_WITHIN_S):
                    await tell(conn)
            except (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError) as fault:
                log.warning("stream_without_database", fault=str(fault).strip())
            except Exception:  # a plot of the control room, say: no reason to end everybody's streams, and the process
                log.exception("stream_news_failed")

    async def _tell_versions(self, conn: Connection) -> None:
        for channel in list(self._channels.values()):
            if channel.streams:
                await channel.tell_versions(conn)

    async def _tell_nights(self, conn: Connection) -> None:
        for channel in list(self._channels.values()):
            if channel.nights:
                await channel.tell_night(conn)
