"""What the leader of the night does for every open room: freeze, draw, and call numbers at the room's pace."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import psycopg
import structlog

from balie.runtime.hot import Connection, fetch_one, notify
from balie.waitingroom.beacon import BeaconAwayError, fetch_beacon
from balie.waitingroom.draw import draw_numbers
from balie.waitingroom.hot import (
    RoomRow,
    RoundRow,
    call_numbers,
    freeze,
    live_rooms,
    read_room,
    read_tickets,
    write_draw,
)

log = structlog.get_logger()

NIGHT_INTERVAL_S = 0.5
BEACON_PATIENCE = timedelta(seconds=60)
# Slower commits slow the calling, in proportion; nothing speeds it up, and mail does not come into it.
CALM_COMMIT_MS = 250.0
# After a pause or a failover at most this much of the pace is made up for at once.
LARGEST_WAVE_S = 3.0

SLOWEST_COMMIT = """
select coalesce(max((detail ->> 'commit_ms')::float8), 0) from runtime_heartbeat
 where role = 'live' and beat_at > clock_timestamp() - interval '5 seconds'
"""


Gather = Callable[[Connection, int], Awaitable[None]]


class Night:
    """The leader's memory: how many numbers each room is owed. A new leader starts with none, which only slows.

    `gather` lets in whoever should be in a room's list and cannot come by itself, just before the list freezes.
    """

    def __init__(self, *, beacon_url: str, gather: Gather | None = None) -> None:
        self.beacon_url = beacon_url
        self._gather = gather
        self._owed: dict[int, float] = {}
        self._seen: dict[int, float] = {}

    async def act(self, conn: Connection, fence: int) -> None:
        """What is due now in all open rooms. All of it can be read from the rows, so any leader can go on with it."""
        for room in await live_rooms(conn):
            row = await read_room(conn, room)
            while row.next_draw_at is not None and row.next_draw_at <= row.wall_now:
                if not await self._freeze(conn, room, fence):
                    break
                row = await read_room(conn, room)
            for each in row.rounds:
                if each.frozen_at is not None and each.drawn_at is None:
                    await self._draw(conn, row, each, fence)
            await self._call(conn, row, fence)

    async def _freeze(self, conn: Connection, room: int, fence: int) -> bool:
        await self._let_in(conn, room)
        frozen = await freeze(conn, room=room, fence=fence)
        if frozen is None:
            return False
        log.info("list_frozen", room=room, round=frozen)
        await notify(conn, f"room:{room}")
        return True

    async def _let_in(self, conn: Connection, room: int) -> None:
        """No fault of it may hold up the draw for everybody who did come."""
        if self._gather is None:
            return
        try:
            await self._gather(conn, room)
        except psycopg.DatabaseError:
            log.exception("not_all_let_in", room=room)

    async def _draw(self, conn: Connection, row: RoomRow, drawn: RoundRow, fence: int) -> None:
        try:
            beacon = await self._beacon(row, drawn)
        except BeaconAwayError as fault:
            log.warning("beacon_away", room=row.id, round=drawn.position, fault=str(fault))
            return
        assert drawn.seed is not None
        # Whoever joined this round after its freeze got a number at once.
        listed = [
            ticket
            for ticket in await read_tickets(conn, row.id, 0)
            if ticket.round == drawn.position and ticket.number is None
        ]
        tickets = await asyncio.to_thread(
            draw_numbers,
            seed=drawn.seed,
            beacon=bytes.fromhex(beacon["value"]) if beacon else b"",
            tickets=[str(ticket.id) for ticket in listed],
        )
        if await write_draw(conn, room=row.id, fence=fence, round_=drawn.position, tickets=tickets, beacon=beacon):
            log.info("numbers_drawn", room=row.id, round=drawn.position, tickets=len(tickets), beacon=bool(beacon))
            await notify(conn, f"room:{row.id}")

    async def _beacon(self, row: RoomRow, drawn: RoundRow) -> dict[str, Any] | None:
        """None when no beacon is set, or when it stayed away too long: practices wait, and the pages say it."""
        assert drawn.frozen_at is not None
        if not self.beacon_url:
            return None
        try:
            return await fetch_beacon(self.beacon_url, frozen_at=drawn.frozen_at)
        except BeaconAwayError:
            if row.wall_now - drawn.frozen_at < BEACON_PATIENCE:
                raise
            return None

    async def _call(self, conn: Connection, row: RoomRow, fence: int) -> None:
        now = time.monotonic()
        passed = min(now - self._seen.get(row.id, now), LARGEST_WAVE_S)
        self._seen[row.id] = now
        if row.paused or row.still or row.called >= row.last:
            self._owed[row.id] = 0.0
            return
        slowest = (await fetch_one(conn, SLOWEST_COMMIT))[0]
        rate = row.pace / 60 * min(1.0, CALM_COMMIT_MS / max(slowest, 1.0))
        owed = min(self._owed.get(row.id, 0.0) + rate * passed, max(1.0, rate * LARGEST_WAVE_S))
        count = int(owed)
        self._owed[row.id] = owed - count
        if count and await call_numbers(conn, room=row.id, fence=fence, count=count):
            await notify(conn, f"room:{row.id}")
