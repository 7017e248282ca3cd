from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.utils.timezone import now

from balie.mail.models import OutboxMail
from balie.ordering.models import Order
from balie.ordering.services import typesetting
from balie.ordering.testing import make_campaign, make_day, make_order, make_product
from balie.practices.testing import Cast, make_cast

pytestmark = pytest.mark.django_db
URL = "/bestellen/2027/bestelling/"
SENT = {"state": "sent", "sent_at": now(), "attempts": 1}
BOUNCED = {**SENT, "state": "bounced", "undelivered_at": now(), "answer": "5.1.1 550 Onbekend"}
FAILED = {"state": "failed", "undelivered_at": now(), "attempts": 9, "answer": "Connection refused"}


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
    assert client.get(f"{URL}mail.json").json() == {"mails": [], "poll_after_s": None}


@pytest.mark.parametrize(
    ("row", "say"),
    [
        ({}, "Onderweg"),
        ({"requested_at": now() - timedelta(minutes=10)}, "De mail komt later. Uw bestelling staat vast."),
        ({"attempts": 1}, "Onderweg"),
        ({"attempts": 2, "answer": "451 try later"}, "Nog onderweg: de mailserver neemt hem nog niet aan."),
        (SENT, "Aangenomen door uw mailserver"),
        (SENT | {"answer": "4.4.1 no route"}, "Uw mailserver heeft de mail, maar kon hem nog niet bezorgen."),
        (BOUNCED, "Deze mailbox bestaat niet. Uw bestelling staat vast. Klopt het adres?"),
        (
            BOUNCED | {"answer": "4.2.2 vol"},
            "Deze mailbox is vol. Uw bestelling staat vast. Vraag de mail later opnieuw",
        ),
        (FAILED, "De mailserver van dit adres was niet te bereiken."),
    ],
)
def test_every_state_of_a_mail_is_said(client: Client, order: Order, row: dict, say: str):
    make_mail(**row)
    (mail,) = client.get(f"{URL}mail.json").json()["mails"]
    assert mail["recipient"] == "praktijk@voorbeeld.example"
    assert mail["again"] == (row.get("state", "queued") != "queued")
    assert mail["lost"] == (row.get("state") in {"bounced", "failed"})
    assert say in mail["say"]
    assert say in text(client)


def test_the_next_attempt_has_a_time(client: Client, order: Order):
    make_mail(attempts=1, answer="451 try later", next_attempt_at=datetime(2027, 5, 31, 22, 36, tzinfo=UTC))
    assert "volgende poging om 00.36 uur" in text(client)


@pytest.mark.parametrize(
    ("row", "hours_ago", "again_s"),
    [({}, 0, 2), (SENT, 0, 15), (SENT, 1, None), (BOUNCED, 0, None), (FAILED, 0, None)],
)
def test_the_page_asks_again_as_long_as_something_may_happen(
    client: Client, order: Order, row: dict, hours_ago: int, again_s: int | None
):
    sent = {"sent_at": now() - timedelta(hours=hours_ago)} if "sent_at" in row else {}
    make_mail(**row | sent)
    assert client.get(f"{URL}mail.json").json()["poll_after_s"] == again_s


def test_both_addresses_have_a_state_of_their_own(client: Client, order: Order, cast: Cast):
    cast.practice.second_email = "beheer@voorbeeld.example"
    cast.practice.save()
    make_mail(**SENT)
    make_mail("beheer@voorbeeld.example")
    states = [mail["state"] for mail in client.get(f"{URL}mail.json").json()["mails"]]
    assert states == ["sent", "queued"]


def test_a_colleague_sees_it_and_an_outsider_cannot_tell_it_exists(client: Client, order: Order, cast: Cast):
    client.force_login(cast.colleague)
    assert client.get(URL).status_code == 200
    for stranger in (cast.outsider, cast.organiser):
        client.force_login(stranger)
        for address in (URL, f"{URL}mail.json", f"{URL}bewijs.pdf", f"{URL}bezorging.ics"):
            response = client.get(address)
            assert response.status_code == 404
            assert b"B27-01198" not in response.content
        for act in ("resend", "addresses"):
            posted = client.post(URL, {"do": act, "email": "x@y.example", "recipient": cast.practice.email})
            assert posted.status_code == 404
    client.logout()
    for address in (URL, f"{URL}bewijs.pdf", f"{URL}bezorging.ics"):
        assert client.get(address)["Location"].startswith("/account/login/")


def test_the_receipt_is_a_file_that_stays_in_this_browser(client: Client, order: Order):
    answer = client.get(f"{URL}bewijs.pdf")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer["Content-Disposition"] == 'attachment; filename="bestelling-B27-01198.pdf"'
    assert {"private", "no-cache"} <= set(answer["Cache-Control"].split(", "))
    assert answer.content.startswith(b"%PDF-")
    assert f'href="{URL}bewijs.pdf"' in text(client)


def test_without_a_receipt_the_page_says_so(client: Client, order: Order, monkeypatch, tmp_path):
    monkeypatch.setattr(typesetting, "LAYOUTS", tmp_path)
    answer = client.get(f"{URL}bewijs.pdf", follow=True)
    assert answer.redirect_chain == [(URL, 302)]
    assert "Het bewijs maken lukt nu niet." in answer.content.decode()


def test_the_deliveries_are_a_file_for_a_calendar(client: Client, order: Order):
    answer = client.get(f"{URL}bezorging.ics")
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert answer["Content-Disposition"] == 'attachment; filename="bestelling-B27-01198.ics"'
    assert "private" in answer["Cache-Control"]
    assert b"DTSTART;VALUE=DATE:20271012" in answer.content


def test_a_practice_without_order_finds_nothing(client: Client, cast: Cast):
    make_campaign(slug="2027")
    assert client.get(URL).status_code == 404
    assert client.get("/bestellen/9999/bestelling/").status_code == 404
