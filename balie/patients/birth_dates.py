"""Dates of birth, as people write them, and how old that makes somebody."""

import re
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.patients.models import EARLIEST_BIRTH

# 17-05-1980, 17 5 1980, 17/05/1980, 17051980.
DAY_FIRST = re.compile(r"([0-9]{1,2})[-/. ]+([0-9]{1,2})[-/. ]+([0-9]{4})|([0-9]{2})([0-9]{2})([0-9]{4})")


def clean_birth_date(typed: str) -> date:
    """The day that somebody typed, day first. Raises ValidationError."""
    found = DAY_FIRST.fullmatch(typed.strip())
    try:
        day, month, year = (int(part) for part in found.groups() if part) if found else (0, 0, 0)
        born = date(year, month, day)
    except ValueError:
        raise _refused() from None
    if not EARLIEST_BIRTH <= born <= timezone.localdate():
        raise _refused()
    return born


def birthday(born: date, age: int) -> date:
    """When somebody turns that age; born on a leap day, on 1 March of other years."""
    try:
        return born.replace(year=born.year + age)
    except ValueError:
        return date(born.year + age, 3, 1)


def age_on(day: date, born: date) -> int:
    """How old somebody is that day, in whole years."""
    age = day.year - born.year
    return age if birthday(born, age) <= day else age - 1


def _refused() -> ValidationError:
    return ValidationError(_("Schrijf de geboortedatum als 17-05-1980."), code="birth_date")
