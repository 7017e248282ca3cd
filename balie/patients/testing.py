"""Builders for tests. Not for production code."""

from datetime import date
from itertools import count

from balie.patients.bsn import Bsn, passes_eleven_check
from balie.patients.models import Patient
from balie.practices.models import Person, Practice

_numbers = count(999_990_000)  # given to nobody: the range in which the Dutch government has its test numbers


def make_bsn() -> Bsn:
    """One that passes the 11-check, and that nobody has."""
    return Bsn(next(digits for digits in map(str, _numbers) if passes_eleven_check(digits)))


def make_patient(
    practice: Practice,
    person: Person | None = None,
    *,
    name: str = "",
    birth_date: date = date(1980, 5, 17),
    email: str = "",
) -> Patient:
    """Somebody whom a practice treats; with a person, somebody who accepted."""
    email = email or (person.email if person else "")
    name = name or (person.name if person else "Nadia Peters")
    return Patient.objects.create(practice=practice, person=person, name=name, birth_date=birth_date, email=email)
