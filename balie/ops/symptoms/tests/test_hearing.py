"""Enough practices that tell the same are an outage that no probe sees; a crowd of strangers is not."""

from datetime import timedelta
from uuid import uuid4

import pytest

from balie.ops.incidents.models import Happening, Incident, Update
from balie.ops.maintenance.acts import announce
from balie.ops.maintenance.models import Maintenance
from balie.ops.models import Verdict
from balie.ops.oncall.models import Page
from balie.ops.symptoms import hearing
from balie.ops.symptoms.hearing import hear
from balie.ops.symptoms.models import Symptom


@pytest.fixture
def tell(story):
    """Somebody of a practice, or a stranger, tells of a function; and the watch thinks about it."""

    def told(practice: int | None = None, *, source: str = "", what: str = "ordering", reference: str = "") -> Symptom:
        now = story.night.now
        report = hear(
            story.night.graph,
            Symptom(
                reference=reference or uuid4().hex,
                at=now,
                source=source or f"person {practice}",
                practice=practice,
                what=what,
                since=now - timedelta(minutes=5),
                text="Het blijft draaien.",
            ),
        )
        story.tick()
        return report

    return told


def test_three_practices_open_one_whose_cause_is_undetermined(tell, story):
    reports = [tell(practice) for practice in (1, 2)]
    assert not Incident.objects.exists()
    reports.append(tell(3))
    incident = Incident.objects.get()
    assert (incident.verdict, incident.functions) == (None, {"ordering": "degraded"})
    opened = Happening.objects.get(what="opened")
    assert opened.about["culprits"] == []
    assert opened.about["reports"] == [each.number for each in reports]
    assert "de oorzaak is nog onbekend" in Update.objects.get().text_nl
    assert "the cause is not known yet" in Update.objects.get().text_en
    assert {each.incident for each in Symptom.objects.all()} == {incident}


def test_whoever_is_on_call_is_woken_until_it_is_closed(tell, story):
    for practice in (1, 2, 3):
        tell(practice)
    titles = [each.title for each in story.night.sender.got]
    assert any("Gebruikers melden een storing: I-0" in each for each in titles)
    page = Page.objects.get(kind="symptoms")
    assert page.resolved_at is None
    story.say(closes=True)
    story.tick()
    page.refresh_from_db()
    assert page.resolved_at is not None


def test_what_probes_see_later_is_the_outage_that_was_told_of(tell, story):
    for practice in (1, 2, 3):
        tell(practice)
    began_at = Incident.objects.get().began_at
    story.verdict()
    incident = Incident.objects.get()
    assert (incident.verdict, incident.functions) == (Verdict.objects.get().pk, {"ordering": "stopped"})
    assert (incident.title_nl, incident.began_at) == ("Niemand kan bestellen", began_at)
    assert Update.objects.order_by("pk").last().text_nl.startswith("Niemand kan bestellen.")
    story.tick()
    assert Page.objects.get(kind="symptoms").resolved_at is not None, "one outage, one alert"
    story.verdict("closed", effect="none")
    assert Incident.objects.get().recovered_at is not None


def test_what_probes_see_of_something_else_is_another_outage(tell, story):
    for practice in (1, 2, 3):
        tell(practice, what="mail")
    story.verdict()
    assert Incident.objects.count() == 2


def test_one_practice_counts_once_whoever_of_it_tells(tell):
    for each in range(9):
        tell(1, source=f"person {each}")
    tell(2)
    assert not Incident.objects.exists()


def test_without_that_one_angry_practice_would_wake_somebody(tell, monkeypatch):
    """The control: every report counts."""
    monkeypatch.setattr(hearing, "weight", len)
    for each in range(3):
        tell(1, source=f"person {each}")
    assert Incident.objects.exists()


def test_strangers_count_for_a_third_and_together_for_one(tell):
    for each in range(30):
        tell(source=f"network {each}")
    assert not Incident.objects.exists()
    tell(1)
    assert not Incident.objects.exists()
    tell(2)
    assert Incident.objects.exists()


def test_two_strangers_are_nobody_yet(tell):
    for each in range(2):
        tell(source=f"network {each}")
    tell(1)
    tell(2)
    assert not Incident.objects.exists()


def test_what_was_told_long_ago_or_of_something_else_does_not_add_up(tell, story):
    tell(1)
    story.night.now += timedelta(minutes=11)
    tell(2)
    tell(3, what="mail")
    assert not Incident.objects.exists()


def test_what_is_known_explains_it(tell, story):
    story.verdict()
    incident = Incident.objects.get()
    assert [tell(each).incident for each in (1, 2, 3)] == [incident] * 3
    assert Incident.objects.count() == 1


def test_what_becomes_known_explains_what_was_told_before(tell, story):
    report = tell(1)
    assert report.incident is None
    story.verdict()
    story.tick()
    report.refresh_from_db()
    assert report.incident == Incident.objects.get()


def test_one_that_is_sent_twice_is_one(tell):
    assert tell(1, reference="a") == tell(1, reference="a")
    assert Symptom.objects.count() == 1


def test_words_are_wiped_and_the_count_stays(tell, story):
    tell(1)
    story.tick(30 * 24 * 3600 + 1)
    report = Symptom.objects.get()
    assert (report.text, report.source, report.practice) == ("", "", 1)


@pytest.fixture
def work(story) -> Maintenance:
    """Maintenance that ordering may suffer from: from ten seconds on, five minutes."""
    now = story.night.now
    return announce(
        begins_at=now + timedelta(seconds=10),
        ends_at=now + timedelta(seconds=310),
        parts=("web",),
        author="person 7",
        now=now,
        text_nl="Wij vervangen een schijf.",
        text_en="We replace a disk.",
    )


def test_what_was_announced_is_no_outage_when_people_tell_of_it(tell, story, work):
    story.tick(20)
    for practice in (1, 2, 3):
        assert tell(practice).maintenance == work
    assert not Incident.objects.exists()
    story.tick(300)
    tell(4)
    assert not Incident.objects.exists(), "what was told meanwhile belongs to the maintenance"
    for practice in (5, 6):
        tell(practice)
    assert Incident.objects.exists(), "it lasts longer than was announced"
    assert work.symptoms.count() == 3


def test_without_that_they_open_an_incident(tell, story, work, monkeypatch):
    """The control: nobody looks whether it was announced."""
    monkeypatch.setattr(hearing.windows, "that_touches", lambda *_given: None)
    story.tick(20)
    for practice in (1, 2, 3):
        tell(practice)
    assert Incident.objects.exists()
    assert not work.symptoms.exists()


def test_another_function_is_an_outage_meanwhile(tell, story, work):
    story.tick(20)
    for practice in (1, 2, 3):
        assert tell(practice, what="mail").maintenance is None
    assert Incident.objects.exists()
    assert not work.symptoms.exists()


def test_an_outage_that_is_known_goes_before_maintenance(tell, story, work):
    story.verdict()
    story.tick(20)
    assert tell(1).incident == Incident.objects.get()
    assert not work.symptoms.exists()


def test_what_was_told_before_it_began_opens_nothing_meanwhile(tell, story, work):
    for practice in (1, 2):
        assert tell(practice).maintenance is None
    story.tick(20)
    tell(3)
    assert not Incident.objects.exists()
    assert [each.practice for each in work.symptoms.all()] == [3]
