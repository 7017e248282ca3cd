"""Making who the probes are: once for each watch, however often it is asked for."""

import stat

import pytest

from balie.ops.card import card_path, read_card
from balie.ops.enrolling import enrol_people
from balie.ordering.models import Campaign
from balie.practices.models import Person, Practice


@pytest.fixture(autouse=True)
def watch_folder(db, settings, tmp_path):
    settings.WATCH_FOLDER = str(tmp_path / "watch")


def test_what_is_there_stays(settings):
    card = enrol_people()
    assert enrol_people() == read_card() == card
    assert (Practice.objects.count(), Person.objects.count(), Campaign.objects.count()) == (1, 2, 1)
    assert stat.S_IMODE(card_path().stat().st_mode) == 0o600
    assert card.people[0].password not in repr(card)


def test_each_watch_has_people_of_its_own_and_the_same_campaign(settings, tmp_path):
    first = enrol_people()
    settings.WATCH_FOLDER = str(tmp_path / "another")
    second = enrol_people()
    assert second.campaign == first.campaign
    assert second.practice != first.practice
    assert not {each.email for each in first.people} & {each.email for each in second.people}


def test_whoever_was_locked_out_is_made_anew():
    first = enrol_people()
    Person.objects.filter(pk=first.people[1].person).update(is_active=False)
    second = enrol_people()
    assert second != first
    assert read_card() == second
