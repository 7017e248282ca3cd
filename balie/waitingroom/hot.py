"""The waiting room's calls on the database for the live and work processes: async, set-based, no ORM."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from psycopg.rows import class_row
from psycopg.types.json import Jsonb

from balie.runtime.hot import Connection, fetch_one


class TicketRow(msgspec.Struct, frozen=True):
    """A ticket as the gate knows it; `called_at` is null until its number is called."""

    id: UUID
    holder: int
    arrival: int
    arrived_at: datetime
    number: int | None
    called_at: datetime | None


class JoinAnswer(msgspec.Struct, frozen=True):
    """`outcome` is joined, not_open or closed; the rest is there when joined."""

    outcome: str
    ticket: UUID | None
    arrival: int | None
    arrived_at: datetime | None
    number: int | None
    called: bool


class RoomRow(msgspec.Struct, frozen=True):
    """A room, with the clocks as they were in the same statement."""

    id: int
    doors_at: datetime
    draw_at: datetime
    closes_at: datetime
    seed: bytes | None
    sealed_at: datetime | None
    seed_hash: bytes | None
    frozen_at: datetime | None
    drawn_count: int | None
    list_hash: bytes | None
    beacon: dict[str, Any] | None
    drawn_at: datetime | None
    arrivals: int
    last: int
    called: int
    pace: int
    paused: bool
    message: str
    message_at: datetime | None
    wall_now: datetime
    service_now: datetime
    still: bool


READ_ROOM = """
select id, doors_at, draw_at, closes_at, seed, sealed_at, seed_hash, frozen_at, drawn_count, list_hash, beacon,
       drawn_at, arrivals, last, called, pace, paused, message, message_at,
       clock_timestamp() as wall_now, service_now() as service_now, service_still() as still
  from waitingroom_room where id = %s
"""
READ_TICKETS = """
select id, holder, arrival, arrived_at, number, called_at
  from waitingroom_ticket where room_id = %s and arrival > %s order by arrival
"""
LIVE_ROOMS = """
select id from waitingroom_room where doors_at <= clock_timestamp() and clock_timestamp() < closes_at order by id
"""


async def join_batch(conn: Connection, room: int, holders: Sequence[int]) -> list[JoinAnswer]:
    """A ticket for each holder; the same one again for who has it already. Answers in the order asked."""
    rows = await conn.execute(
        "select outcome, ticket, arrival, arrived_at, number, called from waitingroom_join_batch_v1(%s, %s::bigint[])",
        (room, list(holders)),
    )
    return [JoinAnswer(*row) for row in await rows.fetchall()]


async def read_room(conn: Connection, room: int) -> RoomRow:
    """The room as it is now. Raises LookupError when it does not exist."""
    async with conn.cursor(row_factory=class_row(RoomRow)) as cursor:
        row = await (await cursor.execute(READ_ROOM, (room,))).fetchone()
    if row is None:
        raise LookupError(f"no room {room}")
    return row


async def read_tickets(conn: Connection, room: int, after_arrival: int) -> list[TicketRow]:
    """Tickets that arrived after the given place in the order of arrival (0: all)."""
    async with conn.cursor(row_factory=class_row(TicketRow)) as cursor:
        return await (await cursor.execute(READ_TICKETS, (room, after_arrival))).fetchall()


async def live_rooms(conn: Connection) -> list[int]:
    """Rooms whose doors are open and that have not closed."""
    return [row[0] for row in await (await conn.execute(LIVE_ROOMS)).fetchall()]


async def freeze(conn: Connection, *, room: int, fence: int) -> bool:
    """Freeze the list when it is time; true when this call did it."""
    return bool((await fetch_one(conn, "select waitingroom_freeze_v1(%s, %s)", (room, fence)))[0])


async def write_draw(
    conn: Connection, *, room: int, fence: int, tickets: Sequence[str], beacon: dict[str, Any] | None
) -> bool:
    """Give the tickets their numbers, 1 for the first; true when this call did it."""
    params = (room, fence, list(tickets), Jsonb(beacon) if beacon else None)
    return bool((await fetch_one(conn, "select waitingroom_draw_v1(%s, %s, %s::uuid[], %s)", params))[0])


async def call_numbers(conn: Connection, *, room: int, fence: int, count: int) -> int:
    """Call up to `count` further numbers; how many were called."""
    called: int = (await fetch_one(conn, "select waitingroom_call_v1(%s, %s, %s)", (room, fence, count)))[0]
    return called
