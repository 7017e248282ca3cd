"""The organiser's list of practices and the page of one: found, shown, and corrected with a reason."""

import re

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from balie.practices.directory import queries
from balie.practices.directory.correcting import contact_of
from balie.practices.models import AuditEvent, Location, Membership, Practice
from balie.practices.testing import (
    Cast,
    make_cast,
    make_location,
    make_membership,
    make_past_use,
    make_person,
    make_practice,
)

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.urls")]

LIST = "/praktijken/"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def client(cast) -> Client:
    client = Client()
    client.force_login(cast.organiser)
    return client


def page(client: Client, address: str, **words: str) -> str:
    """What it says, on one line."""
    answer = client.get(address, words)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def of(practice: Practice) -> str:
    return f"{LIST}{practice.agb_code}/"


def queries_of(client: Client, address: str) -> int:
    with CaptureQueriesContext(connection) as captured:
        page(client, address)
    return len(captured)


# The list.


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("", {"De Linde", "De Eik", "De Beuk"}),
        ("linde", {"De Linde"}),
        ("0199", {"De Beuk"}),
        ("GINDER", {"De Beuk"}),
        ("de dorp", {"De Linde", "De Eik"}),
        ("beuk dorp", set()),
        ("%", set()),
        ("\0linde", {"De Linde"}),
        ("' or 7=7 --", set()),
        ("x" * 10_000, set()),
    ],
)
def test_practices_are_found_by_name_code_and_place(client, words, found):
    make_location(make_practice("De Beuk", agb_code="01999999"), city="Ginder")
    seen = page(client, LIST, zoek=words)
    assert {name for name in ("De Linde", "De Eik", "De Beuk") if f"{name}</a>" in seen} == found
    assert ("Geen praktijk met" in seen) == (not found)


@pytest.mark.parametrize("place", ["na=niets", "voor=", "na=-1", "na=" + "9" * 19])
def test_a_place_that_cannot_be_is_not_found(client, place):
    assert client.get(f"{LIST}?{place}").status_code == 404


def test_the_pages_together_show_everybody_once_there_and_back(client, monkeypatch):
    monkeypatch.setattr(queries, "A_PAGE", 2)
    for number in range(3):
        make_practice(f"Praktijk {number}")  # two more of the cast
    pages, way = [page(client, LIST)], "next"
    while link := re.search(rf'rel="{way}" href="\?(\w+)=(\d+)"', pages[-1]):
        pages.append(page(client, LIST, **{link[1]: link[2]}))
        way = "prev" if len(pages) >= 3 else way
    names = [re.findall(r'href="/praktijken/\d{8}/">([^<]+)<', each) for each in pages]
    assert [len(each) for each in names] == [2, 2, 1, 2, 2]
    assert names[:3] == names[:1:-1]
    all_of_them = [name for each in names[:3] for name in each]
    assert sorted(all_of_them) == all_of_them


def test_a_practice_is_found_by_what_became_of_it(client, cast):
    """Also where rows are written by hand: the database itself keeps what is searched."""
    practice, place = cast.practice, cast.practice.locations.get()
    Practice.objects.filter(pk=practice.pk).update(
        name="Zonnehof", email="balie@zonnehof.example", phone="088-765 43 21"
    )
    Location.objects.filter(pk=place.pk).update(city="Geïnsum", postcode="4321 ZX")
    for words in ("hof", "zonnehof.example", "ZONNE geins", "4321zx", "4321 zx", "+31 88 765", practice.agb_code[:7]):
        assert "Zonnehof</a>" in page(client, LIST, zoek=words), words
    place.delete()
    assert "Zonnehof</a>" not in page(client, LIST, zoek="geins")
    for words in ("linde", "ons dorp zonnehof"):
        assert "Zonnehof</a>" not in page(client, LIST, zoek=words), words


def test_without_practices_it_says_how_to_get_them():
    client = Client()
    client.force_login(make_person(is_organiser=True))
    assert "Er zijn nog geen praktijken" in page(client, LIST)


def test_more_rows_ask_no_more_of_the_database(client, cast):
    page(client, LIST)
    few = queries_of(client, LIST), queries_of(client, of(cast.practice))
    for number in range(20):
        practice = make_practice(f"Praktijk {number}")
        make_location(practice)
        make_location(practice, "Bijgebouw")
        make_location(cast.practice, f"Locatie {number}")
        make_membership(make_person(f"Persoon {number}"), cast.practice)
        make_past_use(cast.practice, year=2000 + number)
        correct(client, cast.practice, phone=f"088 123 45 {number:02}")
    page(client, LIST)
    assert (queries_of(client, LIST), queries_of(client, of(cast.practice))) == few


# The page of one.


def correct(client: Client, practice: Practice, *, seen: str | None = None, **typed: str):
    mark = contact_of(Practice.objects.get(pk=practice.pk), practice.locations.all()).mark
    reason = {"reason": "gebeld met de praktijk"} | typed
    return client.post(of(practice), {"seen": mark if seen is None else seen, **reason})


def test_everything_that_is_known_is_there(client, cast):
    practice = cast.practice
    make_past_use(practice, ordered=1650, administered=1610)
    make_past_use(practice, "rsv", year=2025, administered=None)
    Practice.objects.filter(pk=practice.pk).update(phone="088 123 45 67", second_email="twee@voorbeeld.example")
    seen = page(client, of(practice))
    for words in (
        practice.name, "2.095 ingeschreven patiënten", "praktijk@voorbeeld.example", "twee@voorbeeld.example",
        "tel:0881234567", "Lindelaan 1, 1234 AB Ons Dorp", "Anna de Vries", "Huisarts", "Bilal Aydin",
        "nog niet ingelogd", "2026, griep", "1.650 besteld", "1.610 gegeven", "2025, rsv",
    ):  # fmt: skip
        assert words in seen
    assert "Chris Bakker" not in seen


def test_contact_data_are_corrected_with_a_reason_in_the_log(client, cast):
    location = cast.practice.locations.get()
    name = f"address-{location.pk}"
    answer = correct(
        client, cast.practice, email="nieuw@linde.example ", second_email="", phone=" 088 765 43 21",
        mobile="06-12345678",
        **{f"{name}-street": "Dorpsstraat 3", f"{name}-postcode": "1235cd"},
    )  # fmt: skip
    assert answer.url == of(cast.practice)
    practice, location = Practice.objects.get(pk=cast.practice.pk), Location.objects.get(pk=location.pk)
    assert (practice.email, practice.phone) == ("nieuw@linde.example", "088 765 43 21")
    assert practice.mobile == "+31612345678"
    assert location.address == "Dorpsstraat 3, 1235 CD Ons Dorp"
    events = AuditEvent.objects.filter(practice=practice)
    assert {(event.actor, event.reason) for event in events} == {(cast.organiser, "gebeld met de praktijk")}
    assert {event.action for event in events} == {
        "practice.emails_changed",
        "practice.phone_changed",
        "practice.mobile_changed",
        "location.moved",
    }
    seen = page(client, of(practice))
    assert "Telefoon: – → 088 765 43 21" in seen
    assert "Straat en huisnummer: Lindelaan 1 → Dorpsstraat 3" in seen
    assert "Reden: gebeld met de praktijk" in seen


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"email": "geen adres"}, "is geen e-mailadres"),
        ({"email": ""}, "is geen e-mailadres"),
        ({"second_email": "ook niet"}, "is geen e-mailadres"),
        ({"phone": "bel mij"}, "is geen telefoonnummer"),
        ({"phone": "1" * 31}, "is geen telefoonnummer"),
        ({"mobile": "088 123 45 67"}, "is geen mobiel nummer"),
        ({"street": ""}, "Vul straat en huisnummer in"),
        ({"postcode": "12"}, "is geen postcode"),
        ({"city": "x" * 101}, "Vul de plaats in"),
        ({"city": "a\0b"}, "Vul de plaats in"),
        ({"reason": "  "}, "Geef een reden"),
        ({"reason": "x" * 301}, "Geef een reden"),
        ({"reason": "a\0b"}, "Geef een reden"),
        ({"seen": "iets anders"}, "Intussen veranderde iemand deze gegevens"),
    ],
)
def test_what_cannot_be_is_refused_and_what_was_typed_stays(client, cast, typed, says):
    before = contact_of(cast.practice, cast.practice.locations.all())
    place = f"address-{cast.practice.locations.get().pk}"
    named = {f"{place}-{name}" if name in {"street", "postcode", "city"} else name: at for name, at in typed.items()}
    answer = correct(client, cast.practice, **({"phone": "088 000 00 00"} | named))
    assert answer.status_code == 422
    assert says in answer.content.decode()
    assert named.get("phone", "088 000 00 00") in answer.content.decode()
    practice = Practice.objects.get(pk=cast.practice.pk)
    assert contact_of(practice, practice.locations.all()) == before
    assert not AuditEvent.objects.exists()


def test_nothing_different_is_no_act(client, cast):
    assert correct(client, cast.practice).status_code == 302
    assert not AuditEvent.objects.exists()


def test_nobody_elses_location_can_be_moved(client, cast):
    other = cast.other_practice.locations.get()
    correct(client, cast.practice, **{f"address-{other.pk}-street": "Elders 1"})
    assert Location.objects.get(pk=other.pk).street == "Eikenweg 2"


# Who may.


@pytest.mark.parametrize("method", ["get", "post"])
def test_nobody_but_the_organiser_can_tell_that_it_exists(cast, method):
    addresses = [of(cast.practice), f"{LIST}00000000/"] + ([LIST] if method == "get" else [])
    for person in (cast.owner, cast.colleague, cast.outsider, make_person()):
        visitor = Client()
        visitor.force_login(person)
        assert {getattr(visitor, method)(address).status_code for address in addresses} == {404}
    assert {getattr(Client(), method)(address).status_code for address in addresses} == {302}
    assert Membership.objects.count() == 3


@pytest.mark.parametrize("code", ["00000000", "x", "a%00b", "9" * 100])
def test_a_practice_that_does_not_exist_is_not_found(client, code):
    assert client.get(f"{LIST}{code}/").status_code == 404
