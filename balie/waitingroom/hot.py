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
    """A ticket as the gate knows it, in the round at that position; `called_at` is null until its number is called."""

    id: UUID
    holder: int
    round: int
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
    round: int | None


class RoundRow(msgspec.Struct, frozen=True):
    """A round of a room; `first_number` and `drawn_count` are there from its freeze on."""

    position: int
    name: str
    draw_at: datetime
    seed: bytes | None
    sealed_at: datetime | None
    seed_hash: bytes | None
    frozen_at: datetime | None
    first_number: int | None
    drawn_count: int | None
    list_hash: bytes | None
    beacon: dict[str, Any] | None
    drawn_at: datetime | None

    def drew(self, ticket: TicketRow) -> bool:
        """Whether the ticket's number is one that this round's draw gave."""
        if self.first_number is None or self.drawn_count is None or ticket.number is None:
            return False
        return ticket.round == self.position and 0 <= ticket.number - self.first_number < self.drawn_count


class RoomRow(msgspec.Struct, frozen=True):
    """A room with its rounds in their order, and the clocks as they were in the same statement."""

    id: int
    doors_at: datetime
    closes_at: datetime
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
    rounds: tuple[RoundRow, ...]

    @property
    def opens_at(self) -> datetime:
        """When the first numbers are drawn."""
        return self.rounds[0].draw_at

    @property
    def drawn(self) -> int:
        """How many rounds have their numbers."""
        return sum(each.drawn_at is not None for each in self.rounds)

    @property
    def next_draw_at(self) -> datetime | None:
        """When the next list freezes; None when all have been."""
        return next((each.draw_at for each in self.rounds if each.frozen_at is None), None)


# One statement, and so one moment, for a room and its rounds.
READ_ROOM = """
select r.id, r.doors_at, r.closes_at, r.arrivals, r.last, r.called, r.pace, r.paused, r.message, r.message_at,
       clock_timestamp() as wall_now, service_now() as service_now, service_still() as still,
       w.position, w.name, w.draw_at, w.seed, w.sealed_at, w.seed_hash, w.frozen_at, w.first_number, w.drawn_count,
       w.list_hash, w.beacon, w.drawn_at
  from waitingroom_room r join waitingroom_round w on w.room_id = r.id
 where r.id = %s
 order by w.position
"""
OF_THE_ROOM = 13
READ_TICKETS = """
select id, holder, round, arrival, arrived_at, number, called_at
  from waitingroom_ticket where room_id = %s and arrival > %s order by arrival
"""
LIVE_ROOMS = """
select id from waitingroom_room where doors_at <= clock_timestamp() and clock_timestamp() < closes_at order by id
"""


async def join_batch(conn: Connection, room: int, holders: Sequence[int]) -> list[JoinAnswer]:
    """A ticket for each holder; the same one again for who has it already. Answers in the order asked."""
    rows = await conn.execute(
        "select outcome, ticket, arrival, arrived_at, number, called, round"
        "  from waitingroom_join_batch_v1(%s, %s::bigint[])",
        (room, list(holders)),
    )
    return [JoinAnswer(*row) for row in await rows.fetchall()]


async def read_room(conn: Connection, room: int) -> RoomRow:
    """The room as it is now. Raises LookupError when it does not exist."""
    rows = await (await conn.execute(READ_ROOM, (room,))).fetchall()
    if not rows:
        raise LookupError(f"no room {room}")
    rounds = tuple(RoundRow(*row[OF_THE_ROOM:]) for row in rows)
    return RoomRow(*(*rows[0][:OF_THE_ROOM], rounds))


async def read_tickets(conn: Connection, room: int, after_arrival: int) -> list[TicketRow]:
    """Tickets that arrived after the given place in the order of arrival (0: all)."""
    async with conn.cursor(row_factory=class_row(TicketRow)) as cursor:
        return await (await cursor.execute(READ_TICKETS, (room, after_arrival))).fetchall()


async def live_rooms(conn: Connection) -> list[int]:
    """Rooms whose doors are open and that have not closed."""
    return [row[0] for row in await (await conn.execute(LIVE_ROOMS)).fetchall()]


async def freeze(conn: Connection, *, room: int, fence: int) -> int | None:
    """Freeze the list of the next round when it is time; which round this call froze."""
    frozen: int | None = (await fetch_one(conn, "select waitingroom_freeze_v1(%s, %s)", (room, fence)))[0]
    return frozen


async def write_draw(
    conn: Connection, *, room: int, fence: int, round_: int, tickets: Sequence[str], beacon: dict[str, Any] | None
) -> bool:
    """Give the tickets of a round their numbers, its first number to the first; true when this call did it."""
    params = (room, fence, round_, list(tickets), Jsonb(beacon) if beacon else None)
    return bool((await fetch_one(conn, "select waitingroom_draw_v1(%s, %s, %s, %s::uuid[], %s)", params))[0])


async def call_numbers(conn: Connection, *, room: int, fence: int, count: int) -> int:
    """Call up to `count` further numbers; how many were called."""
    called: int = (await fetch_one(conn, "select waitingroom_call_v1(%s, %s, %s)", (room, fence, count)))[0]
    return called
