"""The BSN of patients goes with a conversation only from the practice that has it, and with a reason in its log."""

import json

import pytest
from django.test import Client

from balie.consult.models import Group, Identity
from balie.consult.testing import make_group, make_identity, new_name
from balie.patients.bsn import keep_bsn
from balie.patients.testing import make_bsn, make_patient
from balie.practices.models import AuditEvent
from balie.practices.testing import logged_in, make_cast, make_person

pytestmark = pytest.mark.django_db
PAGE = "/gesprekken/bsn/"


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def nadia(cast):
    """A patient of the practice, and her BSN."""
    person, bsn = make_person("Nadia"), make_bsn()
    keep_bsn(patient=make_patient(cast.practice, person), bsn=bsn, actor=cast.owner)
    return make_identity(person), bsn.digits


@pytest.fixture
def group(cast, nadia):
    """Of Nadia and a team of the owner's, and of the outsider."""
    team = make_group(Group.Kind.TEAM, make_identity(cast.owner))
    return make_group(Group.Kind.CONVERSATION, nadia[0], team, make_identity(cast.outsider)).name


def ask(person, group, reason="overdracht", **more):
    body = json.dumps({"group": group, "reason": reason} | more)
    return logged_in(person).post(PAGE, body, content_type="application/json")


def test_who_treats_her_gets_it_and_the_log_says_why(cast, group, nadia):
    identity, bsn = nadia
    answer = ask(cast.owner, group, " overdracht ")
    assert answer.json() == {"patients": [{"person": identity.pk, "bsn": bsn}]}
    assert "no-store" in answer["cache-control"]
    [event] = AuditEvent.objects.filter(action="bsn.taken_out")
    assert (event.actor, event.practice, event.reason) == (cast.owner, cast.practice, "overdracht")
    assert bsn not in str(AuditEvent.objects.values_list())


def test_another_practice_in_the_same_conversation_gets_none(cast, group):
    assert ask(cast.outsider, group).json() == {"patients": []}
    assert not AuditEvent.objects.filter(action="bsn.taken_out").exists()


def test_who_is_not_in_it_and_what_is_not_there_look_alike(cast, group):
    make_identity(cast.colleague)
    assert ask(cast.colleague, group).status_code == 404
    assert ask(cast.owner, new_name()).status_code == 404
    assert not AuditEvent.objects.filter(action="bsn.taken_out").exists()


def test_a_team_is_no_conversation(cast, nadia):
    team = make_group(Group.Kind.TEAM, make_identity(cast.owner), nadia[0])
    assert ask(cast.owner, team.name).status_code == 404


def test_without_a_reason_there_is_none(cast, group):
    answer = ask(cast.owner, group, " ")
    assert answer.status_code == 422
    assert answer.json()["say"]


def test_patients_get_nobodys(cast, group, nadia):
    person = Identity.objects.get(pk=nadia[0].pk).person
    assert ask(person, group)["location"] == "/patient/"
    assert not AuditEvent.objects.filter(action="bsn.taken_out").exists()


@pytest.mark.parametrize("body", ["", "[]", b'{"group": "\xff"}', '{"group": "x", "reason": "y"}', "x" * 5000])
def test_what_is_no_question_is_refused(cast, body):
    assert logged_in(cast.owner).post(PAGE, body, content_type="application/json").status_code == 400


def test_it_is_asked_from_our_own_pages_alone(cast, group):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.owner)
    body = json.dumps({"group": group, "reason": "overdracht"})
    assert client.post(PAGE, body, content_type="application/json").status_code == 403
