"""Who has not ordered, how to reach them, what a practice went through, and acts on one: for the organiser only."""

import csv
import io
import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from balie.ordering.models import Hold, PreparedOrder
from balie.ordering.testing import (
    make_campaign,
    make_day,
    make_hold,
    make_order,
    make_prepared,
    make_product,
    make_ticket,
)
from balie.practices.models import AuditEvent, Mandate, Practice
from balie.practices.testing import make_cast, make_location, make_person, make_practice

pytestmark = pytest.mark.django_db

LIST = "/regiekamer/2027/praktijken/"
CODES = re.compile(r'<p class="balie-people__name"><a [^>]+/praktijken/(\d{8})/">')
DAY = "2027-10-12"


@pytest.fixture
def cast():
    return make_cast()


@pytest.fixture
def campaign():
    return make_campaign(slug="2027", called=0)


@pytest.fixture
def client(cast) -> Client:
    client = Client()
    client.force_login(cast.organiser)
    return client


@pytest.fixture
def everybody(cast, campaign):
    """One practice in each state."""
    names = ("Afwezig", "Wachtend", "Opgeroepen", "Binnen", "Verlopen", "Te laat", "Geblokkeerd", "Besteld")
    found = {name: make_practice(name) for name in names}
    flu = make_product(campaign)
    make_day(campaign, DAY)
    for number, name in enumerate(("Opgeroepen", "Binnen", "Verlopen", "Te laat", "Geblokkeerd", "Besteld"), start=1):
        make_ticket(campaign, found[name], number=number)
    make_ticket(campaign, found["Wachtend"], number=7, called=False)
    make_hold(campaign, found["Binnen"], [])
    make_hold(campaign, found["Verlopen"], [], state=Hold.State.LAPSED)
    make_hold(campaign, found["Te laat"], [], left_s=-5)
    Hold.objects.filter(pk=make_hold(campaign, found["Geblokkeerd"], []).pk).update(blocked=True, state="none")
    make_order(campaign, found["Besteld"], [(flu, make_location(found["Besteld"]), 100, DAY)])
    Practice.objects.exclude(pk__in=[practice.pk for practice in found.values()]).delete()
    return found


def shown(client: Client, query: str = "") -> dict[str, str]:
    """Names with their states, in the order of the file."""
    text = client.get(f"/regiekamer/2027/praktijken.csv{query}").content.decode("utf-8-sig")
    return {row["Praktijk"]: row["Stand"] for row in csv.DictReader(io.StringIO(text), delimiter=";")}


PATHS = [LIST, "/regiekamer/2027/praktijken.csv", f"{LIST}{{agb}}/", f"{LIST}{{agb}}.csv"]


@pytest.mark.parametrize("path", PATHS)
def test_nobody_but_the_organiser_can_tell_that_it_exists(campaign, cast, path):
    path = path.format(agb=cast.practice.agb_code)
    for person in (cast.owner, cast.colleague, cast.outsider, make_person()):
        client = Client()
        client.force_login(person)
        assert client.get(path).status_code == 404
        assert client.post(path, {"do": "block", "reason": "zomaar"}).status_code in {404, 405}
    assert Client().get(path).url.startswith("/account/login/")
    assert not AuditEvent.objects.exists()
    assert not Hold.objects.exists()


def test_what_does_not_exist_is_not_found(campaign, cast, client):
    for path in (f"{LIST}01999999/", f"{LIST}01999999.csv", f"/regiekamer/2099/praktijken/{cast.practice.agb_code}/"):
        assert client.get(path).status_code == 404
    for query in ("?stand=weg", "?na=x", "?voor=-1", "?na=", "?na=9999999999999999999"):
        assert client.get(f"{LIST}{query}").status_code == 404
    assert client.post(f"{LIST}{cast.practice.agb_code}/", {"do": "weg", "reason": "x"}).status_code == 404


def test_who_has_not_ordered_and_where_they_stand(everybody, client):
    assert shown(client) == {
        "Opgeroepen": "aan de beurt, niet begonnen",
        "Binnen": "houdt een datum vast",
        "Verlopen": "tijd voorbij",
        "Te laat": "tijd voorbij",
        "Geblokkeerd": "geblokkeerd",
        "Wachtend": "wacht",
        "Afwezig": "niet in de wachtkamer",
    }
    page = client.get(LIST).content.decode()
    assert "7 praktijken" in page
    assert "Besteld</a>" not in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("?stand=waiting", ["Wachtend"]),
        ("?stand=lapsed", ["Verlopen", "Te laat"]),
        ("?stand=ordered", ["Besteld"]),
        ("?stand=alle&zoek=besteld", ["Besteld"]),
        ("?zoek=besteld", []),
        ("?zoek=LAAT%20te", ["Te laat"]),
        ("?zoek=%25", []),
        ("?zoek=7", ["Wachtend"]),
    ],
)
def test_a_state_and_words_narrow_it_down(everybody, client, query, names):
    assert list(shown(client, query)) == names


@pytest.mark.parametrize("looked_for", ["088-123 45 67", "+31 88 1234567", "0031881234567", "1234567", "(088) 123"])
def test_a_telephone_number_is_found_however_it_is_written(everybody, client, looked_for):
    Practice.objects.filter(name="Wachtend").update(phone="088 123 45 67")
    assert list(shown(client, f"?zoek={quote(looked_for)}")) == ["Wachtend"]


def test_an_agb_code_is_found(everybody, client):
    assert list(shown(client, f"?zoek={everybody['Binnen'].agb_code}")) == ["Binnen"]


def test_who_left_it_to_balie_need_not_be_phoned(campaign, cast, client):
    prepared = make_prepared(campaign, cast.practice)
    PreparedOrder.objects.filter(pk=prepared.pk).update(auto="one_day", auto_set_at=timezone.now())
    assert client.get(LIST).content.decode().count("Balie bestelt op haar beurt") == 1
    assert "Balie, op haar beurt" in client.get(f"{LIST}{cast.practice.agb_code}/").content.decode()
    PreparedOrder.objects.filter(pk=prepared.pk).update(failed_at=timezone.now())
    assert "Balie bestelt op haar beurt" not in client.get(LIST).content.decode()


def test_nothing_found_says_what_to_do(everybody, client):
    page = client.get(f"{LIST}?zoek=%3Cb%3Energens").content.decode()
    assert "Geen praktijk gevonden met ‘&lt;b&gt;nergens’" in page
    assert "Zoek in alle praktijken" in page


def test_pages_and_no_more_queries_for_more_rows(campaign, client):
    client.get(LIST)  # from here on the browser has its pass
    with CaptureQueriesContext(connection) as few:
        client.get(LIST)
    Practice.objects.bulk_create(
        Practice(agb_code=f"02{number:06}", name=f"Praktijk {number:03}", registered_count=2000, email="a@b.example")
        for number in range(120)
    )
    with CaptureQueriesContext(connection) as many:
        first = client.get(LIST).content.decode()
    assert len(many) == len(few)
    assert "122 praktijken" in first
    assert first.count('<li>\n      <p class="balie-people__number') == 50
    assert len(shown(client)) == 122


def pages(client: Client, address: str, link: str) -> Iterator[list[str]]:
    """The AGB codes on this page and on all that its link, and theirs, lead to."""
    while address:
        page = client.get(f"{LIST}{address}").content.decode()
        yield CODES.findall(page)
        (address,) = re.findall(rf'rel="{link}" href="([^"]+)"', page) or [""]
        address = unescape(address)


def test_page_by_page_there_and_back_nobody_is_missed_or_shown_twice(campaign, client):
    """Some have a number and some do not, and some are called the same; the practice where a page ended may order
    meanwhile, and the next page goes on there all the same.
    """
    many = Practice.objects.bulk_create(
        Practice(agb_code=f"02{n:06}", name=f"Praktijk {n // 3:03}", registered_count=2000, email="a@b.example")
        for n in range(120)
    )
    for number, practice in enumerate(many[:70:2], start=1):
        make_ticket(campaign, practice, number=number, called=False)
    there = list(pages(client, "?zoek=praktijk", "next"))
    assert [len(each) for each in there] == [50, 50, 22]
    in_order = [code for each in there for code in each]
    assert in_order[:35] == [practice.agb_code for practice in many[:70:2]]
    assert len(set(in_order)) == 122
    first = client.get(f"{LIST}?zoek=praktijk").content.decode()
    key = int(re.findall(r"na=(\d+)", first)[0])
    back = list(pages(client, f"?zoek=praktijk&voor={key}", "prev"))
    assert [code for each in back for code in each] == there[0][:-1]
    practice = Practice.objects.get(pk=key)
    make_order(
        campaign, practice, [(make_product(campaign), make_location(practice), 100, make_day(campaign, DAY).day)]
    )
    assert CODES.findall(client.get(f"{LIST}?zoek=praktijk&na={key}").content.decode()) == there[1]
    assert CODES.findall(client.get(f"{LIST}?zoek=praktijk&na=999999").content.decode())[0] == there[0][0]


def test_a_cell_is_never_a_formula(campaign, client):
    make_practice("=HYPERLINK(1)")
    assert "'=HYPERLINK(1)" in shown(client)


def act(client: Client, practice, do: str, reason: str = "Mevrouw Jansen belde"):
    return client.post(f"{LIST}{practice.agb_code}/", {"do": do, "reason": reason})


def test_ordering_for_a_practice_leads_to_its_own_page(campaign, cast, client):
    make_ticket(campaign, cast.practice, number=1)
    response = act(client, cast.practice, "order")
    assert response.url == "/bestellen/2027/wachtkamer/"
    page = client.get(response.url).content.decode()
    assert f"U bestelt namens {cast.practice.name}, telefonisch" in page
    assert client.get("/bestellen/2027/kalender/").status_code == 200
    assert client.get("/", follow=True).redirect_chain[-1][0] == "/bestellen/2027/wachtkamer/"
    log = client.get("/regiekamer/2027/logboek/").content.decode()
    assert "Begonnen met bestellen namens de praktijk" in log
    assert f"{LIST}{cast.practice.agb_code}/" in log


def test_what_is_put_ready_by_phone_is_kept_for_the_practice(campaign, cast, client):
    flu, location = make_product(campaign), cast.practice.locations.get()
    act(client, cast.practice, "order")
    fields = {
        "practice": cast.practice.pk,
        f"doses-{flu.pk}-{location.pk}": "100",
        "email": cast.practice.email,
        "second_email": "tweede@voorbeeld.example",
        "auto": "off",
        f"address-{location.pk}-street": location.street,
        f"address-{location.pk}-postcode": location.postcode,
        f"address-{location.pk}-city": location.city,
    }
    assert client.post("/bestellen/2027/voorbereiden/", fields).status_code == 302
    event = AuditEvent.objects.get(action="practice.emails_changed")
    assert (event.actor, event.practice, event.reason) == (cast.organiser, cast.practice, "Mevrouw Jansen belde")
    act(client, cast.other_practice, "order")
    assert client.post("/bestellen/2027/voorbereiden/", fields).status_code == 409


def test_an_order_that_was_placed_by_phone_says_so(campaign, cast, client):
    act(client, cast.practice, "order")
    flu = make_product(campaign)
    line = (flu, cast.practice.locations.get(), 100, DAY)
    make_order(campaign, cast.practice, [line], placed_by=cast.organiser)
    make_order(
        campaign,
        cast.other_practice,
        [(flu, cast.other_practice.locations.get(), 10, DAY)],
        number="B27-2",
        placed_by=cast.outsider,
    )
    assert f"telefonisch, door {cast.organiser.name} van de organisatie" in placed_page(cast.owner)
    page = placed_page(cast.outsider)
    assert f"door {cast.outsider.name}" in page
    assert "telefonisch" not in page


def placed_page(person) -> str:
    client = Client()
    client.force_login(person)
    return client.get("/bestellen/2027/bestelling/").content.decode()


def test_blocking_and_unblocking(campaign, cast, client):
    page = client.post(f"{LIST}{cast.practice.agb_code}/", {"do": "block", "reason": "dubbel"}, follow=True)
    assert "Deze praktijk kan nu niets bestellen." in page.content.decode()
    assert "Deze praktijk is geblokkeerd" in page.content.decode()
    assert "Bestel namens deze praktijk" not in page.content.decode()
    assert Hold.objects.get().blocked
    log = client.get("/regiekamer/2027/logboek/").content.decode()
    assert "Praktijk geblokkeerd: " in log
    assert "Reden: dubbel" in log
    act(client, cast.practice, "unblock")
    assert not Hold.objects.get().blocked


@pytest.mark.parametrize("do", ["order", "block", "unblock"])
def test_an_act_without_a_reason_is_refused(campaign, cast, client, do):
    response = act(client, cast.practice, do, "  ")
    assert response.status_code == 422
    assert not Mandate.objects.exists()
    assert not Hold.objects.filter(blocked=True).exists()


def test_what_was_typed_stays_when_an_act_is_refused(campaign, cast, client):
    act(client, cast.practice, "block")
    response = act(client, cast.practice, "block", "nog eens <b>")
    assert response.status_code == 422
    assert "Deze praktijk was al geblokkeerd." in response.content.decode()


def test_a_practice_that_has_ordered_has_no_acts(everybody, client):
    page = client.get(f"{LIST}{everybody['Besteld'].agb_code}/").content.decode()
    assert "B27-00001" in page
    assert "Blokkeer deze praktijk" not in page
    assert "Bestel namens deze praktijk" not in page


def test_a_prepared_order_is_told(campaign, cast, client):
    make_prepared(campaign, cast.practice)
    assert "Bestelling klaargezet" in client.get(f"{LIST}{cast.practice.agb_code}/").content.decode()


def test_a_number_that_was_drawn_and_one_that_came_later(campaign, cast, client):
    drawn_at = timezone.now() - timedelta(seconds=30)
    campaign.room.rounds.update(frozen_at=drawn_at, first_number=1, drawn_count=1, list_hash=b"", drawn_at=drawn_at)
    make_ticket(campaign, cast.practice, number=1)
    make_ticket(campaign, cast.other_practice, number=2, called=False)
    first = client.get(f"{LIST}{cast.practice.agb_code}/").content.decode()
    assert "Nummer 1 geloot" in first
    assert "Aan de beurt: het nummer werd opgeroepen" in first
    second = client.get(f"{LIST}{cast.other_practice.agb_code}/").content.decode()
    assert "Nummer 2, op volgorde van binnenkomst" in second
    assert "opgeroepen</span>" not in second
