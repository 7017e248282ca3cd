"""What a practice does about the mails of its order: ask for one again, and mend an address."""

from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils.timezone import now

from balie.mail.models import OutboxMail
from balie.ordering.models import Order
from balie.ordering.testing import make_campaign, make_day, make_order, make_product
from balie.practices.models import AuditEvent
from balie.practices.testing import Cast, make_cast

pytestmark = pytest.mark.django_db
URL = "/bestellen/2027/bestelling/"
FIRST = "praktijk@voorbeeld.example"
SENT = {"state": "sent", "attempts": 1}
BOUNCED = {"state": "bounced", "attempts": 1, "answer": "5.1.1 Onbekend"}


@pytest.fixture
def cast(client: Client) -> Cast:
    cast = make_cast()
    client.force_login(cast.owner)
    return cast


@pytest.fixture
def order(cast: Cast) -> Order:
    campaign = make_campaign(slug="2027")
    lines = [(make_product(campaign), cast.practice.locations.get(), 650, make_day(campaign, "2027-10-12").day)]
    return make_order(campaign, cast.practice, lines, number="B27-01198")


def make_mail(recipient: str = FIRST, **changes: object) -> OutboxMail:
    row = {"kind": "order_confirmation", "reference": "B27-01198", "message_id": "b27-01198.2027@localhost"}
    row |= {"sent_at": now()} if changes.get("state") in {"sent", "bounced"} else {}
    row |= {"undelivered_at": now()} if changes.get("state") in {"failed", "bounced"} else {}
    return OutboxMail.objects.create(recipient=recipient, **(row | changes))


def resend(client: Client, recipient: str = FIRST):
    return client.post(URL, {"do": "resend", "recipient": recipient}, follow=True)


def mend(client: Client, email: str = FIRST, second_email: str = "", **more: object):
    return client.post(URL, {"do": "addresses", "email": email, "second_email": second_email, **more}, follow=True)


def said(answer) -> str:
    return " ".join(answer.content.decode().split())


def test_a_mail_can_be_asked_for_again_and_is_the_same_message(client: Client, order: Order, cast: Cast):
    make_mail(**SENT)
    assert f"De mail gaat opnieuw naar {FIRST}." in said(resend(client))
    mail = OutboxMail.objects.get()
    assert (mail.state, mail.round, mail.message_id) == ("queued", 2, "b27-01198.2027@localhost")
    event = AuditEvent.objects.get(action="mail.resent")
    assert (event.actor, event.practice, event.subject) == (cast.owner, cast.practice, "B27-01198")
    assert event.detail == {"recipients": [FIRST]}


def test_what_is_on_its_way_is_not_asked_for_again(client: Client, order: Order):
    make_mail()
    answer = resend(client)
    assert answer.status_code == 422
    assert "Deze mail is al onderweg." in said(answer)
    assert OutboxMail.objects.get().round == 1
    assert not AuditEvent.objects.exists()


@pytest.mark.parametrize("recipient", ["", "iemand@anders.example", "eik@voorbeeld.example"])
def test_only_the_practices_own_addresses_get_it(client: Client, order: Order, recipient: str):
    make_mail(**SENT)
    make_mail("iemand@anders.example", **BOUNCED)
    answer = resend(client, recipient)
    assert answer.status_code == 422
    assert "Naar dit adres ging geen bevestiging." in said(answer)
    assert not AuditEvent.objects.exists()


def test_once_a_minute_and_five_times_a_day(client: Client, order: Order):
    make_mail(**SENT)
    with time_machine.travel(now(), tick=False) as time:
        for _ in range(5):
            assert resend(client).status_code == 200
            OutboxMail.objects.update(state="sent", sent_at=now())
            time.shift(59)
            answer = resend(client)
            assert answer.status_code == 422
            assert "U vroeg net al om een mail. Over 1 seconde kan het weer." in said(answer)
            time.shift(1)
        answer = resend(client)
        assert answer.status_code == 422
        assert "Dit is vandaag al 5 keer gedaan. Bel ons: 088 123 45 67." in said(answer)
        assert OutboxMail.objects.get().round == 6
        time.shift(timedelta(days=1))
        assert resend(client).status_code == 200


def test_the_limit_is_of_the_order_whatever_the_address_and_whoever_asks(client: Client, order: Order, cast: Cast):
    cast.practice.second_email = "tweede@voorbeeld.example"
    cast.practice.save()
    make_mail(**SENT)
    make_mail("tweede@voorbeeld.example", **SENT)
    assert resend(client).status_code == 200
    client.force_login(cast.colleague)
    assert resend(client, "tweede@voorbeeld.example").status_code == 422


def test_a_bounced_address_is_mended_and_gets_the_confirmation(client: Client, order: Order, cast: Cast):
    make_mail(**BOUNCED)
    page = said(client.get(URL))
    assert "Klopt het adres?" in page
    assert '<details class="balie-ask" data-mend open>' in page
    assert "De bevestiging gaat ook naar goed@voorbeeld.example." in said(mend(client, "goed@voorbeeld.example"))
    old, new = OutboxMail.objects.order_by("id")
    assert (old.state, new.state, new.recipient) == ("bounced", "queued", "goed@voorbeeld.example")
    assert (new.kind, new.reference, new.message_id) == (old.kind, old.reference, old.message_id)
    cast.practice.refresh_from_db()
    assert cast.practice.email == "goed@voorbeeld.example"
    assert set(AuditEvent.objects.values_list("action", flat=True)) == {"practice.emails_changed", "mail.readdressed"}
    states = client.get(f"{URL}mail.json").json()["mails"]
    assert [(mail["recipient"], mail["lost"]) for mail in states] == [(FIRST, False), ("goed@voorbeeld.example", False)]
    assert states[0]["say"] == "Dit adres gebruikt u niet meer."


def test_a_second_address_is_added_and_taken_away_again(client: Client, order: Order, cast: Cast):
    make_mail(**SENT)
    mend(client, second_email="tweede@voorbeeld.example")
    assert set(OutboxMail.objects.values_list("recipient", "state")) == {
        (FIRST, "sent"),
        ("tweede@voorbeeld.example", "queued"),
    }
    assert "Bewaard." in said(mend(client))
    assert OutboxMail.objects.count() == 2
    cast.practice.refresh_from_db()
    assert cast.practice.second_email == ""


@pytest.mark.parametrize("second", [FIRST, FIRST.upper(), ""])
def test_the_same_address_twice_is_one_mail(client: Client, order: Order, second: str):
    make_mail(**SENT)
    assert mend(client, second_email=second).status_code == 200
    assert OutboxMail.objects.count() == 1


def test_an_address_that_comes_back_gets_what_it_missed(client: Client, order: Order):
    make_mail(**SENT)
    make_mail("tweede@voorbeeld.example", **BOUNCED)
    mend(client, second_email="tweede@voorbeeld.example")
    again = OutboxMail.objects.get(recipient="tweede@voorbeeld.example")
    assert (again.state, again.round) == ("queued", 2)


@pytest.mark.parametrize(("email", "second"), [("", ""), ("geen adres", ""), (FIRST, "geen adres"), ("a@b\0.nl", "")])
def test_what_is_no_address_comes_back_as_typed_and_changes_nothing(
    client: Client, order: Order, cast: Cast, email: str, second: str
):
    make_mail(**SENT)
    answer = mend(client, email, second)
    assert answer.status_code == 422
    page = said(answer)
    assert "is geen e-mailadres. Schrijf het als naam@praktijk.nl." in page
    assert f'value="{second}"' in page
    assert "data-mend open" in page
    cast.practice.refresh_from_db()
    assert (cast.practice.email, cast.practice.second_email) == (FIRST, "")
    assert OutboxMail.objects.count() == 1
    assert not AuditEvent.objects.exists()


def test_addresses_are_mended_five_times_a_day(client: Client, order: Order, cast: Cast):
    for times in range(6):
        answer = mend(client, f"adres{times}@voorbeeld.example")
    assert answer.status_code == 422
    assert "Dit is vandaag al 5 keer gedaan." in said(answer)
    assert 'value="adres5@voorbeeld.example"' in said(answer)
    cast.practice.refresh_from_db()
    assert cast.practice.email == "adres4@voorbeeld.example"
    assert OutboxMail.objects.count() == 5


def test_a_page_of_another_practice_changes_nothing(client: Client, order: Order, cast: Cast):
    answer = mend(client, "x@voorbeeld.example", practice=cast.other_practice.pk)
    assert answer.status_code == 409
    assert not OutboxMail.objects.exists()


def test_an_unknown_act_is_not_found(client: Client, order: Order):
    assert client.post(URL, {"do": "verwijder"}).status_code == 404
