"""The page of reserves is for who works for a practice, and who runs one reads how those of its teams stand."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from balie.consult.models import Group, Reserve, ReserveDrill, Statement, TeamName
from balie.consult.reserves.standing import read_standing
from balie.consult.testing import make_group, make_identity, new_id, new_name
from balie.patients.testing import make_patient
from balie.practices.testing import make_cast, make_person


@pytest.fixture
def cast(db):
    return make_cast()


def browse(person, page: str):
    client = Client()
    client.force_login(person)
    return client.get(page)


def test_patients_have_no_page_of_reserves(cast):
    patient = make_person("Noor Jansen")
    make_patient(cast.practice, person=patient)
    assert browse(patient, "/gesprekken/").status_code == 200
    assert browse(patient, "/gesprekken/reserve/").status_code == 404


def make_reserve(practice, made_by, *, days: int) -> Reserve:
    """Of a team of this practice, made so many days ago."""
    identity = make_identity(made_by)
    team = make_group(Group.Kind.TEAM, identity)
    TeamName.objects.create(group=team, name="Balieteam", practice=practice)
    made_at = timezone.now() - timedelta(days=days)
    said = {"name": new_name(), "typ": "balie-reserve+jws", "signed": "{}", "received_at": made_at}
    statement = Statement.objects.create(identity=identity, group=team, **said)
    keys = {"set": new_id(), "kem": new_name(), "sign": new_name()}
    return Reserve.objects.create(group=team, statement=statement, made_by=identity, made_at=made_at, **keys)


def test_who_runs_a_practice_reads_how_its_reserves_stand(cast):
    reserve = make_reserve(cast.practice, cast.owner, days=400)
    page = "/gesprekken/bewaren/"
    assert "oefenen nodig" in browse(cast.owner, page).content.decode()
    assert "Balieteam" not in browse(cast.outsider, page).content.decode()
    drill = {"reserve": reserve, "identity": reserve.made_by, "at": timezone.now()}
    ReserveDrill.objects.create(passed=False, parts="2", note="Weg", **drill)
    assert read_standing(practice=cast.practice)[0].due
    ReserveDrill.objects.create(passed=True, parts="12", **drill)
    [stands] = read_standing(practice=cast.practice)
    assert (stands.due, stands.used, stands.drilled_at is None) == (False, False, False)
    assert "laatst geoefend op" in browse(cast.owner, page).content.decode()
