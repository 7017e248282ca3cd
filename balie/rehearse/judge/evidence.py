"""What the clients and the mail server saw: the half of the evidence that does not come from the database.

Times are seconds since 1970 on the witness's own clock, unless a name says otherwise.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


class Line(NamedTuple):
    """So many doses of a product, to a location, on a day (ISO 8601)."""

    day: str
    product: int
    location: int
    doses: int


@dataclass(frozen=True, kw_only=True)
class Click:
    """One attempt to confirm a hold.

    `hold_ends_at` is the earliest end that the client may conclude from the answer to its hold: the moment it asked
    plus the time that the answer granted. `heard` is the outcome or error code, or `error` when no answer came.
    """

    practice: int
    key: str
    sent_at: float
    hold_ends_at: float
    heard: str
    number: str | None = None

    @property
    def uncertain(self) -> bool:
        """No answer that says whether the order exists."""
        return self.heard in {"error", "try_again"}


@dataclass(frozen=True, kw_only=True)
class Act:
    """What a practice asked of its order when it had been changed `revision` times, and heard: `done`, `refused`, or
    `error` when no answer came. Of a change and of a wish `lines` are what the order should become; `said_lost` are the
    days that it was told beforehand to lose.
    """

    practice: int
    number: str
    kind: str  # change, cancel; wish, without a number where there is no order; accept, with that of the fresh order
    heard: str
    heard_at: float
    revision: int = 0
    lines: frozenset[Line] = frozenset()
    said_lost: frozenset[str] = frozenset()


@dataclass
class ClientLog:
    """What all clients together saw and were told."""

    practices: set[int] = field(default_factory=set)
    # practices without a browser: the installation is to order for them
    asleep: set[int] = field(default_factory=set)
    clicks: list[Click] = field(default_factory=list)
    # every order number a client was told, by whichever answer
    numbers: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))
    # the lines that the answer to a hold repeated, by the hold's key
    promised: dict[str, frozenset[Line]] = field(default_factory=dict)
    # ticket and the moment at which the client had it in hand
    tickets: dict[int, tuple[str, float]] = field(default_factory=dict)
    # place in the queue as told by the server, and as some clients computed it from the published draw
    told: dict[int, int] = field(default_factory=dict)
    computed: dict[int, int] = field(default_factory=dict)
    # the round that the answer to joining named
    rounds: dict[int, int] = field(default_factory=dict)
    # practices that held an order number and then could not see the order
    invisible: set[int] = field(default_factory=set)
    lapsed_on_purpose: int = 0
    # what was asked of orders that stood, one after the other for each practice
    acts: list[Act] = field(default_factory=list)
    # how often the organiser let days carry more or less, and was refused that
    days_edited: int = 0
    days_refused: int = 0
    # practices that ended without an order, and why; `full` is nobody's fault
    unfinished: dict[int, str] = field(default_factory=dict)
    latency_ms: dict[str, dict[str, float]] = field(default_factory=dict)
    calendar_age_p99_ms: float | None = None


@dataclass(frozen=True, kw_only=True)
class AcceptedMail:
    """A mail for which the mail server took responsibility."""

    message_id: str
    recipient: str
    at: float


@dataclass(frozen=True, kw_only=True)
class Draw:
    """The seals by round as they hung there before the opening, and the file once every round is in it; empty or None
    what was never seen.
    """

    seals: Mapping[int, str]
    file: dict[str, Any] | None


def lines_of(rows: Iterable[dict[str, Any]]) -> frozenset[Line]:
    """The lines of a JSON body of the live protocol."""
    return frozenset(Line(str(row["day"]), row["product"], row["location"], row["doses"]) for row in rows)
