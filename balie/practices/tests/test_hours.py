"""Open hours: evenings, weekends, holidays, and the nights in which the clock changes."""

from datetime import date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from balie.lib.workdays import is_holiday
from balie.practices.functions.hours import Span, after_hours, office_hours, state_at

AMSTERDAM = ZoneInfo("Europe/Amsterdam")


def at(text: str, fold: int = 0) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM, fold=fold)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-27T16:59:59", False),  # a Friday
        ("2026-11-27T17:00", True),
        ("2026-11-28T12:00", True),
        ("2026-11-29T23:59:59", True),
        ("2026-11-30T07:59:59", True),
        ("2026-11-30T08:00", False),
        ("2026-12-25T12:00", True),  # Christmas, a Friday
        ("2026-04-27T12:00", True),  # the King's birthday, a Monday
        ("2026-04-28T12:00", False),
    ],
)
def test_a_post_is_open_when_practices_are_not(moment, expected):
    assert state_at(after_hours(), at(moment)).open is expected


def test_when_it_opens_again():
    assert state_at(after_hours(), at("2026-11-30T09:00")).opens_at == at("2026-11-30T17:00")
    assert state_at(office_hours(), at("2026-12-24T18:00")).opens_at == at("2026-12-28T08:00")
    assert state_at(after_hours(), at("2026-11-28T12:00")).opens_at is None
    assert state_at([Span(7, time(9), time(10))], at("2026-06-01T12:00")).opens_at is None  # no holiday in two weeks


def test_in_the_night_that_lacks_an_hour_what_opens_in_it_opens_after_it():
    spans = [Span(6, time(2, 30), time(6))]
    assert not state_at(spans, at("2026-03-29T01:59:59")).open
    assert state_at(spans, at("2026-03-29T03:30")).open
    assert state_at(spans, at("2026-03-29T01:00")).opens_at == at("2026-03-29T03:30")


def test_in_the_night_that_has_an_hour_twice_nothing_opens_or_closes_twice():
    closing, opening = [Span(6, time(0), time(2, 30))], [Span(6, time(2, 30), time(6))]
    moments = [at("2026-10-25T02:10"), at("2026-10-25T02:40"), at("2026-10-25T02:10", 1), at("2026-10-25T02:40", 1)]
    assert [state_at(closing, each).open for each in moments] == [True, False, False, False]
    assert [state_at(opening, each).open for each in moments] == [False, True, True, True]
    assert state_at(after_hours(), moments[2]).open


def test_holidays_are_the_official_ones():
    assert is_holiday(date(2026, 5, 14))  # Ascension Day
    assert not is_holiday(date(2026, 5, 15))
