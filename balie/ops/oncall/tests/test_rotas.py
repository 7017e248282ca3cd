"""Whose shift it is, in the Netherlands, on every night of the year."""

from datetime import UTC, datetime

import pytest

from balie.ops.oncall.rotas import AMSTERDAM, Rota, RotaError
from balie.ops.oncall.tests.conftest import calendar

PEOPLE = {"anna", "bram"}
NIGHTS = """SUMMARY:anna
DTSTART;TZID=Europe/Amsterdam:20260301T170000
DTEND;TZID=Europe/Amsterdam:20260302T080000
RRULE:FREQ=DAILY"""
DAYS = """SUMMARY:bram
DTSTART;TZID=Europe/Amsterdam:20260301T080000
DTEND;TZID=Europe/Amsterdam:20260301T170000
RRULE:FREQ=DAILY"""


def at(*moment: int) -> datetime:
    return datetime(*moment, tzinfo=AMSTERDAM)


def test_shifts_follow_each_other_without_overlap():
    rota = Rota(calendar(NIGHTS, DAYS), PEOPLE)
    assert rota.members == PEOPLE
    assert rota.on_call(at(2026, 6, 1, 7, 59)) == ("anna",)
    assert rota.on_call(at(2026, 6, 1, 8, 0)) == ("bram",)
    assert rota.on_call(at(2026, 6, 1, 16, 59)) == ("bram",)
    assert rota.on_call(at(2026, 6, 1, 17, 0)) == ("anna",)


@pytest.mark.parametrize(
    ("moment", "person"),
    [
        # The clock goes from 2.00 to 3.00 on 29 March: the night is an hour shorter.
        (datetime(2026, 3, 29, 0, 59, tzinfo=UTC), "anna"),
        (datetime(2026, 3, 29, 5, 59, 59, tzinfo=UTC), "anna"),  # 7.59 summer time
        (datetime(2026, 3, 29, 6, 0, tzinfo=UTC), "bram"),
        # It goes from 3.00 back to 2.00 on 25 October: both of these are 2.30.
        (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), "anna"),
        (datetime(2026, 10, 25, 1, 30, tzinfo=UTC), "anna"),
        (datetime(2026, 10, 25, 6, 59, 59, tzinfo=UTC), "anna"),  # 7.59 winter time
        (datetime(2026, 10, 25, 7, 0, tzinfo=UTC), "bram"),
    ],
)
def test_nights_in_which_the_clock_changes(moment, person):
    assert Rota(calendar(NIGHTS, DAYS), PEOPLE).on_call(moment) == (person,)


@pytest.mark.parametrize("year", [2026, 2027])
def test_no_gap_where_shifts_meet_in_any_night_of_the_year(year):
    rota = Rota(calendar(NIGHTS, DAYS), PEOPLE)
    begin = at(year, 4, 1) if year == 2026 else at(year, 1, 1)
    assert rota.gaps(begin, at(year + 1, 1, 1)) == []


def test_gaps_are_told():
    rota = Rota(calendar(NIGHTS), PEOPLE)
    assert rota.on_call(at(2026, 6, 1, 12, 0)) == ()
    assert rota.gaps(at(2026, 6, 1, 0), at(2026, 6, 2, 12, 0)) == [
        (at(2026, 6, 1, 8), at(2026, 6, 1, 17)),
        (at(2026, 6, 2, 8), at(2026, 6, 2, 12)),
    ]


def test_an_override_goes_before_the_others_while_it_lasts():
    override = """SUMMARY:bram
CATEGORIES:OVERRIDE
DTSTART;TZID=Europe/Amsterdam:20260601T200000
DTEND;TZID=Europe/Amsterdam:20260601T220000"""
    rota = Rota(calendar(NIGHTS, override), PEOPLE)
    assert [rota.on_call(at(2026, 6, 1, hour, 30)) for hour in (19, 20, 21, 22)] == [
        ("anna",),
        ("bram",),
        ("bram",),
        ("anna",),
    ]


def test_one_shift_of_a_series_may_be_given_to_another():
    exchanged = NIGHTS + "\nUID:nights"
    moved = """UID:nights
RECURRENCE-ID;TZID=Europe/Amsterdam:20260601T170000
SUMMARY:bram
DTSTART;TZID=Europe/Amsterdam:20260601T170000
DTEND;TZID=Europe/Amsterdam:20260602T080000"""
    text = calendar(exchanged, moved).replace("UID:0\r\n", "").replace("UID:1\r\n", "")
    rota = Rota(text, PEOPLE)
    assert [rota.on_call(at(2026, 6, day, 20)) for day in (1, 2)] == [("bram",), ("anna",)]


def test_whole_days_are_those_of_the_netherlands():
    rota = Rota(calendar("SUMMARY:anna\nDTSTART;VALUE=DATE:20260601\nDTEND;VALUE=DATE:20260602"), PEOPLE)
    assert rota.on_call(datetime(2026, 5, 31, 21, 59, tzinfo=UTC)) == ()
    assert rota.on_call(datetime(2026, 5, 31, 22, 0, tzinfo=UTC)) == ("anna",)
    assert rota.on_call(datetime(2026, 6, 1, 21, 59, tzinfo=UTC)) == ("anna",)
    assert rota.on_call(datetime(2026, 6, 1, 22, 0, tzinfo=UTC)) == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("hello", "no iCalendar file"),
        (calendar(), "it has no shifts"),
        (calendar("SUMMARY:carla\nDTSTART:20260601T000000\nDTEND:20260602T000000"), "shift 0: there is no 'carla'"),
    ],
)
def test_what_is_wrong_is_named(text, words):
    with pytest.raises(RotaError, match=words):
        Rota(text, PEOPLE)
