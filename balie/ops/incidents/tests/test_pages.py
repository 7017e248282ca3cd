"""People open, tell, promise and close on the console; over HTTP, and nothing of it from PostgreSQL."""

import re

import pytest
import time_machine

from balie.ops.access import LINK_COOKIE, make_link
from balie.ops.incidents.models import Happening, Incident, Promise, Update
from balie.ops.incidents.tests.browser import Browser
from balie.practices.passes import make_pass

TEXTS = {"text_nl": "Wij leiden het om.", "text_en": "We route around it."}


@pytest.fixture
def page(story) -> str:
    story.verdict()
    return f"/watch/incidents/{story.incident().pk}/"


def test_an_update_is_told_promised_and_signed_by_who_wrote_it(staff, page, story):
    answer = staff.fill(page, f"{page}tell", due="03:45", owner="bram", **TEXTS)
    assert (answer.status, answer.headers["location"]) == (303, page)
    update = Update.objects.get(author="person 7")
    assert update.text_nl == TEXTS["text_nl"]
    promise = Promise.objects.get(answered_at=None)
    assert (promise.owner, promise.due_at.isoformat()) == ("bram", "2026-11-23T02:45:00+00:00")
    assert Happening.objects.filter(who="person 7", what="told").count() == 1
    assert "belofte van 03.30 uur gehouden" in re.sub(r"\s+", " ", staff.ask("GET", page).text)


def test_a_time_that_has_passed_today_is_tomorrow(staff, page):
    staff.fill(page, f"{page}tell", due="02:00", owner="", **TEXTS)
    assert Promise.objects.get(answered_at=None).due_at.isoformat() == "2026-11-24T01:00:00+00:00"


def test_closing_needs_no_promise(staff, page, story):
    assert staff.fill(page, f"{page}close", **TEXTS).status == 303
    assert story.incident().closed_at is not None
    assert "al gesloten" in staff.fill("/watch/incidents/", f"{page}close", **TEXTS).text


def test_one_is_opened_by_hand_from_the_machine_itself(story):
    with time_machine.travel(story.night.now, tick=False):
        token = make_link(1).partition("token=")[2]
    browser = Browser(story, {LINK_COOKIE: token})
    given = {"title_nl": "Traag", "title_en": "Slow", "function": "ordering", "severity": "degraded"}
    answer = browser.fill("/watch/incidents/", "/watch/incidents/", due="03:30", owner="", **given, **TEXTS)
    assert answer.status == 303
    assert Incident.objects.get().functions == {"ordering": "degraded"}
    assert Update.objects.get().author.startswith("link ")


def test_who_leads_and_who_tells_stands_in_the_log(staff, page, story):
    staff.fill(page, f"{page}roles", commander="anna", communicator="bram")
    assert (story.incident().commander, story.incident().communicator) == ("anna", "bram")
    assert Happening.objects.get(what="roles").who == "person 7"
    log = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", staff.ask("GET", page).text))
    assert "Rollen: Anna leidt, Bram vertelt · persoon 7" in log
    assert "Begonnen: Bestellen (stilgevallen)" in log


def test_what_is_wrong_is_said_and_what_was_typed_stays(staff, page):
    answer = staff.fill(page, f"{page}tell", text_nl="Half <b>", text_en="", due="03:45", owner="")
    assert answer.status == 422
    assert "in beide talen" in answer.text
    assert "Half &lt;b&gt;" in answer.text
    assert staff.fill(page, f"{page}tell", due="straks", owner="", **TEXTS).status == 422
    assert Update.objects.count() == 1


def test_another_site_cannot_speak_for_somebody(staff, page, story, settings):
    """It has the cookies of whoever it fools, and no page of theirs; a token of its own person is not theirs."""
    with time_machine.travel(story.night.now, tick=False):
        other = make_pass(person=8, practice=None, role="", organiser=True, generation=0)
    own = re.search(
        r'name="token" value="([^"]+)"', Browser(story, {settings.PASS_COOKIE: other}).ask("GET", page).text
    )
    assert own
    for token in ("", own[1]):
        assert staff.ask("POST", f"{page}tell", token=token, due="03:45", owner="", **TEXTS).status == 403
    assert Update.objects.count() == 1


def test_others_see_nothing_and_what_is_not_there_is_not_there(staff, page, story):
    assert Browser(story).ask("GET", page).status == 403
    assert Browser(story).ask("POST", f"{page}close", **TEXTS).status == 403
    assert staff.ask("GET", "/watch/incidents/999/").status == 404


def test_an_auditor_reads_and_writes_nothing(staff, page, story, settings):
    """Their pass says so, since nothing here asks the database; the same form with an act of staff goes through."""
    with time_machine.travel(story.night.now, tick=False):
        held = make_pass(person=7, practice=None, role="", organiser=True, generation=0, reads_only=True)
    auditor = Browser(story, {settings.PASS_COOKIE: held})
    assert auditor.ask("GET", page).status == 200
    assert auditor.fill(page, f"{page}tell", due="03:45", owner="", **TEXTS).status == 403
    assert staff.fill(page, f"{page}tell", due="03:45", owner="", **TEXTS).status == 303
