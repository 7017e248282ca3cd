"""A practice's record system asks who a patient is here: of its own practice, by a BSN that stands nowhere after."""

import pytest
from django.test import Client

from balie.consult.models import Identity
from balie.consult.testing import make_identity
from balie.patients.bsn import keep_bsn
from balie.patients.testing import make_bsn, make_patient
from balie.practices.connections import connect
from balie.practices.models import AuditEvent, Connection
from balie.practices.testing import make_cast, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def code(cast):
    return connect(practice=cast.practice, name="HIS", actor=cast.owner)


def treated(practice, owner, *, with_keys: bool = True):
    """A patient's identity here, and their BSN."""
    person, bsn = make_person("Nadia"), make_bsn()
    keep_bsn(patient=make_patient(practice, person), bsn=bsn, actor=owner)
    identity = make_identity(person)
    Identity.objects.filter(pk=identity.pk).update(known="{}" if with_keys else "")
    return identity.pk, bsn.digits


def ask(code: str, bsn: object):
    return Client(enforce_csrf_checks=True).post(
        "/koppeling/patient/", {"code": code, "bsn": bsn}, content_type="application/json"
    )


def test_a_patient_of_the_practice_is_told(cast, code):
    identity, bsn = treated(cast.practice, cast.owner)
    assert ask(code, bsn).json() == {"person": identity}


def test_others_and_nobody_look_alike(cast, code):
    _, elsewhere = treated(cast.other_practice, cast.owner)
    _, without_keys = treated(cast.practice, cast.owner, with_keys=False)
    for bsn in (elsewhere, without_keys, make_bsn().digits):
        assert ask(code, bsn).json() == {"person": None}


def test_every_question_is_noted_without_the_number(cast, code):
    _, bsn = treated(cast.practice, cast.owner)
    ask(code, bsn)
    [event] = AuditEvent.objects.filter(action="bsn.recognised")
    assert event.actor_id == Connection.objects.get().person_id
    assert bsn not in str(AuditEvent.objects.values_list())


@pytest.mark.parametrize("bsn", ["123456789", "", "geen bsn", "9" * 21, 712_345_678, None])
def test_what_is_no_bsn_is_refused_and_not_repeated(code, bsn):
    answer = ask(code, bsn)
    assert answer.status_code == 400
    assert not bsn or str(bsn) not in answer.content.decode()


def test_without_a_code_that_counts_nothing_is_said(cast):
    _, bsn = treated(cast.practice, cast.owner)
    assert ask("nooit gegeven", bsn).status_code == 401
    assert not AuditEvent.objects.filter(action="bsn.recognised").exists()
