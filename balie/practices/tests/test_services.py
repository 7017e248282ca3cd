"""Acts that have no page of their own yet."""

import pytest

from balie.practices.models import AuditEvent, Person
from balie.practices.services import add_organiser, passes_revoked_at, revoke_passes
from balie.practices.testing import make_cast

pytestmark = pytest.mark.django_db


def test_an_organiser_is_added_without_a_password():
    person = add_organiser(email="Regie@Voorbeeld.example", name="Dina Smit")
    assert (person.email, person.is_organiser) == ("regie@voorbeeld.example", True)
    assert not Person.objects.get().has_usable_password()
    assert AuditEvent.objects.get().action == "person.added"


def test_a_revocation_for_one_practice_says_nothing_about_others():
    cast = make_cast()
    revoke_passes(person=cast.owner, practice=cast.practice)
    assert passes_revoked_at(person=cast.owner, practice=cast.practice) is not None
    assert passes_revoked_at(person=cast.owner, practice=cast.other_practice) is None
    assert passes_revoked_at(person=cast.colleague, practice=cast.practice) is None


def test_a_revocation_for_all_practices_counts_for_each():
    cast = make_cast()
    revoke_passes(person=cast.owner)
    assert passes_revoked_at(person=cast.owner, practice=cast.practice) is not None
    assert passes_revoked_at(person=cast.owner, practice=None) is not None
