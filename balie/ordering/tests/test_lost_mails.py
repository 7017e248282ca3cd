"""The organiser's list of confirmations that did not arrive: whom to call, and what was done."""

import csv
from datetime import timedelta
from io import StringIO

import pytest
from django.test import Client
from django.utils.timezone import now

from balie.mail.models import OutboxMail
from balie.mail.services import send_again
from balie.ordering.models import Campaign, MailMark
from balie.ordering.testing import make_campaign, make_day, make_order, make_product
from balie.practices.models import AuditEvent, Practice
from balie.practices.testing import Cast, make_cast, make_location, make_practice

pytestmark = pytest.mark.django_db
URL = "/regiekamer/2027/mails/"
CSV = "/regiekamer/2027/mails.csv"


@pytest.fixture
def cast(client: Client) -> Cast:
    cast = make_cast()
    client.force_login(cast.organiser)
    return cast


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    campaign = make_campaign(slug="2027")
    make_product(campaign)
    make_day(campaign, "2027-10-12")
    return campaign


def make_ordered(campaign: Campaign, practice: Practice, number: str) -> None:
    lines = [(campaign.products.get(), practice.locations.get(), 650, campaign.days.get().day)]
    make_order(campaign, practice, lines, number=number)


def make_mail(reference: str, recipient: str, state: str = "bounced", answer: str = "5.1.1 x", **more) -> OutboxMail:
    row = {"kind": "order_confirmation", "message_id": f"{reference}@x", "attempts": 1, "answer": answer}
    row |= {"sent_at": now()} if state in {"sent", "bounced"} else {}
    row |= {"undelivered_at": now()} if state in {"failed", "bounced"} else {}
    return OutboxMail.objects.create(reference=reference, recipient=recipient, state=state, **(row | more))


@pytest.fixture
def lost(campaign: Campaign, cast: Cast) -> OutboxMail:
    cast.practice.phone = "0591 12 34 56"
    cast.practice.save()
    make_ordered(campaign, cast.practice, "B27-01198")
    return make_mail("B27-01198", cast.practice.email)


def mark(client: Client, mail: OutboxMail, do: str = "called", note: str = ""):
    body = {"mail": mail.pk, "round": mail.round, "do": do, "note": note}
    return client.post(URL, body, follow=True)


def text(client: Client, address: str = URL) -> str:
    return " ".join(client.get(address).content.decode().split())


def test_it_says_whom_to_call_and_why(client: Client, lost: OutboxMail):
    page = text(client)
    for said in (
        "B27-01198",
        "Huisartsenpraktijk De Linde",
        'href="tel:0591123456"',
        "praktijk@voorbeeld.example",
        "Deze mailbox bestaat niet.",
        "nergens aangekomen",
        "nog bellen",
        "Nog te doen (1)",
    ):
        assert said in page


def test_who_got_nothing_at_all_comes_first(client: Client, campaign: Campaign, cast: Cast, lost: OutboxMail):
    other = cast.other_practice
    other.second_email = "tweede@voorbeeld.example"
    other.save()
    make_ordered(campaign, other, "B27-00002")
    make_mail("B27-00002", other.email, undelivered_at=now() + timedelta(minutes=5))
    make_mail("B27-00002", other.second_email, "sent")
    page = text(client)
    assert page.index("B27-01198") < page.index("B27-00002")
    assert "wel aangekomen op tweede@voorbeeld.example" in page


@pytest.mark.parametrize("state", ["queued", "sent"])
def test_what_may_still_arrive_or_did_is_not_there(client: Client, campaign: Campaign, cast: Cast, state: str):
    make_ordered(campaign, cast.practice, "B27-01198")
    make_mail("B27-01198", cast.practice.email, state)
    make_mail("B27-09999", "van@een.andere.campagne")
    assert "Er is niemand om te bellen" in text(client)
    assert "van@een.andere.campagne" not in text(client, f"{URL}?toon=alle")


def test_a_call_is_noted_with_who_and_when_and_the_mail_stays_on_the_list(client: Client, lost: OutboxMail, cast: Cast):
    page = " ".join(mark(client, lost, note="Belt terug").content.decode().split())
    assert "B27-01198: genoteerd dat u belde." in page
    assert "Gebeld door Dina Smit," in page
    assert "“Belt terug”" in page
    event = AuditEvent.objects.get()
    assert (event.action, event.actor, event.practice) == ("mail.called", cast.organiser, cast.practice)
    assert (event.subject, event.reason) == ("B27-01198", "Belt terug")


def test_what_is_solved_leaves_the_list_and_can_be_found(client: Client, lost: OutboxMail):
    mark(client, lost, note="Belt terug")
    mark(client, lost, do="solved")
    assert "Er is niemand om te bellen" in text(client)
    assert "Opgelost door Dina Smit," in text(client, f"{URL}?toon=opgelost")
    assert "Alle (1)" in text(client)
    assert list(AuditEvent.objects.values_list("action", flat=True).order_by("pk")) == ["mail.called", "mail.solved"]
    assert MailMark.objects.count() == 1


def test_a_mail_that_is_lost_again_is_on_the_list_again(client: Client, lost: OutboxMail):
    mark(client, lost, do="solved")
    send_again(reference=lost.reference, recipient=lost.recipient)
    assert "B27-01198" not in text(client, f"{URL}?toon=alle")
    OutboxMail.objects.update(state="bounced", sent_at=now(), undelivered_at=now(), answer="5.2.2")
    page = text(client)
    assert "Deze mailbox is vol." in page
    assert "nog bellen" in page


def test_an_address_that_the_practice_gave_up_is_solved(client: Client, lost: OutboxMail, cast: Cast):
    cast.practice.email = "nieuw@voorbeeld.example"
    cast.practice.save()
    assert "Er is niemand om te bellen" in text(client)
    assert "De praktijk gebruikt dit adres niet meer." in text(client, f"{URL}?toon=opgelost")


def test_what_is_mailed_again_meanwhile_is_not_marked(client: Client, lost: OutboxMail):
    send_again(reference=lost.reference, recipient=lost.recipient)
    assert "Die mail is intussen opnieuw verstuurd. Er is niets genoteerd." in mark(client, lost).content.decode()
    assert not MailMark.objects.exists()


def test_a_note_that_is_too_long_comes_back(client: Client, lost: OutboxMail):
    answer = mark(client, lost, note="x" * 301)
    assert answer.status_code == 422
    assert "Schrijf hooguit 300 letters." in answer.content.decode()
    assert "x" * 301 in answer.content.decode()
    assert not MailMark.objects.exists()


@pytest.mark.parametrize(
    "strange", [{"mail": "x"}, {"mail": "999999"}, {"round": "2"}, {"do": "verwijder"}, {"do": ""}]
)
def test_strange_posts_mark_nothing(client: Client, lost: OutboxMail, strange: dict):
    client.post(URL, {"mail": lost.pk, "round": 1, "do": "called"} | strange)
    assert not MailMark.objects.exists()


def test_the_list_is_a_file_for_a_spreadsheet(client: Client, lost: OutboxMail, cast: Cast, campaign: Campaign):
    practice = make_practice("=1+1", email="plus@voorbeeld.example")
    practice.phone = "+31 591 1"
    practice.save()
    make_location(practice)
    make_ordered(campaign, practice, "B27-00003")
    make_mail("B27-00003", practice.email, "failed", "Connection refused")
    mark(client, lost, note="Belt; terug")
    answer = client.get(CSV)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    assert answer["Content-Disposition"] == 'attachment; filename="mails-2027.csv"'
    rows = list(csv.DictReader(StringIO(answer.content.decode("utf-8-sig")), delimiter=";"))
    by_number = {row["Bestelnummer"]: row for row in rows}
    first = by_number["B27-01198"]
    assert (first["Telefoon"], first["Wat er is"]) == ("0591 12 34 56", "Deze mailbox bestaat niet.")
    assert (first["Stand"], first["Door"], first["Notitie"]) == ("gebeld", "Dina Smit", "Belt; terug")
    formula = by_number["B27-00003"]
    assert (formula["Praktijk"], formula["Telefoon"]) == ("'=1+1", "'+31 591 1")
    assert len(client.get(f"{CSV}?toon=opgelost").content.decode().splitlines()) == 1


def test_only_staff_of_the_organiser_see_it(client: Client, lost: OutboxMail, cast: Cast):
    for stranger in (cast.owner, cast.colleague, cast.outsider):
        client.force_login(stranger)
        for address in (URL, CSV, "/regiekamer/9999/mails/"):
            assert client.get(address).status_code == 404
        assert mark(client, lost).status_code == 404
    client.logout()
    assert client.get(URL)["Location"].startswith("/account/login/")
    assert not MailMark.objects.exists()
