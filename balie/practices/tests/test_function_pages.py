"""Pages on which functions are opened and closed: who may, what it does, and that closing is looked at first."""

from datetime import time

import pytest
from django.test import Client

from balie.mail.models import OutboxMail
from balie.practices.functions.hours import Span
from balie.practices.functions.mails import render_function_switched
from balie.practices.functions.models import Call, Notice, Switch
from balie.practices.functions.queries import look_at, set_up
from balie.practices.functions.services import close_by_hand, open_by_hand, set_hours
from balie.practices.testing import make_cast

pytestmark = pytest.mark.django_db

CLOSING = {"do": "close", "reason": "outage", "text": "", "phone": "088 000 56 78", "until": "", "why": "Gebeld."}
OWN = "/open-of-dicht/"


@pytest.fixture
def cast():
    return make_cast()


def browser_of(person):
    client = Client()
    client.force_login(person)
    return client


def test_closing_is_looked_at_before_it_is_done(cast):
    browser = browser_of(cast.owner)
    looked = browser.post(OWN, CLOSING | {"do": "look", "text": "Kom langs."})
    page = looked.content.decode()
    assert "De chat van Huisartsenpraktijk De Linde is nu dicht" in page
    assert "Kom langs." in page
    assert "112" in page
    assert not Switch.objects.exists()
    assert browser.post(OWN, CLOSING).status_code == 302
    assert "Dicht" in browser.get(OWN).content.decode()
    assert browser.post(OWN, {"do": "let_go"}).status_code == 302
    assert not Switch.objects.get().closed


def test_an_assistant_looks_and_phones_and_does_not_close(cast):
    close_by_hand(function="conversations", practice=cast.practice, reason="busy", actor=cast.owner, why="Drie zieken.")
    call = Call.objects.create(
        notice=Notice.objects.get(),
        practice=cast.practice,
        name="Noor",
        phone="",
        why="unread",
        waits_since="2026-11-27T01:00Z",
    )
    browser = browser_of(cast.colleague)
    assert "Noor" in browser.get(OWN).content.decode()
    assert browser.post(OWN, {"do": "let_go"}).status_code == 403
    assert browser.post(OWN, {"do": "phoned", "call": call.pk}).status_code == 302
    assert "gebeld door Bilal Aydin" in browser.get(OWN).content.decode()
    assert browser_of(cast.outsider).post(OWN, {"do": "phoned", "call": call.pk}).status_code == 404
    organiser = browser_of(cast.organiser)
    where = f"/functies/conversations/{cast.practice.agb_code}/"
    assert "Noor" not in organiser.get(where).content.decode()
    assert organiser.post(where, {"do": "not_phoned", "call": call.pk}).status_code == 404


def test_the_organiser_closes_for_everybody(cast):
    organiser = browser_of(cast.organiser)
    assert organiser.post("/functies/ordering/", CLOSING).status_code == 302
    assert "Met de hand gesloten" in organiser.get("/functies/").content.decode()
    assert "Dit geldt voor iedereen" in organiser.get(f"/functies/ordering/{cast.practice.agb_code}/").content.decode()
    assert organiser.get("/functies/zomaar/").status_code == 404
    for person in (cast.owner, cast.outsider):
        assert browser_of(person).post("/functies/ordering/", {"do": "let_go"}).status_code == 404


def test_the_list_shows_what_differs_the_closed_first(cast):
    set_hours(function="conversations", practice=cast.practice, spans=[Span(0, time(0), time(0))], actor=cast.owner)
    close_by_hand(function="ordering", reason="busy", actor=cast.organiser, why="Druk.")
    open_by_hand(function="ordering", practice=cast.practice, actor=cast.organiser, why="Toch.")
    close_by_hand(
        function="conversations", practice=cast.other_practice, reason="busy", actor=cast.organiser, why="Druk."
    )
    found = [(look.function, look.practice, look.closes) for look in set_up()]
    for function, practice, closes in found:
        assert look_at(function, practice).closes == closes
    assert [closes is None for _, _, closes in found] == sorted(closes is None for _, _, closes in found)
    assert {(function, practice) for function, practice, _ in found} == {
        ("conversations", cast.practice),
        ("ordering", cast.practice),
        ("conversations", cast.other_practice),
    }


def test_what_was_typed_stays_when_it_is_refused(cast):
    refused = browser_of(cast.owner).post(OWN, CLOSING | {"why": "", "text": "Kom langs."})
    assert refused.status_code == 422
    assert "Kom langs." in refused.content.decode()
    assert "Geef een reden" in refused.content.decode()


def test_hours_are_given_by_a_button_or_by_hand(cast):
    browser = browser_of(cast.owner)
    browser.post(OWN, {"do": "hours", "kind": "post"})
    assert Switch.objects.get().hours.count() == 13
    browser.post(OWN, {"do": "hours", "kind": "own", "begins-0-0": "09:00", "ends-0-0": "12:00"})
    assert [str(each.ends) for each in Switch.objects.get().hours.all()] == ["12:00:00"]
    assert browser.post(OWN, {"do": "hours", "kind": "own", "begins-0-0": "09:00"}).status_code == 422
    overlapping = {"begins-0-0": "09:00", "ends-0-0": "12:00", "begins-0-1": "11:00", "ends-0-1": "13:00"}
    assert browser.post(OWN, {"do": "hours", "kind": "own"} | overlapping).status_code == 422
    browser.post(OWN, {"do": "hours", "kind": "none"})
    switch = Switch.objects.get()
    assert (switch.hours.count(), switch.scheduled, switch.closed) == (0, None, False)


def test_the_mail_says_what_people_read_and_where_to_look(cast):
    close_by_hand(
        function="conversations", practice=cast.practice, reason="outage", actor=cast.organiser, why="Storing."
    )
    letter = render_function_switched(OutboxMail.objects.get().reference)
    assert letter.subject == "Chat met patiënten van Huisartsenpraktijk De Linde is nu dicht"
    assert "Door een storing kunnen wij uw vraag niet veilig ontvangen." in letter.text
    assert "/open-of-dicht/" in letter.text
