"""The gate: what a waiting room says over HTTP, from memory. It publishes a room under a key that somebody else chose
(a campaign's id) and knows nothing of campaigns.
"""

import time
from datetime import datetime, timedelta
from typing import Any

import msgspec

from balie.lib.asgi import JSON, Header, Reply, json_reply, moment, moment_or_none, reply
from balie.lib.problems import Problem
from balie.waitingroom.hot import JoinAnswer, RoomRow, TicketRow
from balie.waitingroom.picture import RoomPicture

# The state is encoded anew this often: its age and its clock are right to within a hundredth of a second, and five
# thousand who ask within one share the bytes.
FRESH_S = 0.01
STATE_CACHE: Header = (b"cache-control", b"public, max-age=1")
FOR_EVER: Header = (b"cache-control", b"public, max-age=31536000, immutable")

QUICKEST_POLL_MS = 1000
SLOWEST_POLL_MS = 15_000
POLLS_PER_S = 2500


def phase_of(row: RoomRow, wall_now: datetime) -> str:
    """Where the night stands, as the protocol names it."""
    if wall_now >= row.closes_at:
        return "closed"
    if row.drawn_at is not None:
        return "paused" if row.paused else "open"
    if wall_now < row.doors_at:
        return "before"
    return "waiting" if wall_now < row.draw_at and row.frozen_at is None else "drawing"


def poll_after_ms(phase: str, waiting: int, until_next: timedelta) -> int:
    """When to ask again: all together at most 2,500 times a second, and less often while the next event is far off."""
    spread = max(QUICKEST_POLL_MS, waiting * 1000 // POLLS_PER_S)
    if phase == "closed":
        return SLOWEST_POLL_MS
    if phase in {"before", "waiting"}:
        return max(spread, min(SLOWEST_POLL_MS, int(until_next.total_seconds() * 100)))
    return spread


class Gate:
    """One room as the outside sees it."""

    def __init__(self, key: int, picture: RoomPicture) -> None:
        self.key, self.picture = key, picture
        self._state: Reply | None = None
        self._state_until = 0.0
        self._draw: Reply | None = None

    def state(self) -> Reply:
        """The state, the same for everybody."""
        at = time.monotonic()
        if self._state is None or at >= self._state_until:
            self._state = reply(200, msgspec.json.encode(self.state_content(at)), JSON, STATE_CACHE)
            self._state_until = at + FRESH_S
        return self._state

    def state_content(self, at: float) -> dict[str, Any]:
        """The body of the state at monotonic time `at`."""
        picture = self.picture
        row, wall_now = picture.row, picture.wall_now(at)
        phase = phase_of(row, wall_now)
        until_next = (row.doors_at if phase == "before" else row.draw_at) - wall_now
        return {
            "campaign": self.key,
            "phase": phase,
            "now": moment(picture.service_now(at)),
            "wall": moment(wall_now),
            "still": picture.still(at),
            "age_ms": round(picture.age_s(at) * 1000),
            "doors_at": moment(row.doors_at),
            "opens_at": moment(row.draw_at),
            "closes_at": moment(row.closes_at),
            "waiting": row.arrivals,
            "drawn": row.drawn_count,
            "last": row.last if row.drawn_at else 0,
            "called": row.called,
            "pace": row.pace,
            "measured": picture.measured,
            "message": {"text": row.message, "at": moment_or_none(row.message_at)} if row.message else None,
            "poll_after_ms": poll_after_ms(phase, row.arrivals - row.called, until_next),
        }

    def find_ticket(self, holder: int) -> TicketRow | None:
        return self.picture.tickets.get(holder)

    def ticket_content(self, ticket: TicketRow) -> dict[str, Any]:
        """The body about one ticket; whether it is called follows from the room, as for everybody."""
        return {
            "ticket": str(ticket.id),
            "arrived_at": moment(ticket.arrived_at),
            "number": ticket.number,
            "called": ticket.number is not None and ticket.number <= self.picture.row.called,
        }

    def joined(self, holder: int, answer: JoinAnswer) -> Reply:
        """The answer to a join. Raises Problem when the doors are not open yet, or no more."""
        if answer.outcome == "not_open":
            raise Problem("not_open", doors_at=moment(self.picture.row.doors_at))
        if answer.outcome != "joined":
            raise Problem(answer.outcome)
        self.picture.learn(holder, answer)
        return json_reply(200, self.ticket_content(self.picture.tickets[holder]))

    def draw(self) -> Reply:
        """The published draw, encoded once. Raises Problem before it is done."""
        if self._draw is None:
            tickets = self.picture.drawn_tickets()
            if tickets is None:
                raise Problem("no_draw")
            content = draw_content(self.key, self.picture.row, [str(ticket) for ticket in tickets])
            self._draw = reply(200, msgspec.json.encode(content), JSON, FOR_EVER)
        return self._draw

    def seal(self) -> Reply:
        """The promise about the seed, from the moment the doors opened. Raises Problem before."""
        row = self.picture.row
        if row.seed_hash is None or self.picture.wall_now(time.monotonic()) < row.doors_at:
            raise Problem("no_seal")
        content = {"seed_hash": row.seed_hash.hex(), "published_at": moment_or_none(row.sealed_at)}
        return reply(200, msgspec.json.encode(content), JSON, STATE_CACHE)


def draw_content(key: int, row: RoomRow, tickets: list[str]) -> dict[str, Any]:
    """The file that lets anyone recompute the draw (docs/spec/live.md)."""
    assert row.seed is not None
    assert row.seed_hash is not None
    assert row.list_hash is not None
    return {
        "version": 1,
        "campaign": key,
        "seed_hash": row.seed_hash.hex(),
        "seed": row.seed.hex(),
        "sealed_at": moment_or_none(row.sealed_at),
        "frozen_at": moment_or_none(row.frozen_at),
        "drawn_at": moment_or_none(row.drawn_at),
        "list_hash": row.list_hash.hex(),
        "beacon": row.beacon,
        "tickets": tickets,
    }
