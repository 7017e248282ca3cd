"""People who can log in, and their passes. Set-up, before anything is measured or judged."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password

from balie.practices.models import Person
from balie.practices.passes import make_pass
from balie.rehearse.talks.voices import address_of


def give_passes(count: int) -> list[str]:
    nobody_logs_in = make_password(None)
    people = Person.objects.bulk_create(
        Person(email=address_of(number), name=f"Stem {number}", password=nobody_logs_in) for number in range(count)
    )
    return [make_pass(person=each.pk, practice=None, role="gp", organiser=False) for each in people]
