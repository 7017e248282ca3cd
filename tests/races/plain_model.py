"""Holding and ordering as one would explain it to somebody: dictionaries, no locks, everything counted afresh."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from balie.ordering.hot import Line

WINDOW_MS = 300_000


@dataclass
class Held:
    """What one practice has: `state` as in the database, `ends` in milliseconds of the model's clock."""

    state: str
    key: UUID
    lines: list[Line]
    ends: int


class PlainCampaign:
    """Every method answers what the SQL should: an outcome and what belongs to it."""

    def __init__(self, limits: dict[date, tuple[int, int]]) -> None:
        self.limits = limits
        self.now = 0
        self.has: dict[int, Held] = {}
        self.blocked: set[int] = set()
        self.numbers: dict[int, str] = {}
        self.cancelled: set[tuple[int, str]] = set()
        self.revisions: dict[str, int] = {}

    def taken(self) -> dict[date, tuple[int, int]]:
        """Doses and addresses of each day on which there are any."""
        lines = [line for held in self.has.values() if held.state in {"held", "ordered"} for line in held.lines]
        return {
            day: (sum(line.doses for line in there), len({line.location for line in there}))
            for day in self.limits
            if (there := [line for line in lines if line.day == day])
        }

    def _fits(self, practice: int, lines: Sequence[Line]) -> bool:
        other = PlainCampaign(self.limits)
        other.has = {**self.has, practice: Held("held", UUID(int=0), list(lines), 0)}
        return all(
            doses <= self.limits[day][0] and addresses <= self.limits[day][1]
            for day, (doses, addresses) in other.taken().items()
        )

    def hold(self, practice: int, key: UUID, lines: Sequence[Line], ranking: Sequence[date]):
        has = self.has.get(practice)
        if has and has.state == "ordered":
            return "already_ordered", []
        if practice in self.blocked:
            return "blocked", []
        if has and has.key == key:
            return "held", has.lines
        choices = (
            [[Line(line.product, line.location, line.doses, day) for line in lines] for day in ranking]
            if ranking
            else [list(lines)]
        )
        for choice in choices:
            if choice[0].day in self.limits and self._fits(practice, choice):
                runs = has and has.state == "held" and has.ends > self.now
                self.has[practice] = Held("held", key, choice, has.ends if runs else self.now + WINDOW_MS)
                return "held", choice
        return "full", []

    def confirm(self, clicks: Sequence[tuple[int, UUID, int]]) -> list[str]:
        """Clicks of one batch: practice, key, and milliseconds since each reached us."""
        late = [self._confirm(*click) for click in clicks]
        return [  # a late click hears what its timely twin in the batch got
            self._confirm(*click) if outcome == "lapsed" and self.has[click[0]].state == "ordered" else outcome
            for click, outcome in zip(clicks, late, strict=True)
        ]

    def _confirm(self, practice: int, key: UUID, elapsed_ms: int) -> str:
        has = self.has.get(practice)
        if has is None:
            return "blocked" if practice in self.blocked else "no_hold"
        if has.key != key:
            return "replaced"
        if has.state != "ordered" and self.now - elapsed_ms > has.ends:
            return "lapsed"
        if has.state == "lapsed" and not self._fits(practice, has.lines):
            return "full"
        has.state = "ordered"
        return "ordered"

    def release(self, practice: int, key: UUID) -> str:
        has = self.has.get(practice)
        if has and has.state == "ordered":
            return "already_ordered"
        if has and has.key == key:
            del self.has[practice]
        return "released"

    def cancel(self, practice: int, number: str, *, late: bool, granted: bool) -> str:
        """`numbers` says which order stands; whoever confirms tells it."""
        if self.numbers.get(practice) != number:
            return "cancelled" if (practice, number) in self.cancelled else "no_order"
        if late and not granted:
            return "late"
        self.cancelled.add((practice, self.numbers.pop(practice)))
        del self.has[practice]
        return "cancelled"

    def change(
        self, practice: int, number: str, revision: int, lines: Sequence[Line], *, late: bool, granted: bool
    ) -> tuple[str, int | None]:
        """The outcome, and how often the order has been changed by then."""
        if self.numbers.get(practice) != number:
            return "no_order", None
        has, now = self.has[practice], self.revisions.get(number, 0)
        is_same = set(lines) == set(has.lines)
        if revision != now:
            return ("changed" if is_same and revision < now else "outdated"), now
        if is_same:
            return "same", now
        if late and not granted:
            return "late", now
        if not self._fits(practice, lines):
            return "full", now
        has.lines = list(lines)
        self.revisions[number] = now + 1
        return "changed", now + 1

    def sweep(self, grace_ms: int) -> int:
        due = [has for has in self.has.values() if has.state == "held" and has.ends < self.now - grace_ms]
        for has in due:
            has.state = "lapsed"
        return len(due)

    def extend(self, span_ms: int) -> int:
        extended = [has for has in self.has.values() if has.state == "held"]
        for has in extended:
            has.ends += span_ms
        return len(extended)

    def block(self, practice: int) -> str:
        has = self.has.get(practice)
        if has and has.state == "ordered":
            return "already_ordered"
        if practice in self.blocked:
            return "already_blocked"
        self.blocked.add(practice)
        self.has.pop(practice, None)
        return "blocked"
