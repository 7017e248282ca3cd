"""A parent acts for a child: by the word of the practice, with an end, and until the practice says otherwise."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from balie.patients.birth_dates import birthday
from balie.patients.models import Patient, Relation
from balie.patients.relations import acts_for
from balie.patients.testing import make_patient
from balie.patients.tests.invited import browser_of
from balie.practices.models import AuditEvent
from balie.practices.testing import make_cast, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def mother(cast) -> Patient:
    return make_patient(cast.practice, make_person("Nadia Peters"))


def born(years_ago: int) -> date:
    """Some weeks more than so many years ago."""
    return birthday(timezone.localdate(), -years_ago) - timedelta(weeks=5)


def child_of(cast, years: int) -> Patient:
    return make_patient(cast.practice, name="Noor Peters", birth_date=born(years))


def state(cast, child: Patient, mother: Patient, **fields: str):
    typed = {"do": "relate", "patient": child.pk, "email": mother.email, "kind": "mother", **fields}
    return browser_of(cast.colleague).post("/patienten/", typed)


def test_a_mother_acts_for_her_child_until_it_is_twelve(cast, mother):
    child = child_of(cast, 8)
    assert state(cast, child, mother).status_code == 302
    relation = Relation.objects.get()
    assert relation.ends_on == birthday(child.birth_date, 12)
    assert acts_for(mother.person) == [relation]
    assert "Noor Peters" in browser_of(mother.person).get("/patient/").content.decode()
    assert "Nadia Peters, moeder" in browser_of(cast.owner).get("/patienten/").content.decode()
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.subject) == ("relation.stated", cast.colleague, f"patient:{child.pk}")


def test_from_twelve_on_the_child_has_a_say_and_then_it_lasts_until_sixteen(cast, mother):
    child = child_of(cast, 13)
    assert state(cast, child, mother).status_code == 422
    assert state(cast, child, mother, child_agrees="on").status_code == 302
    assert Relation.objects.get().ends_on == birthday(child.birth_date, 16)


@pytest.mark.parametrize("years", [16, 40])
def test_nobody_acts_for_who_is_sixteen(cast, mother, years):
    assert state(cast, child_of(cast, years), mother, child_agrees="on").status_code == 422
    assert not Relation.objects.exists()


def test_on_the_birthday_it_is_over(cast, mother):
    child = child_of(cast, 8)
    state(cast, child, mother)
    Relation.objects.update(ends_on=timezone.localdate() + timedelta(days=1))
    assert acts_for(mother.person) != []
    Relation.objects.update(ends_on=timezone.localdate())
    assert acts_for(mother.person) == []


def test_the_practice_ends_it_at_any_time_with_a_reason(cast, mother):
    child, client = child_of(cast, 8), browser_of(cast.owner)
    state(cast, child, mother)
    asked = {"do": "unrelate", "relation": Relation.objects.get().pk}
    assert client.post("/patienten/", asked).status_code == 422
    assert acts_for(mother.person) != []
    assert client.post("/patienten/", {**asked, "reason": "gezag beëindigd"}).status_code == 302
    assert acts_for(mother.person) == []
    assert AuditEvent.objects.last().reason == "gezag beëindigd"
    assert state(cast, child, mother).status_code == 302, "and may state it again"


def test_it_ends_with_either_of_them(cast, mother):
    child = child_of(cast, 8)
    state(cast, child, mother)
    Patient.objects.filter(pk=child.pk).update(ended_at=timezone.now())
    assert acts_for(mother.person) == []


@pytest.mark.parametrize("wrong", [{"email": "wie@voorbeeld.example"}, {"email": ""}, {"kind": "buurman"}])
def test_what_is_wrong_is_said(cast, mother, wrong):
    assert state(cast, child_of(cast, 8), mother, **wrong).status_code == 422
    assert not Relation.objects.exists()


def test_a_child_acts_for_nobody_and_nobody_twice(cast, mother):
    child = child_of(cast, 8)
    sister = make_patient(cast.practice, name="Sanne", birth_date=born(15), email="sanne@voorbeeld.example")
    assert state(cast, child, sister).status_code == 422
    assert [state(cast, child, mother).status_code, state(cast, child, mother).status_code] == [302, 422]


def test_others_cannot_state_or_end_it(cast, mother):
    child = child_of(cast, 8)
    state(cast, child, mother)
    theirs = browser_of(cast.outsider)
    assert theirs.post("/patienten/", {"do": "relate", "patient": child.pk}).status_code == 404
    for key in (Relation.objects.get().pk, "x", ""):
        assert theirs.post("/patienten/", {"do": "unrelate", "relation": key, "reason": "x"}).status_code == 404
    elsewhere = make_patient(cast.other_practice, make_person())
    assert state(cast, child, elsewhere).status_code == 422
    assert browser_of(mother.person).post("/patienten/", {"do": "relate", "patient": child.pk}).url == "/patient/"


def test_the_database_keeps_to_it_too(cast, mother):
    for fields in (
        {"representative": mother, "kind": "mother"},
        {"representative": make_patient(cast.practice), "kind": "x"},
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            Relation.objects.create(patient=mother, ends_on=timezone.localdate(), **fields)
