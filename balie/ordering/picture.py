"""The one picture of campaigns, rooms and days that a process answers from (P7).

It is read again more than twice a second, and at once, though never more than ten times a second, when another process
says that something changed.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

import msgspec
from psycopg.rows import class_row

from balie.lib.asgi import JSON, PRIVATE, Reply, moment, reply
from balie.lib.problems import Problem
from balie.ordering.hot import DayRow, Line, read_days
from balie.practices.functions.picture import Functions
from balie.practices.passes import PassCheck
from balie.practices.tokens import Tokens
from balie.runtime.hot import Connection
from balie.runtime.link import Link
from balie.waitingroom.gate import FRESH_S
from balie.waitingroom.picture import RoomPicture

READ_EVERY_S = 0.4
READ_AT_MOST_EVERY_S = 0.1
REST_PER_READ = 9  # reading takes a tenth of the time at most, however much there is to read
READ_WITHIN_S = 5.0
READ_ANEW_WITHIN_S = 2.0
ALTERNATIVES = 4
FORECAST_CACHE = (b"cache-control", b"public, max-age=15")

READ_CAMPAIGNS = """
select id, room_id as room, window_s, is_probe, forecast ->> 'made_at' as forecast_made_at, early_until
  from ordering_campaign order by id
"""
READ_FORECAST = "select forecast::text from ordering_campaign where id = %s"


class CampaignRow(msgspec.Struct, frozen=True):
    """What the hot paths need of a campaign, apart from what its room and days say."""

    id: int
    room: int
    window_s: int
    is_probe: bool
    forecast_made_at: str | None
    early_until: date | None


class CampaignPicture:
    """One campaign: its room, its days, its forecast. Others see it from its first successful `read` on."""

    def __init__(self, row: CampaignRow) -> None:
        self.row = row
        self.room = RoomPicture(row.room)
        self.days: list[DayRow] = []
        self.day_bodies: dict[date, bytes] = {}
        self._forecast: Reply | None = None
        self._calendar: Reply | None = None
        self._calendar_until = 0.0

    async def read(self, conn: Connection, row: CampaignRow) -> None:
        """Room first: its clock is what the picture is `as_of`, and everything else is read later than that."""
        await self.room.read(conn)
        days = await read_days(conn, row.id)
        if days != self.days:
            self.days, self.day_bodies = days, {each.day: msgspec.json.encode(day_content(each)) for each in days}
        self._calendar = None
        if row.forecast_made_at is None:
            self._forecast = None
        elif self._forecast is None or row.forecast_made_at != self.row.forecast_made_at:
            text = await (await conn.execute(READ_FORECAST, (row.id,))).fetchone()
            self._forecast = reply(200, text[0].encode(), JSON, FORECAST_CACHE) if text and text[0] else None
        self.row = row

    def forecast(self) -> Reply:
        """Raises Problem when there is none yet."""
        if self._forecast is None:
            raise Problem("no_forecast")
        return self._forecast

    def calendar(self) -> Reply:
        """The whole calendar with its age."""
        at = time.monotonic()
        if self._calendar is None or at >= self._calendar_until:
            body = self.calendar_body(at, self.day_bodies.values())
            self._calendar, self._calendar_until = reply(200, body, JSON, PRIVATE), at + FRESH_S
        return self._calendar

    def calendar_body(self, at: float, days: Iterable[bytes], **more: Any) -> bytes:
        """The calendar of these days, each encoded already, as it is at monotonic time `at`."""
        head = {"campaign": self.row.id, **self.age(at), **more}
        return msgspec.json.encode(head)[:-1] + b',"days":[' + b",".join(days) + b"]}"

    def age(self, at: float) -> dict[str, Any]:
        """Of when the picture is, and how long ago that was."""
        room = self.room
        return {
            "as_of": moment(room.row.service_now),
            "age_ms": round(room.age_s(at) * 1000),
            "still": room.still(at),
        }

    def alternatives(
        self, lines: Sequence[Line], failed: Sequence[date], near: date | None, *, slot: int = 0
    ) -> list[date]:
        """Up to four days, nearest to `near` first, that have room now for all of these lines together, and are for
        orders in that slot.
        """
        doses, addresses = sum(line.doses for line in lines), len({line.location for line in lines})
        roomy = [
            each.day
            for each in self.days
            if each.day not in failed
            and self._is_for(slot, each.day)
            and each.doses_limit - each.doses_taken >= doses
            and each.addresses_limit - each.addresses_taken >= addresses
        ]
        if near is not None:
            roomy.sort(key=lambda day: (abs((day - near).days), day))
        return roomy[:ALTERNATIVES]

    def _is_for(self, slot: int, day: date) -> bool:
        until = self.row.early_until
        return until is None or (day <= until) == (slot == 1)


def day_content(row: DayRow) -> dict[str, Any]:
    """A day as the calendar shows it: what can be had now, and what is in somebody's window."""
    return {
        "day": row.day,
        "doses": {"limit": row.doses_limit, "free": row.doses_limit - row.doses_taken, "held": row.doses_held},
        "addresses": {
            "limit": row.addresses_limit,
            "free": row.addresses_limit - row.addresses_taken,
            "held": row.addresses_held,
        },
    }


class Pictures:
    """All campaigns of one process, and the loop that keeps them fresh. `read_at` is as in `RoomPicture`."""

    def __init__(self, dsn: str, passes: PassCheck, tokens: Tokens) -> None:
        self.link = Link(dsn, name="read")
        self.campaigns: dict[int, CampaignPicture] = {}
        self.read_once = asyncio.Event()
        self.read_at = 0.0
        self.functions = Functions()
        self._passes, self._tokens, self._passes_changed = passes, tokens, True
        self._dirty = asyncio.Event()
        self._just_read = asyncio.Event()
        self._after_read: list[Callable[[], None]] = []

    def after_read(self, tell: Callable[[], None]) -> None:
        """Call `tell` after every read that succeeded."""
        self._after_read.append(tell)

    async def read_anew(self) -> None:
        """Until all has been read from here on: what is not known here may have begun a moment ago.

        Raises Problem (`try_again`) when it could not be read.
        """
        asked = time.monotonic()
        try:
            async with asyncio.timeout(READ_ANEW_WITHIN_S):
                while self.read_at < asked:
                    await self._just_read.wait()
        except TimeoutError as fault:
            raise Problem("try_again") from fault

    def hear(self, _about: int | None) -> None:
        """Something changed, somewhere: read soon."""
        self._dirty.set()

    def hear_of_passes(self, _about: int | None) -> None:
        """Passes were revoked, or tokens made or ended: read soon, those too."""
        self._passes_changed = True
        self._dirty.set()

    async def run(self) -> None:
        await self.link.run(self._keep_fresh)

    async def _keep_fresh(self, conn: Connection) -> None:
        while True:
            began = time.monotonic()
            self._dirty.clear()
            async with asyncio.timeout(READ_WITHIN_S):
                await self._read(conn)
            self.read_at = began
            self.read_once.set()
            for tell in self._after_read:
                tell()
            self._just_read.set()
            self._just_read = asyncio.Event()
            rest = max(READ_AT_MOST_EVERY_S, REST_PER_READ * (time.monotonic() - began))
            await asyncio.sleep(min(rest, READ_EVERY_S))
            try:
                async with asyncio.timeout(began + READ_EVERY_S - time.monotonic()):
                    await self._dirty.wait()
            except TimeoutError:
                continue

    async def _read(self, conn: Connection) -> None:
        if self._passes_changed:
            self._passes_changed = False
            try:
                await self._passes.read(conn)
                await self._tokens.read(conn)
            except BaseException:
                self._passes_changed = True
                raise
        await self.functions.read(conn)
        async with conn.cursor(row_factory=class_row(CampaignRow)) as cursor:
            rows = await (await cursor.execute(READ_CAMPAIGNS)).fetchall()
        for row in rows:
            known = self.campaigns.get(row.id)
            if known is None or known.row.room != row.room:
                known = CampaignPicture(row)
            await known.read(conn, row)
            self.campaigns[row.id] = known
        for gone in self.campaigns.keys() - {row.id for row in rows}:
            del self.campaigns[gone]
