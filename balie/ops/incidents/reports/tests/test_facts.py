"""What a report computes: from the ledger, whatever anybody remembers."""

from datetime import timedelta

import pytest
from django.db import connections
from django.utils.translation import override

from balie.ops.incidents.models import Incident
from balie.ops.incidents.reports.facts import facts_of
from balie.ops.incidents.reports.reading import facts_from, report_from
from balie.ops.incidents.reports.wording import markdown
from balie.ops.incidents.telling import Next, open_by_hand
from balie.ops.incidents.words import Text
from balie.ops.ledger import Moved, Switched, _write
from balie.ops.models import Switch, Verdict
from balie.ops.oncall.models import Escalation


@pytest.fixture
def consulting(monkeypatch):
    """Ordering is what NTA 7516 counts here."""
    monkeypatch.setattr("balie.ops.incidents.reports.facts.CONSULTING", "ordering")


def whole_night(story) -> Incident:
    """Seen at 3.00.11, over twelve minutes later; every step at a second of its own."""
    began = story.night.now
    _write([Moved(began + timedelta(seconds=6), "web", "doubtful", "down", "no answer")])
    story.night.now += timedelta(seconds=9)
    story.verdict()
    Verdict.objects.update(first_failing_at=began)
    Incident.objects.update(began_at=began)
    story.tick(1)
    _write([Switched(story.night.now, 1, "ordering", closed=True)])
    Escalation.objects.filter(page__kind="outage").update(acknowledged_at=began + timedelta(seconds=60))
    story.tick(5 * 60)
    story.say(minutes=10)
    story.tick(11 * 60)
    story.verdict("closed")
    Verdict.objects.update(first_failing_at=began)
    story.say(closes=True)
    return story.incident()


def seconds(facts) -> dict[str, int | None]:
    return {step.key: None if step.minutes is None else round(step.minutes * 60) for step in facts.steps}


def test_every_step_has_its_time_and_its_minutes_since_it_began(story, consulting):
    with override("nl"):
        facts = facts_of(whole_night(story), story.night.graph, story.night.now)
    assert seconds(facts) == {
        "began": 0,
        "detected": 6,
        "named": 9,
        "paged": 10,
        "told": 10,
        "closed": 11,
        "acknowledged": 60,
        "restored": 971,
        "over": 972,
    }
    assert [each.word for each in facts.promises] == ["kept", "missed"], "the watch's own, and then theirs"
    assert [(each.function, each.effect, round(each.minutes * 60)) for each in facts.suffered] == [
        ("Bestellen", "stilgevallen", 971)
    ]
    assert facts.spells == (17,)
    assert facts.year.used == 17


def test_it_reads_as_markdown_in_both_languages(story, consulting):
    incident = whole_night(story)
    with override("nl"):
        dutch = markdown(facts_of(incident, story.night.graph, story.night.now))
    with override("en"):
        english = markdown(facts_of(incident, story.night.graph, story.night.now))
    assert "| Oorzaak genoemd: Webpagina's werken niet | 03.00.20 uur | 0,15 |" in dutch
    assert "lagen hierdoor 17 minuten stil" in dutch
    assert "niet gehouden" in dutch
    assert "| Closed for everybody: Ordering | 03:00:22 | 0.18 |" in english
    assert "17 minutes" in english


def test_nobody_answered_is_said_and_not_left_out(story):
    story.verdict()
    with override("nl"):
        told = markdown(facts_of(story.incident(), story.night.graph, story.night.now))
    assert "| Opgepakt door wie dienst had | niet | – |" in told
    assert "dat kan nog komen" in told
    assert "NTA" not in told, "there is no consulting here"


def test_the_first_part_of_an_outage_counts_where_two_were_one(story):
    began = story.night.now
    story.verdict(number=1)
    story.tick(60)
    story.verdict(number=2)
    story.verdict("merged", number=1, into=2)
    Verdict.objects.filter(pk=1).update(first_failing_at=began)
    other = Incident.objects.get(verdict=2)
    assert facts_of(other, story.night.graph, story.night.now).steps[0].at == began


def test_one_that_people_opened_tells_nothing_of_the_watch(story):
    text = Text("Traag | <b>nu</b>", "Slow")
    incident = open_by_hand(
        title=text,
        functions={"ordering": "degraded"},
        severity="degraded",
        text=text,
        following=Next(story.night.now + timedelta(minutes=5)),
        author="7",
        now=story.night.now,
    )
    facts = facts_of(incident, story.night.graph, story.night.now)
    assert list(seconds(facts)) == ["began", "told", "restored"]
    assert facts.by_hand


def test_a_function_that_was_closed_is_written_once(story):
    said = Switched(story.night.now, 1, "ordering", closed=True)
    _write([said, said])
    assert Switch.objects.count() == 1


def test_the_database_of_a_watch_that_stopped_is_read_and_ours_stays(story, consulting, tmp_path):
    """As the rehearsal reads that of its own watch."""
    incident = whole_night(story)
    incident.title_nl = "Niets | <script> *werkt*"
    incident.save()
    ours = connections["ops"]
    copy = tmp_path / "other.sqlite"
    ours.cursor().execute("vacuum into %s", [str(copy)])
    Incident.objects.update(title_nl="Ons eigen")
    told = report_from(copy, story.night.graph)
    assert told.startswith(r"# Verslag van I-001: Niets \| \<script\> \*werkt\*")
    english = report_from(copy, story.night.graph, incident.pk, language="en")
    assert english.startswith("# Report of I-001: Nobody can order")
    assert facts_from(copy, story.night.graph).minutes("named") == pytest.approx(0.15)
    assert connections["ops"] is ours
    assert story.incident().title_nl == "Ons eigen"
    with pytest.raises(Incident.DoesNotExist):
        report_from(copy, story.night.graph, 99)
