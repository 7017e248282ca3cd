from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from balie.mail.models import OutboxMail
from balie.ordering.models import Order
from balie.ordering.testing import make_campaign, make_day, make_order, make_product
from balie.practices.testing import Cast, make_cast

pytestmark = pytest.mark.django_db
URL = "/bestellen/2027/bestelling/"


@pytest.fixture
def cast(client: Client) -> Cast:
    cast = make_cast()
    client.force_login(cast.owner)
    return cast


@pytest.fixture
def order(cast: Cast) -> Order:
    campaign = make_campaign(slug="2027")
    lines = [(make_product(campaign), cast.practice.locations.get(), 1650, make_day(campaign, "2027-10-12").day)]
    return make_order(campaign, cast.practice, lines, number="B27-01198", placed_by=cast.colleague)


def make_mail(recipient: str = "praktijk@voorbeeld.example", **changes: object) -> OutboxMail:
    row = {
        "kind": "order_confirmation",
        "reference": "B27-01198",
        "message_id": "b27-01198.2027@localhost",
        "next_attempt_at": now(),
        "created_at": now(),
    }
    return OutboxMail.objects.create(recipient=recipient, **(row | changes))


def text(client: Client) -> str:
    return " ".join(client.get(URL).content.decode().split())


def test_the_order_number_comes_first(client: Client, order: Order):
    page = text(client)
    assert "<title>Bestelling B27-01198 staat vast – Balie</title>" in page
    main = page[page.index("<main") :]
    assert main.index("B27-01198") < main.index("Uw bestelling staat vast")
    assert "dinsdag 12 oktober 2027" in main
    assert "1.650 doses" in main
    assert "Lindelaan 1, 1234 AB Ons Dorp" in main
    assert "De mail is alleen een kopie." in main
    assert "door Bilal Aydin" in main


def test_the_order_needs_no_mail_to_stand(client: Client, order: Order):
    assert "B27-01198" in text(client)
    assert client.get(f"{URL}mail.json").json() == {"mails": []}


@pytest.mark.parametrize(
    ("row", "say"),
    [
        ({}, "Onderweg"),
        ({"created_at": now() - timedelta(minutes=10)}, "De mail komt later. Uw bestelling staat vast."),
        ({"attempts": 1}, "Onderweg"),
        ({"attempts": 2, "answer": "451 try later"}, "Nog onderweg: de mailserver neemt hem nog niet aan."),
        ({"state": "sent", "sent_at": now(), "attempts": 1}, "Aangenomen door uw mailserver"),
        ({"state": "bounced", "sent_at": now(), "attempts": 1}, "Uw mailserver weigert dit adres."),
        ({"state": "failed", "attempts": 9}, "Het lukt niet om naar dit adres te mailen."),
    ],
)
def test_every_state_of_a_mail_is_said(client: Client, order: Order, row: dict, say: str):
    make_mail(**row)
    (mail,) = client.get(f"{URL}mail.json").json()["mails"]
    assert mail["recipient"] == "praktijk@voorbeeld.example"
    assert mail["settled"] == (row.get("state", "queued") != "queued")
    assert say in mail["say"]
    assert say in text(client)


def test_the_next_attempt_has_a_time(client: Client, order: Order):
    make_mail(attempts=1, answer="451 try later", next_attempt_at=datetime(2027, 5, 31, 22, 36, tzinfo=UTC))
    assert "volgende poging om 00.36 uur" in text(client)


def test_both_addresses_have_a_state_of_their_own(client: Client, order: Order):
    make_mail(state="sent", sent_at=now())
    make_mail("beheer@voorbeeld.example")
    states = [mail["state"] for mail in client.get(f"{URL}mail.json").json()["mails"]]
    assert states == ["sent", "queued"]


def test_a_colleague_sees_it_and_an_outsider_cannot_tell_it_exists(client: Client, order: Order, cast: Cast):
    client.force_login(cast.colleague)
    assert client.get(URL).status_code == 200
    for stranger in (cast.outsider, cast.organiser):
        client.force_login(stranger)
        for address in (URL, f"{URL}mail.json"):
            response = client.get(address)
            assert response.status_code == 404
            assert b"B27-01198" not in response.content
    client.logout()
    assert client.get(URL)["Location"].startswith("/account/login/")


def test_a_practice_without_order_finds_nothing(client: Client, cast: Cast):
    make_campaign(slug="2027")
    assert client.get(URL).status_code == 404
    assert client.get("/bestellen/9999/bestelling/").status_code == 404
