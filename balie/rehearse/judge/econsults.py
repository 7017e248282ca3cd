"""A Saturday at the posts: the queue as the database's view has it, beside what patients and nurses saw."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

import msgspec

READ: Final = """
select id, team, practice, urgency, number, extract(epoch from arrived_at)::float8,
       extract(epoch from picked_up_at)::float8, extract(epoch from closed_at)::float8,
       extract(epoch from moved_at)::float8, instead_of
  from consult_judge.econsults
"""
TOLD_WITHIN_S: Final = 5.0
NEVER: Final = float("inf")
HARMS: Final = ("lost", "out_of_order_urgency", "doubled", "told_late")
Span = tuple[float, float]


class Row(msgspec.Struct, array_like=True):
    """An e-consult in the database; moments in seconds since 1970, by its clock."""

    id: str
    team: str
    practice: str
    urgency: int
    number: int
    arrived_at: float
    picked_up_at: float | None
    closed_at: float | None
    moved_at: float | None
    instead_of: str | None

    @property
    def waits_until(self) -> float:
        return min(self.picked_up_at or NEVER, self.moved_at or NEVER)


class Asked(msgspec.Struct):
    """What one patient saw. `ids`: of their e-consult, and of those as which it went on; `acked_at` is 0 until somebody
    says that it is stored. `shut_at`: when they first heard that their post closed while they waited; `phoned`: and
    that they must phone. `answered_at`: when they could read the conclusion.
    """

    patient: int
    practice: str
    urgency: int
    meant_at: float
    ids: list[str] = msgspec.field(default_factory=list)
    acked_at: float = 0.0
    turned_away: bool = False
    shut_at: float = 0.0
    phoned: bool = False
    answered_at: float = 0.0


class Picked(msgspec.Struct):
    """A nurse was told that this one is theirs."""

    nurse: int
    id: str
    at: float


class Closed(msgspec.Struct):
    """A post closed its e-consults at this moment, by the database's clock."""

    practice: str
    at: float


class Saturday(msgspec.Struct, kw_only=True):
    """Everything that was seen, and the rows."""

    asked: list[Asked]
    picked: list[Picked]
    closed: list[Closed]
    rows: list[Row]


def count_econsults(saturday: Saturday, *, dead: Sequence[Span] = ()) -> dict[str, Any]:
    """*Started*: a patient was told that it is in the queue. *Lost*: then nobody answered it, and nobody told them to
    phone; or it is not in the database, or with another urgency than they sent. *Out of order*: it was picked up while
    another waited for the same team that was more urgent, or as urgent and there before. *Doubled*: two nurses were
    told that it is theirs. *Told late*: who waited when their post closed, and heard of it after more than five
    seconds; those in which nothing could be told at all (`dead`) do not count.
    """
    rows = {row.id: row for row in saturday.rows}
    started = [each for each in saturday.asked if each.acked_at]
    lasted = dict(_told(saturday, dead))
    had = Counter(picked.id for picked in {each.id + str(each.nurse): each for each in saturday.picked}.values())
    return {
        "started": len(started),
        "answered": sum(bool(each.answered_at) for each in started),
        "lost": sum(_is_lost(each, rows) for each in started),
        "out_of_order_urgency": len(set(_out_of_order(saturday.rows))),
        "doubled": sum(count > 1 for count in had.values()),
        "moved": sum(row.instead_of is not None for row in saturday.rows),
        "phoned": sum(each.phoned and not each.answered_at for each in started),
        "turned_away": sum(each.turned_away for each in saturday.asked),
        "indeterminate": sum(not each.acked_at and not each.turned_away for each in saturday.asked),
        "told": len(lasted),
        "told_late": sum(seconds > TOLD_WITHIN_S for seconds in lasted.values()),
        "told_most_s": round(max(lasted.values()), 2) if lasted and max(lasted.values()) < NEVER else None,
    }


def broken_econsults(counted: Mapping[str, Any]) -> dict[str, Any]:
    """What makes the night fail, by its name: a harm, or a Saturday in which nothing was seen that could go wrong."""
    broken = {f"econsults.{name}": counted[name] for name in HARMS}
    broken["econsults.started"] = not counted["started"]
    broken["econsults.told"] = not counted["told"]
    return broken


def _is_lost(asked: Asked, rows: Mapping[str, Row]) -> bool:
    first = rows.get(asked.ids[0])
    if first is None or any(row.urgency != asked.urgency for row in map(rows.get, asked.ids) if row):
        return True
    return not asked.answered_at and not asked.phoned


def _out_of_order(rows: Sequence[Row]) -> Iterator[str]:
    for row in rows:
        if row.picked_up_at is None:
            continue
        passed = [each for each in rows if each.team == row.team and each.id != row.id]
        if any(_came_before(each, row) and each.waits_until > row.picked_up_at for each in passed):
            yield row.id


def _came_before(one: Row, other: Row) -> bool:
    """Whether `one` should have been taken first, when `other` was."""
    assert other.picked_up_at is not None
    return (one.urgency, one.number) < (other.urgency, other.number) and one.arrived_at < other.picked_up_at


def _told(saturday: Saturday, dead: Sequence[Span]) -> Iterator[tuple[str, float]]:
    """Of each who waited when their post closed, after how long they heard of it; who was picked up before that, or
    within the time, need not hear it.
    """
    asked = {each.ids[0]: each for each in saturday.asked if each.ids}
    for closed in saturday.closed:
        for row in saturday.rows:
            ours = asked.get(row.id)
            if row.practice != closed.practice or ours is None or not row.arrived_at < closed.at < row.waits_until:
                continue
            if ours.shut_at:
                yield row.id, max(0.0, ours.shut_at - closed.at - _overlap((closed.at, ours.shut_at), dead))
            elif row.waits_until > closed.at + TOLD_WITHIN_S:
                yield row.id, NEVER


def _overlap(span: Span, dead: Iterable[Span]) -> float:
    """Seconds of the span in which nothing could be told, each counted once."""
    begin, end = span
    total, reached = 0.0, begin
    for begun, over in sorted(dead):
        start, stop = max(begun, reached), min(over, end)
        if stop > start:
            total, reached = total + stop - start, stop
    return total
