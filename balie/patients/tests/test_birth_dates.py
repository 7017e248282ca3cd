"""Dates of birth as people write them, and ages."""

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from balie.patients.birth_dates import age_on, birthday, clean_birth_date


@pytest.mark.parametrize("typed", ["17-05-1980", " 17-5-1980 ", "17/05/1980", "17 05 1980", "17.5.1980", "17051980"])
def test_day_first_in_many_ways(typed):
    assert clean_birth_date(typed) == date(1980, 5, 17)


@pytest.mark.parametrize("typed", ["", "1980-05-17", "31-02-1980", "17-05-80", "17-05-2980", "17-05-1880", "iets"])
def test_what_is_no_day_is_refused(typed):
    with pytest.raises(ValidationError):
        clean_birth_date(typed)


def test_one_grows_older_on_the_day_and_after_a_leap_day_in_march():
    born = date(2012, 2, 29)
    assert birthday(born, 16) == date(2028, 2, 29)
    assert birthday(born, 12) == date(2024, 2, 29)
    assert birthday(born, 13) == date(2025, 3, 1)
    assert [age_on(day, born) for day in (date(2025, 2, 28), date(2025, 3, 1))] == [12, 13]
