"""A promise is chased, escalated, kept or missed; and people must make one."""

from datetime import timedelta

import pytest

from balie.ops.incidents.models import Happening, Promise
from balie.ops.incidents.telling import Next, TellingError, open_by_hand, tell
from balie.ops.incidents.words import Text
from balie.ops.oncall.models import Page

TEXT = Text("Er is een storing.", "There is an outage.")


def opened(story, minutes: float = 30):
    """The watch's own promise is made at 03:00:12 in the Netherlands."""
    story.verdict()
    story.say(minutes=minutes, owner="bram")
    return Promise.objects.get(answered_at=None)


def test_its_owner_is_chased_five_minutes_before_and_everybody_when_it_is_due(story):
    number = opened(story) and story.incident().number
    story.tick(24 * 60)
    assert story.asked() == []
    story.tick(60)
    [(person, title)] = story.asked()
    assert person == "bram"
    assert title.endswith(f"An update about {number} is promised before 03:30")
    story.tick(5 * 60)
    assert [who for who, _title in story.asked()[1:]] == ["anna", "bram"]
    assert f"De update over {number}, beloofd voor 03.30 uur, is er niet" in story.asked()[1][1]


def test_without_an_owner_whoever_is_on_call_is_chased(story):
    story.verdict()
    story.tick(25 * 60 + 1)
    assert [who for who, _title in story.asked()] == ["anna"]


def test_an_update_keeps_it_and_nobody_is_chased_any_more(story):
    promise = opened(story)
    story.tick(26 * 60)
    story.say(minutes=60)
    story.tick(5 * 60)
    promise.refresh_from_db()
    assert promise.kept
    assert len(story.asked()) == 1
    assert not Page.objects.filter(kind=Page.Kind.PROMISE, resolved_at=None).exists()


def test_an_update_that_is_late_is_late_for_ever(story):
    promise = opened(story)
    story.tick(31 * 60)
    story.say(closes=True)
    promise.refresh_from_db()
    assert promise.answered_at is not None
    assert not promise.kept
    assert Happening.objects.filter(what="missed").count() == 1


def test_a_watch_that_was_away_escalates_and_does_not_chase(story):
    opened(story)
    story.night.now += timedelta(hours=1)
    story.restart()
    story.tick()
    assert set(Happening.objects.filter(about__promise__gt=0).values_list("what", flat=True)) == {"missed"}


@pytest.mark.parametrize(
    ("minutes", "closes", "why"),
    [(0, False, "no-promise"), (30, True, "no-promise"), (-5, False, "past"), (25 * 60, False, "too-far")],
)
def test_people_promise_the_next_or_close(story, minutes, closes, why):
    story.verdict()
    with pytest.raises(TellingError, match=why):
        story.say(minutes=minutes, closes=closes)


def test_nothing_is_told_in_what_is_closed(story):
    story.verdict()
    story.say(closes=True)
    with pytest.raises(TellingError, match="over"):
        story.say(minutes=30)


def test_by_hand_needs_a_promise_too(story):
    now = story.night.now
    given = {"title": TEXT, "text": TEXT, "functions": {}, "severity": "degraded", "author": "7", "now": now}
    with pytest.raises(TellingError, match="past"):
        open_by_hand(**given, following=Next(now))
    incident = open_by_hand(**given, following=Next(now + timedelta(minutes=15), "anna"))
    assert incident.communicator == "7"
    assert tell(incident, TEXT, author="7", now=now, closes=True).number == 2
