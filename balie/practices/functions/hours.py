"""When something is open: spans of days in Amsterdam, holidays apart. Pure; no clock of its own.

In the night that has an hour twice, the second time counts as the end of that hour: what closed in it stays closed, and
what opened stays open.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from balie.lib.workdays import is_holiday

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
HOLIDAY = 7
DAY_END = time(0, 0)
LOOK_AHEAD = timedelta(days=15)  # longer than any run of holidays


@dataclass(frozen=True, order=True)
class Span:
    """Open from `begins` to `ends` on a day: 0 is Monday, 7 any holiday. An end of midnight is the end of the day."""

    day: int
    begins: time
    ends: time

    def covers(self, at: time) -> bool:
        return self.begins <= at and (self.ends == DAY_END or at < self.ends)

    def plainly(self) -> str:
        return f"{self.day} {self.begins:%H:%M}-{self.ends:%H:%M}"


@dataclass(frozen=True)
class State:
    """`opens_at` is when it opens next, where it is closed and does open."""

    open: bool
    opens_at: datetime | None


def after_hours() -> list[Span]:
    """As after-hours posts are: evenings and nights of working days, and all of weekends and holidays."""
    weekdays = [span for day in range(5) for span in (Span(day, DAY_END, time(8)), Span(day, time(17), DAY_END))]
    return weekdays + [Span(day, DAY_END, DAY_END) for day in (5, 6, HOLIDAY)]


def office_hours() -> list[Span]:
    """As practices are: working days from 8 to 17."""
    return [Span(day, time(8), time(17)) for day in range(5)]


def state_at(spans: Sequence[Span], now: datetime) -> State:
    """Whether it is open at that moment."""
    if _open_at(spans, now):
        return State(open=True, opens_at=None)
    return State(open=False, opens_at=next((at for at in _begins(spans, now) if _open_at(spans, at)), None))


def _open_at(spans: Sequence[Span], now: datetime) -> bool:
    local = now.astimezone(AMSTERDAM)
    at = local.time()
    if local.fold:  # for the second time: all of this hour has been
        at = time(local.hour, 59, 59, 999999)
    day = HOLIDAY if is_holiday(local.date()) else local.weekday()
    return any(span.day == day and span.covers(at) for span in spans)


def _begins(spans: Sequence[Span], now: datetime) -> list[datetime]:
    """Every moment after `now` at which a span may begin, in order."""
    first = now.astimezone(AMSTERDAM).date()
    days = [first + timedelta(days=ahead) for ahead in range(LOOK_AHEAD.days)]
    moments = {
        datetime.combine(day, span.begins, AMSTERDAM).astimezone(UTC)
        for day in days
        for span in spans
        if span.day == (HOLIDAY if is_holiday(day) else day.weekday())
    }
    return sorted(each for each in moments if each > now)
