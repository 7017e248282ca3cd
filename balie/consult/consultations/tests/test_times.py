"""By when a question must be answered."""

from datetime import datetime

import pytest

from balie.consult.consultations.times import AMSTERDAM, Agreed, times_of

DAYS = Agreed("working-day", within=3, warn_before=1)


def at(written: str) -> datetime:
    return datetime.fromisoformat(written).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    ("asked", "warned", "due"),
    [
        ("2026-11-23 09:00", "2026-11-25 17:00", "2026-11-26 17:00"),
        ("2026-11-26 23:59", "2026-11-30 17:00", "2026-12-01 17:00"),  # over a weekend
        ("2026-11-28 12:00", "2026-12-01 17:00", "2026-12-02 17:00"),  # on a Saturday
        ("2026-12-23 10:00", "2026-12-28 17:00", "2026-12-29 17:00"),  # both days of Christmas, and a weekend
        ("2026-12-30 10:00", "2027-01-04 17:00", "2027-01-05 17:00"),  # into the next year
        ("2026-03-27 16:00", "2026-03-31 17:00", "2026-04-01 17:00"),  # the clock goes forward
    ],
)
def test_three_working_days_end_with_the_third_working_day(asked, warned, due):
    assert times_of(DAYS, at(asked)) == (at(warned), at(due))


def test_hours_go_on_through_nights_and_holidays():
    asked = at("2026-12-24 15:00")
    assert times_of(Agreed("hour", 48, 8), asked) == (at("2026-12-26 07:00"), at("2026-12-26 15:00"))
