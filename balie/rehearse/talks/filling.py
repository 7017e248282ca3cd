"""People who can log in, and their passes. Set-up, before anything is measured or judged."""

from __future__ import annotations

from collections.abc import Collection

from django.contrib.auth.hashers import make_password

from balie.patients.testing import make_patient
from balie.practices.models import Person
from balie.practices.passes import make_pass
from balie.practices.testing import make_membership, make_practice
from balie.rehearse.talks.voices import address_of


def give_passes(count: int, *, patients: Collection[int] = ()) -> list[str]:
    """Of `count` people. One practice treats those of these numbers, and everybody else works for it."""
    nobody_logs_in = make_password(None)
    people = Person.objects.bulk_create(
        Person(email=address_of(number), name=f"Stem {number}", password=nobody_logs_in) for number in range(count)
    )
    if patients:
        practice = make_practice()
        for number, each in enumerate(people):
            if number in patients:
                make_patient(practice, each)
            else:
                make_membership(each, practice)
    return [make_pass(person=each.pk, practice=None, role="gp", organiser=False) for each in people]
