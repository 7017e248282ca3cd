"""What a practice sees of how long consultaties take: its own and those of its teams, and nobody else's."""

import csv
import io
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from balie.consult.consultations.figures import read_figures
from balie.consult.consultations.tests.clinic import DAYS, Clinic
from balie.consult.models import Consultation, TeamName
from balie.consult.testing import new_id
from balie.practices.models import Membership, Person, Practice
from balie.practices.testing import make_membership, make_practice


@pytest.fixture
def clinic(db) -> Clinic:
    """Ten questions of De Linde to the team, picked up after 1 to 10 hours, concluded after 10 to 100; due after 85.
    One more waits, and is past its time; one was asked long ago.
    """
    clinic = Clinic()
    TeamName.objects.create(group=clinic.team, name="=Cardiologie", practice_id=clinic.asked.pk)
    now = timezone.now()
    for at in range(1, 11):
        _ask(clinic, now - timedelta(days=10), picked_up=at, concluded=10 * at)
    _ask(clinic, now - timedelta(days=10))
    _ask(clinic, now - timedelta(days=400), picked_up=1, concluded=2)
    return clinic


def _ask(clinic, asked_at, *, picked_up=None, concluded=None):
    def after(hours):
        return None if hours is None else asked_at + timedelta(hours=hours)

    Consultation.objects.create(
        id=new_id(),
        group=clinic.conversation,
        agreement_id=DAYS,
        asked_by_id=clinic.anna.identity,
        practice=clinic.asking,
        team=clinic.team,
        holder_id=clinic.bilal.identity if picked_up else None,
        asked_at=asked_at,
        warn_at=after(61),
        due_at=after(85),
        picked_up_at=after(picked_up),
        concluded_at=after(concluded),
    )


def read(practice, *, days=90):
    now = timezone.now()
    return read_figures(practice=practice.pk, since=now - timedelta(days=days), until=now)


def test_times_are_medians_and_ninetieths_and_the_share_counts_what_is_past(clinic):
    [found] = read(clinic.asking)
    hours = [
        span / timedelta(hours=1)
        for span in (found.pick_up_median, found.pick_up_p90, found.conclude_median, found.conclude_p90)
    ]
    assert hours == pytest.approx([5.5, 9.1, 55, 91])
    assert (found.asked, found.picked_up, found.concluded, found.settled, found.in_time) == (11, 10, 10, 11, 8)
    assert found.share_in_time == pytest.approx(8 / 11)


def test_the_team_sees_what_it_was_asked_and_an_outsider_nothing(clinic):
    [found] = read(clinic.asked)
    assert (found.ours, found.team, found.asked) == (False, "=Cardiologie", 11)
    assert read(make_practice("Elders")) == []


def test_what_was_asked_before_the_period_is_not_in_it(clinic):
    assert [each.asked for each in read(clinic.asking, days=500)] == [12]


def _login(person_id: int, practice: Practice) -> Client:
    person = Person.objects.get(pk=person_id)
    make_membership(person, practice, Membership.Role.GP)
    client = Client()
    client.force_login(person)
    return client


def test_the_page_and_its_csv_say_the_same(clinic):
    gp = _login(clinic.anna.person, clinic.asking)
    page = gp.get(reverse("consultation_figures")).content.decode()
    assert "mediaan 5,5 uur, 90% binnen 9,1 uur" in page
    assert "73%" in page
    assert "8 van de 11" in page
    answer = gp.get(reverse("consultation_figures_csv"), {"dagen": "30"})
    _, row = csv.reader(io.StringIO(answer.content.decode("utf-8-sig")), delimiter=";")
    assert row[:5] == ["door ons", "Consultatie, binnen 3 werkdagen", "'=Cardiologie", "11", "10"]
    assert row[5:] == ["5,5", "9,1", "10", "55,0", "91,0", "72,7"]


@pytest.mark.parametrize("days", ["", "7", "-1", "9999999999", "x"])
def test_a_period_that_is_not_offered_is_the_usual_one(clinic, days):
    gp = _login(clinic.anna.person, clinic.asking)
    assert "laatste 90 dagen" in gp.get(reverse("consultation_figures"), {"dagen": days}).content.decode()
