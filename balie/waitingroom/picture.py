"""What one process knows of a waiting room: the row and every ticket, in memory, never older than half a second while
the database answers. Nobody who waits costs a query.
"""

import time
from collections import deque
from datetime import datetime, timedelta
from uuid import UUID

from balie.runtime.hot import Connection
from balie.waitingroom.hot import JoinAnswer, RoomRow, RoundRow, TicketRow, read_room, read_tickets

# The clock runs on for this long without its leader, and so does our idea of it without the database.
CLOCK_RUNS_ON = timedelta(seconds=2)
PACE_SAMPLE_S = 5.0
PACE_SPAN_S = 20.0
PACE_MEMORY_S = 180.0


class RoomPicture:
    """One room, from its first successful `read` on. `read_at` is when the last one began, on the monotonic clock."""

    row: RoomRow
    read_at: float

    def __init__(self, room: int) -> None:
        self.room = room
        self.tickets: dict[int, TicketRow] = {}
        self._arrival = 0
        self._drawn = 0
        self.measured: tuple[float, float] | None = None
        self._samples: deque[tuple[float, int]] = deque()

    async def read(self, conn: Connection) -> None:
        """Read the room, and the tickets that came since; all of them again whenever a round has been drawn."""
        began = time.monotonic()
        row = await read_room(conn, self.room)
        fresh = await read_tickets(conn, self.room, self._arrival if row.drawn == self._drawn else 0)
        for ticket in fresh:
            self.tickets[ticket.holder] = ticket
        if fresh:
            self._arrival = fresh[-1].arrival
        self.row, self.read_at, self._drawn = row, began, row.drawn
        self._note_pace(began, row)

    def learn(self, holder: int, answer: JoinAnswer) -> None:
        """Know a ticket as soon as it is given, so that asking for it a moment later finds it.

        The next read brings it once more; the order of arrival, by which reading goes on, is left to that.
        """
        if answer.ticket is not None:
            assert answer.round is not None
            assert answer.arrival is not None
            assert answer.arrived_at is not None
            place = answer.round, answer.arrival, answer.arrived_at, answer.number
            self.tickets.setdefault(holder, TicketRow(answer.ticket, holder, *place, called_at=None))

    def age_s(self, at: float) -> float:
        """How old the picture is at monotonic time `at`."""
        return at - self.read_at

    def service_now(self, at: float) -> datetime:
        """The service clock, as far as this process can know it without asking."""
        row = self.row
        return row.service_now if row.still else row.service_now + min(timedelta(seconds=self.age_s(at)), CLOCK_RUNS_ON)

    def wall_now(self, at: float) -> datetime:
        """The database's wall clock, by which doors, draw and closing go."""
        return self.row.wall_now + timedelta(seconds=self.age_s(at))

    def still(self, at: float) -> bool:
        """Whether the service clock stands still, or nothing has been heard of it for as long as it may run on."""
        return self.row.still or self.age_s(at) > CLOCK_RUNS_ON.total_seconds()

    def drawn_tickets(self, drawn: RoundRow) -> list[UUID] | None:
        """The tickets in the draw of a round, by their text; None until all of their numbers are known here."""
        if drawn.drawn_at is None:
            return None
        tickets = [ticket.id for ticket in self.tickets.values() if drawn.drew(ticket)]
        return sorted(tickets, key=str) if len(tickets) == drawn.drawn_count else None

    def _note_pace(self, at: float, row: RoomRow) -> None:
        """Sample what was called, while somebody is left to call: the end of the line is no slowness."""
        if row.called == 0 or row.called >= row.last:
            self._samples.clear()
            self.measured = None
        elif not self._samples or at - self._samples[-1][0] >= PACE_SAMPLE_S:
            self._samples.append((at, row.called))
            while at - self._samples[0][0] > PACE_MEMORY_S:
                self._samples.popleft()
            self.measured = lowest_and_highest(list(self._samples))


def lowest_and_highest(samples: list[tuple[float, int]]) -> tuple[float, float] | None:
    """The lowest and highest pace per minute over any span of about twenty seconds in samples of (seconds, called)."""
    paces = []
    late = 0
    for at, called in samples:
        while late < len(samples) and samples[late][0] - at < PACE_SPAN_S:
            late += 1
        if late == len(samples):
            break
        paces.append((samples[late][1] - called) * 60 / (samples[late][0] - at))
    return (round(min(paces), 1), round(max(paces), 1)) if paces else None
