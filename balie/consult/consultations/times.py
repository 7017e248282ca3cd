"""When a question must be answered, and when somebody is told that it must: pure."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Final, Literal
from zoneinfo import ZoneInfo

from balie.lib.workdays import is_working_day

AMSTERDAM: Final = ZoneInfo("Europe/Amsterdam")
DAY_ENDS: Final = time(17, 0)
"""Of a working day, in Amsterdam."""


@dataclass(frozen=True)
class Agreed:
    """An agreement: `within` so many hours, or by the end of that many working days after the day of asking; told
    `warn_before`, in the same unit.
    """

    unit: Literal["hour", "working-day"]
    within: int
    warn_before: int


def times_of(agreed: Agreed, asked_at: datetime) -> tuple[datetime, datetime]:
    """When who must answer is told, and when the answer must be there."""
    if agreed.unit == "hour":
        due = asked_at + timedelta(hours=agreed.within)
        return due - timedelta(hours=agreed.warn_before), due
    day = asked_at.astimezone(AMSTERDAM).date()
    return _end(day, agreed.within - agreed.warn_before), _end(day, agreed.within)


def _end(day: date, working_days: int) -> datetime:
    """Of the working day that comes so many after `day`."""
    for _ in range(working_days):
        day += timedelta(days=1)
        while not is_working_day(day):
            day += timedelta(days=1)
    return datetime.combine(day, DAY_ENDS, AMSTERDAM)
