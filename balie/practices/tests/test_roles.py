"""Roles at the organiser: what each may do, how they are given and taken, and how soon that counts."""

import time

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from balie.practices.mandates import begin_mandate
from balie.practices.models import AuditEvent, Mandate, OrganiserRole, PassRevocation, Person
from balie.practices.office import give_role
from balie.practices.passes import PassCheck, make_pass, read_pass
from balie.practices.people import deactivate_person
from balie.practices.testing import logged_in, make_cast, make_person

pytestmark = pytest.mark.django_db

ADMIN, STAFF, AUDITOR = OrganiserRole.ADMIN, OrganiserRole.STAFF, OrganiserRole.AUDITOR
NOW = 1_700_000_000.0


@pytest.fixture
def cast():
    return make_cast()


def of(role: OrganiserRole) -> Person:
    return make_person("Eva Smit", is_organiser=True, organiser_role=role)


def act(browser: Client, person: Person, do: str, **fields: object):
    return browser.post(f"/mensen/{person.pk}/", {"do": do, "reason": "zo besproken", **fields})


def counts(value: str) -> bool:
    """Whether the hot paths would let this pass in, knowing every revocation."""
    check = PassCheck()
    check.learn(PassRevocation.objects.values_list("person", "practice", "generation"))
    return check.caller(value.encode(), time.time()) is not None


def test_an_admin_gives_a_role_on_the_page_and_the_log_has_both(cast):
    eva, dina = of(STAFF), logged_in(cast.organiser)
    assert "Geef een andere rol" in dina.get(f"/mensen/{eva.pk}/").content.decode()
    assert act(dina, eva, "role", role="auditor").status_code == 302
    eva.refresh_from_db()
    assert eva.organiser_role == AUDITOR
    event = AuditEvent.objects.get(action="person.role_changed")
    assert (event.actor, event.reason, event.detail) == (
        cast.organiser,
        "zo besproken",
        {"from": "staff", "to": "auditor"},
    )
    page = dina.get(f"/mensen/{eva.pk}/").content.decode()
    assert "Rol bij de organisatie gewijzigd" in page
    assert "Auditor" in page


@pytest.mark.parametrize(
    ("person", "fields", "say"),
    [
        ("other", {"role": "boss"}, "Kies een rol."),
        ("other", {"role": ""}, "Kies een rol."),
        ("other", {"role": "auditor", "reason": " "}, "Geef een reden"),
        ("self", {"role": "staff"}, "Uw eigen rol"),
        ("owner", {"role": "admin"}, "Kies een rol."),
    ],
)
def test_what_cannot_be_given_is_said_and_changes_nothing(cast, person, fields, say):
    about = {"other": of(STAFF), "self": cast.organiser, "owner": cast.owner}[person]
    before = about.organiser_role
    answer = act(logged_in(cast.organiser), about, "role", **fields)
    assert (answer.status_code, say in answer.content.decode()) == (422, True)
    about.refresh_from_db()
    assert about.organiser_role == before
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("role", [STAFF, AUDITOR])
def test_nobody_else_changes_anything_about_the_organisers_people(cast, role):
    browser = logged_in(of(role))
    other = make_person("Fred Smit", is_organiser=True, organiser_role=STAFF)
    for do in ("role", "deactivate", "waive"):
        assert act(browser, other, do, role="admin").status_code == 403
        assert act(browser, cast.organiser, do, role="auditor").status_code == 403
    assert browser.post("/mensen/", {"email": "x@voorbeeld.example", "name": "X", "office": "admin"}).status_code == 403
    assert not AuditEvent.objects.exists()
    page = browser.get(f"/mensen/{other.pk}/").content.decode()
    assert "Sluit het account" not in page
    assert "Iemand erbij" not in browser.get("/mensen/").content.decode()


def test_staff_help_people_of_practices_and_an_auditor_does_not(cast):
    assert act(logged_in(of(AUDITOR)), cast.owner, "deactivate").status_code == 403
    assert Person.objects.get(pk=cast.owner.pk).is_active
    assert act(logged_in(of(STAFF)), cast.owner, "deactivate").status_code == 302
    assert not Person.objects.get(pk=cast.owner.pk).is_active


@pytest.mark.parametrize("office", ["admin", "staff", "auditor"])
def test_somebody_is_added_with_a_role(cast, office):
    typed = {"email": "nieuw@voorbeeld.example", "name": "Nora Nieuw", "office": office}
    assert logged_in(cast.organiser).post("/mensen/", typed).status_code == 302
    assert Person.objects.get(email="nieuw@voorbeeld.example").organiser_role == office
    assert AuditEvent.objects.get().detail == {"organiser": True, "role": office}


def test_a_role_that_is_taken_counts_no_longer_on_the_hot_paths_either(cast):
    """Passes made before count for nothing; the next one says that its holder only reads."""
    eva = of(STAFF)
    browser = logged_in(eva)
    browser.get("/mensen/")
    first = browser.cookies[settings.PASS_COOKIE].value
    assert counts(first)
    give_role(person=eva, role=AUDITOR, actor=cast.organiser, reason="zo besproken")
    assert not counts(first)
    assert browser.get("/mensen/").status_code == 200
    held = read_pass(browser.cookies[settings.PASS_COOKIE].value, time.time())
    assert (held.organiser, held.reads_only) == (True, True)


def test_an_order_by_phone_ends_with_the_right_to_it(cast):
    eva = of(STAFF)
    begin_mandate(person=eva, practice=cast.practice, reason="belde", about="campaign:2027")
    give_role(person=eva, role=ADMIN, actor=cast.organiser, reason="erbij")
    assert Mandate.objects.get().ends_at > timezone.now()
    assert not AuditEvent.objects.filter(action="mandate.ended").exists()
    give_role(person=eva, role=AUDITOR, actor=cast.organiser, reason="weg")
    assert Mandate.objects.get().ends_at <= timezone.now()
    assert AuditEvent.objects.filter(action="mandate.ended").exists()


def test_who_is_no_admin_any_longer_gives_and_closes_nothing(cast):
    eva = of(ADMIN)
    Person.objects.filter(pk=eva.pk).update(organiser_role=STAFF)  # while her page was open
    for refused in (
        lambda: give_role(person=cast.organiser, role=STAFF, actor=eva, reason="x"),
        lambda: deactivate_person(person=cast.organiser, actor=eva, reason="x"),
    ):
        with pytest.raises(ValidationError, match="alleen een beheerder"):
            refused()


def test_a_role_is_for_who_is_of_the_organiser(cast):
    """The constraint: nobody has one at hand for the day on which they would be let in."""
    for person, role in ((cast.owner, ADMIN), (cast.organiser, "boss")):
        with pytest.raises(IntegrityError), transaction.atomic():
            Person.objects.filter(pk=person.pk).update(organiser_role=role)


def test_without_a_role_one_reads():
    """As the release before makes them, which knows of no roles."""
    person = make_person(is_organiser=True)
    Person.objects.filter(pk=person.pk).update(organiser_role="")
    browser = logged_in(person)
    assert browser.get("/praktijken/").status_code == 200
    assert browser.post("/mensen/").status_code == 403
    assert "U leest mee als auditor" in browser.get("/praktijken/").content.decode()


def test_only_a_pass_that_reads_differs_from_those_of_the_release_before():
    said = {"person": 1, "practice": None, "role": "", "organiser": True, "now": NOW}
    assert read_pass(make_pass(**said, reads_only=True), NOW).reads_only
    assert make_pass(**said).count(",") == make_pass(**said, reads_only=False).count(",")
    assert not read_pass(make_pass(**said), NOW).reads_only
