"""Which days people work in the Netherlands."""

from datetime import date
from functools import cache


@cache
def public_holidays(year: int) -> frozenset[date]:
    """The official Dutch ones."""
    import holidays  # noqa: PLC0415 - all calendars of the world take 0.1 s, in every process that may never ask

    return frozenset(holidays.country_holidays("NL", years=year))


def is_holiday(day: date) -> bool:
    return day in public_holidays(day.year)


def is_working_day(day: date) -> bool:
    """Mondays to Fridays, without public holidays."""
    return day.isoweekday() <= 5 and not is_holiday(day)
