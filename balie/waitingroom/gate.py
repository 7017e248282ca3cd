"""The gate: what a waiting room says over HTTP, from memory. It publishes a room under a key that somebody else chose
(a campaign's id) and knows nothing of campaigns.
"""

import time
from datetime import datetime, timedelta
from typing import Any

import msgspec

from balie.lib.asgi import JSON, Header, Reply, json_reply, moment, moment_or_none, reply
from balie.lib.problems import Problem
from balie.waitingroom.hot import JoinAnswer, RoomRow, RoundRow, TicketRow
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
    """Where the night stands, as the protocol names it. From the first draw on it is open; later rounds join in."""
    if wall_now >= row.closes_at:
        return "closed"
    if row.drawn:
        return "paused" if row.paused else "open"
    if wall_now < row.doors_at:
        return "before"
    return phase_of_round(row.rounds[0], wall_now)


def phase_of_round(row: RoundRow, wall_now: datetime) -> str:
    """Where one round stands: waiting, drawing or drawn."""
    if row.drawn_at is not None:
        return "drawn"
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
        self._draw_holds = 0

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
        until_next = (row.doors_at if phase == "before" else row.opens_at) - wall_now
        return {
            "campaign": self.key,
            "phase": phase,
            "now": moment(picture.service_now(at)),
            "wall": moment(wall_now),
            "still": picture.still(at),
            "age_ms": round(picture.age_s(at) * 1000),
            "doors_at": moment(row.doors_at),
            "opens_at": moment(row.opens_at),
            "closes_at": moment(row.closes_at),
            "waiting": row.arrivals,
            "last": row.last if row.drawn else 0,
            "called": row.called,
            "pace": row.pace,
            "measured": picture.measured,
            "rounds": [round_content(each, wall_now) for each in row.rounds],
            "message": {"text": row.message, "at": moment_or_none(row.message_at)} if row.message else None,
            "poll_after_ms": poll_after_ms(phase, row.arrivals - row.called, until_next),
        }

    def find_ticket(self, holder: int) -> TicketRow | None:
        return self.picture.tickets.get(holder)

    def ticket_content(self, ticket: TicketRow) -> dict[str, Any]:
        """The body about one ticket; whether it is called follows from the room, as for everybody."""
        return {
            "ticket": str(ticket.id),
            "round": ticket.round,
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
        """The published draw of the rounds so far, encoded once for each. Raises Problem before the first is done."""
        row = self.picture.row
        if self._draw is None or self._draw_holds < row.drawn:
            rounds = self._drawn_rounds()
            if not rounds:
                raise Problem("no_draw")
            complete = len(rounds) == len(row.rounds)
            content = {"version": 2, "campaign": self.key, "complete": complete, "rounds": rounds}
            self._draw = reply(200, msgspec.json.encode(content), JSON, FOR_EVER if complete else STATE_CACHE)
            self._draw_holds = len(rounds)
        return self._draw

    def _drawn_rounds(self) -> list[dict[str, Any]]:
        """Those that are drawn and of which every number is known here, up to the first of which that is not so."""
        rounds = []
        for each in self.picture.row.rounds:
            tickets = self.picture.drawn_tickets(each)
            if tickets is None:
                break
            rounds.append(drawn_content(each, [str(ticket) for ticket in tickets]))
        return rounds

    def seal(self) -> Reply:
        """The promises about the seeds, from the moment the doors opened. Raises Problem before."""
        row = self.picture.row
        if row.rounds[0].seed_hash is None or self.picture.wall_now(time.monotonic()) < row.doors_at:
            raise Problem("no_seal")
        seals = [
            {
                "round": each.position,
                "seed_hash": each.seed_hash.hex() if each.seed_hash else None,
                "published_at": moment_or_none(each.sealed_at),
            }
            for each in row.rounds
        ]
        return reply(200, msgspec.json.encode({"rounds": seals}), JSON, STATE_CACHE)


def round_content(row: RoundRow, wall_now: datetime) -> dict[str, Any]:
    """What the state says about one round."""
    return {
        "name": row.name,
        "opens_at": moment(row.draw_at),
        "phase": phase_of_round(row, wall_now),
        "first": row.first_number,
        "drawn": row.drawn_count,
    }


def drawn_content(row: RoundRow, tickets: list[str]) -> dict[str, Any]:
    """One round in the file that lets anyone recompute the draw (docs/spec/live.md)."""
    assert row.seed is not None
    assert row.seed_hash is not None
    assert row.list_hash is not None
    return {
        "round": row.position,
        "name": row.name,
        "seed_hash": row.seed_hash.hex(),
        "seed": row.seed.hex(),
        "sealed_at": moment_or_none(row.sealed_at),
        "frozen_at": moment_or_none(row.frozen_at),
        "drawn_at": moment_or_none(row.drawn_at),
        "list_hash": row.list_hash.hex(),
        "beacon": row.beacon,
        "first": row.first_number,
        "tickets": tickets,
    }
