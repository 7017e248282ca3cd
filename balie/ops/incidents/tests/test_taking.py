"""What verdicts make of incidents, and what the watch tells by itself."""

from dataclasses import replace

from msgspec import structs

from balie.ops.incidents.duty import Incidents
from balie.ops.incidents.models import Incident, Promise, Update
from balie.ops.oncall.models import Notification


def texts() -> list[str]:
    return list(Update.objects.order_by("pk").values_list("text_nl", flat=True))


def test_the_public_hears_in_both_languages_before_anybody_typed(story):
    story.verdict()
    incident = story.incident()
    assert (incident.severity, incident.functions) == ("stopped", {"ordering": "stopped"})
    assert (incident.title_nl, incident.title_en) == ("Niemand kan bestellen", "Nobody can order")
    update = Update.objects.get()
    assert update.text_nl == "Niemand kan bestellen. Onze dienst is gewaarschuwd en zoekt het uit."
    assert update.text_en == "Nobody can order. Our people on call were told and are finding out why."
    assert (Promise.objects.get().due_at - update.at).total_seconds() == 30 * 60


def test_where_nobody_is_on_call_nothing_is_promised_in_their_name(story):
    story.duty = Incidents(story.night.graph, None)
    story.verdict()
    assert texts() == ["Niemand kan bestellen. Wij zoeken het uit."]
    assert not Promise.objects.exists()


def test_an_outage_that_nobody_suffers_from_is_no_incident(story):
    story.verdict(effect="none")
    assert not Incident.objects.exists()
    story.verdict("changed", effect="degraded")
    assert story.incident().severity == "degraded"


def test_what_is_not_for_the_public_wakes_people_and_is_no_incident(story):
    hidden = {key: structs.replace(each, public=False) for key, each in story.night.graph.functions.items()}
    story.duty = Incidents(replace(story.night.graph, functions=hidden), story.night.duty)
    story.verdict()
    assert Notification.objects.filter(escalation__page__kind="outage", claimed_at__isnull=False).exists()
    assert not Incident.objects.exists()


def test_what_ends_by_itself_is_closed_by_itself_and_keeps_its_promise(story):
    story.verdict()
    story.tick(600)
    story.verdict("closed")
    assert texts()[1:] == ["Sinds 03.10 uur werkt alles weer."]
    assert story.incident().closed_at is not None
    assert Promise.objects.get().kept


def test_worse_is_told_and_the_same_or_better_is_not(story):
    story.verdict(effect="degraded")
    story.verdict("changed", effect="degraded")
    assert len(texts()) == 1
    story.verdict("changed", effect="stopped")
    story.verdict("changed", effect="degraded")
    assert len(texts()) == 2
    assert story.incident().severity == "stopped"


def test_once_somebody_speaks_the_watch_does_not_speak_for_them(story):
    story.verdict(effect="degraded")
    story.say(minutes=60)
    story.verdict("changed", effect="stopped")
    assert len(texts()) == 2
    story.verdict("closed")
    assert texts()[2].startswith("Sinds ")
    incident = story.incident()
    assert incident.recovered_at is not None
    assert incident.closed_at is None, "they promised to say more"
    assert Promise.objects.get(answered_at=None).made_in.author == "7"
    story.say(closes=True)
    assert story.incident().closed_at is not None


def test_two_outages_that_are_one_have_one_incident_in_the_end(story):
    story.verdict(number=1)
    story.verdict(number=2)
    story.verdict("merged", number=1, into=2)
    one, other = Incident.objects.order_by("pk")
    assert (one.joined, bool(one.closed_at), other.closed_at) == (other, True, None)
    assert texts()[-1] == f"Dit hoort bij storing {other.number}. Lees daar verder."


def test_where_the_other_has_no_incident_this_one_goes_on(story):
    story.verdict(number=1)
    story.verdict(number=2, effect="none")
    story.verdict("merged", number=1, into=2)
    assert (story.incident().verdict, story.incident().closed_at) == (2, None)


def test_nothing_is_told_twice_after_a_restart(story):
    story.verdict()
    story.restart()
    story.tick(60)
    assert len(texts()) == 1
