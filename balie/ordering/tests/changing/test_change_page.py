"""Changing on pages: first what it would do, then the click; after the free limit somebody asks, and staff decide."""

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone
from icalendar import Calendar

from balie.mail.models import OutboxMail
from balie.ordering.models import Campaign, DeliveryDay, LateRequest, Order
from balie.ordering.queries.mails import read_lost_mails
from balie.ordering.queries.orders import read_deliveries
from balie.ordering.services.letters import render_order_changed, render_request_refused
from balie.ordering.services.orders import cancel_order
from balie.ordering.services.receipt_ics import make_calendar_file
from balie.ordering.testing import make_day
from balie.ordering.tests.changing.acting import PLACED, URL, acts, home, lines, post, typed
from balie.ordering.tests.test_cancel_page import decide, text
from balie.practices.models import AuditEvent, Location
from balie.practices.testing import Cast, make_location

pytestmark = pytest.mark.django_db
DESK = "/regiekamer/2027/verzoeken/"


def test_the_page_of_the_order_leads_to_its_form(client: Client, order: Order, first: date):
    assert "Wijzig deze bestelling" in text(client.get(PLACED))
    page = text(client.get(URL))
    assert 'value="650"' in page
    assert f'<option value="{first}" selected>' in page
    assert "plaats voor 1.000 doses" in page
    assert "Tot u bevestigt, staat alles zoals het was." in page


def test_a_look_says_what_would_change_and_changes_nothing(client: Client, order: Order, first: date):
    page = text(post(client, order, (first, home(order), 800), do="look"))
    assert "U houdt al uw bezorgdagen." in page
    assert "Het kost niets." in page
    assert "800 doses" in page
    assert "650 doses" in page
    assert "Bevestig de wijziging" in page
    assert lines(order) == [(first, 650)]
    assert DeliveryDay.objects.get(day=first).doses_taken == 650
    assert acts() == ["order.placed"]


def test_a_look_says_beforehand_that_a_date_would_be_lost(client: Client, order: Order, first: date, later: date):
    page = text(post(client, order, (later, home(order), 650), do="look"))
    assert "die plek gaat naar een andere praktijk" in page
    assert f"U verliest {first.strftime('%-d')}" not in page
    assert lines(order) == [(first, 650)]


def test_the_click_changes_it(client: Client, cast: Cast, order: Order, first: date, later: date):
    answer = post(client, order, (later, home(order), 800))
    assert answer.redirect_chain == [(PLACED, 302)]
    page = text(answer)
    assert "Uw bestelling is gewijzigd." in page
    assert "800 doses" in page
    assert "De mail over de wijziging" in page
    assert f"door {cast.owner.name}" in page
    assert lines(order) == [(later, 800)]
    assert list(DeliveryDay.objects.values_list("doses_taken", flat=True)) == [0, 800]
    assert acts() == ["order.placed", "order.changed"]


def test_a_second_click_says_the_same(client: Client, order: Order, first: date):
    pages = [text(post(client, order, (first, home(order), 800))) for _ in range(2)]
    assert ["Uw bestelling is gewijzigd." in page for page in pages] == [True, True]
    assert acts() == ["order.placed", "order.changed"]


def test_what_does_not_fit_is_said_with_days_that_would_do(client: Client, crowded: Order, first: date, later: date):
    for do in ("look", "change"):
        answer = post(client, crowded, (first, home(crowded), 710), do=do)
        page = text(answer)
        assert answer.status_code == 422
        assert "Geen plaats meer voor deze wijziging op" in page
        assert "wat u al had, blijft van u" in page
        assert f'value="day:0:{later}"' in page
    assert lines(crowded) == [(first, 650)]
    assert "Bevestig" in text(post(client, crowded, (first, home(crowded), 700), do="look"))


def test_a_button_takes_the_other_day_and_keeps_what_was_typed(
    client: Client, crowded: Order, first: date, later: date
):
    page = text(post(client, crowded, (first, home(crowded), 710), do=f"day:0:{later}"))
    assert f'<option value="{later}" selected>' in page
    assert 'value="710"' in page
    assert lines(crowded) == [(first, 650)]


def test_a_delivery_is_added_and_dropped(client: Client, cast: Cast, order: Order, first: date, later: date):
    annex = make_location(cast.practice, "Dependance", street="Kade 3").pk
    page = text(post(client, order, (first, home(order), 650), do="add"))
    assert "Bezorging 2" in page
    post(client, order, (first, home(order), 400), (later, annex, 250))
    assert lines(order) == [(first, 400), (later, 250)]
    order.refresh_from_db()
    post(client, order, (first, home(order), 400), (later, annex, ""))
    assert lines(order) == [(first, 400)]


def test_an_address_is_corrected_with_the_click_and_not_before(client: Client, cast: Cast, order: Order, first: date):
    place = cast.practice.locations.get()
    new = {f"address-{place.pk}-street": "Nieuwe Kade 9", f"address-{place.pk}-postcode": "1234ab"}
    page = text(post(client, order, (first, place.pk, 650), do="look", **new))
    assert "Nieuwe Kade 9, 1234 AB" in page
    place.refresh_from_db()
    assert place.street == "Lindelaan 1"
    post(client, order, (first, place.pk, 650), **new)
    assert order.lines.get().address.startswith("Nieuwe Kade 9, 1234 AB")
    assert AuditEvent.objects.filter(action="location.moved").count() == 1


@pytest.mark.parametrize(
    ("doses", "say"),
    [
        ("veel", "‘veel’ is geen heel getal."),
        ("-10", "Vul een getal in van 0 tot 100.000."),
        ("655", "655 kan niet: kies 650 of 660."),
        ("5", "5 is te weinig: het minimum is 10."),
        ("0", "Er blijft niets over."),
        ("650", "Er verandert niets: dit is uw bestelling al."),
        ("1.234.567", "Vul een getal in van 0 tot 100.000."),
    ],
)
def test_doses_that_cannot_be_come_back_in_words(client: Client, order: Order, first: date, doses: str, say: str):
    for do in ("look", "change"):
        answer = post(client, order, (first, home(order), doses), do=do)
        assert (answer.status_code, say in text(answer)) == (422, True)
    assert lines(order) == [(first, 650)]


@pytest.mark.parametrize(
    ("day", "location", "say"),
    [
        ("", "", "Kies een bezorgdag."),
        ("morgen", "", "Kies een bezorgdag."),
        ("2099-01-01", "", "Dit is geen bezorgdag van deze campagne."),
        ("first", "x", "Kies een afleveradres."),
        ("first", "9" * 30, "Kies een afleveradres."),
        ("first", "foreign", "Dit afleveradres is niet van uw praktijk."),
    ],
)
def test_days_and_addresses_that_cannot_be(client: Client, order: Order, day, location, say):
    stands = order.lines.get()
    foreign = Location.objects.exclude(practice=order.practice).first().pk
    places = {"": home(order), "foreign": foreign}
    answer = post(client, order, (stands.day if day == "first" else day, places.get(location, location), 700))
    assert (answer.status_code, say in text(answer)) == (422, True)
    assert order.lines.get() == stands


def test_an_address_that_is_none_comes_back_in_words(client: Client, order: Order, first: date):
    bad = {f"address-{home(order)}-postcode": "12"}
    answer = post(client, order, (first, home(order), 700), do="look", **bad)
    assert (answer.status_code, "‘12’ is geen postcode." in text(answer)) == (422, True)
    assert '<details class="balie-ask" open>' in text(answer)


def test_the_same_delivery_twice(client: Client, order: Order, first: date):
    answer = post(client, order, (first, home(order), 300), (first, home(order), 350))
    assert (answer.status_code, "Dit staat er twee keer" in text(answer)) == (422, True)


def test_who_saw_an_older_order_looks_again(client: Client, order: Order, first: date, later: date):
    post(client, order, (later, home(order), 650))
    answer = post(client, order, (first, home(order), 900))
    assert (answer.status_code, "De bestelling is intussen gewijzigd." in text(answer)) == (422, True)
    assert f'<option value="{later}" selected>' in text(answer)
    assert 'name="revision" value="1"' in text(answer)
    assert lines(order) == [(later, 650)]


@pytest.mark.parametrize("revision", ["", "x", "-1", "9" * 30, "7"])
def test_a_revision_that_never_was(client: Client, order: Order, first: date, revision: str):
    body = typed(order, (first, home(order), 700), do="change", revision=revision)
    assert client.post(URL, body).status_code == 422
    assert lines(order) == [(first, 650)]


@pytest.mark.parametrize("role", ["outsider", "organiser"])
def test_nobody_else_sees_or_changes_it(cast: Cast, order: Order, first: date, role: str):
    client = Client()
    client.force_login(getattr(cast, role))
    assert client.get(URL).status_code == 404
    assert post(client, order, (first, home(order), 700)).status_code == 404
    assert lines(order) == [(first, 650)]


@pytest.mark.parametrize("number", ["", "B27-99999", "B27-\0"])
def test_a_number_that_is_not_theirs_is_no_order(client: Client, order: Order, first: date, number: str):
    body = typed(order, (first, home(order), 700), do="change") | {"number": number}
    assert client.post(URL, body).status_code == 404


def test_a_form_of_another_practice_is_refused(client: Client, cast: Cast, order: Order, first: date):
    body = typed(order, (first, home(order), 700), do="change", practice=cast.other_practice.pk)
    assert client.post(URL, body).status_code == 409


@pytest.mark.parametrize("do", ["", "iets", "day:9:2027-10-04", "day:x:y"])
def test_an_unknown_act_is_none(client: Client, order: Order, first: date, do: str):
    assert post(client, order, (first, home(order), 700), do=do).status_code == 404


def test_what_is_cancelled_is_not_changed(client: Client, cast: Cast, order: Order, first: date):
    cancel_order(
        campaign=order.campaign, practice=cast.practice, number=order.number, actor=cast.owner, at=timezone.now()
    )
    assert client.get(URL)["Location"] == PLACED
    assert post(client, order, (first, home(order), 700)).redirect_chain == [(PLACED, 302)]


def test_a_mail_tells_it_with_receipt_and_calendar(client: Client, cast: Cast, order: Order, first: date, later: date):
    annex = make_location(cast.practice, "Dependance", street="Kade 3").pk
    post(client, order, (first, home(order), 400), (later, annex, 250))
    order.refresh_from_db()
    post(client, order, (later, annex, 300))
    order.refresh_from_db()
    mail = OutboxMail.objects.filter(kind="order_changed").latest("pk")
    assert (mail.reference, mail.recipient) == (f"{order.number}:2", cast.practice.email)
    rendered = render_order_changed(mail.reference)
    assert rendered.subject == f"{order.number}: uw bestelling is gewijzigd"
    for words in (rendered.text, rendered.html):
        for said in ("Uw bestelling is gewijzigd", "300 doses", "Kade 3"):
            assert said in words.replace("<strong>", "")
    assert [file.media_type for file in rendered.attachments] == ["application/pdf", "text/calendar"]
    stays, goes = Calendar.from_ical(make_calendar_file(order, read_deliveries(order))).events
    assert (stays.start, stays["SEQUENCE"], str(stays["STATUS"])) == (later, 2, "CONFIRMED")
    assert (goes.start, goes["SEQUENCE"], str(goes["STATUS"])) == (later, 2, "CANCELLED")
    assert str(stays["UID"]) != str(goes["UID"])


def test_a_mail_of_a_change_that_was_cancelled_since_says_that(client: Client, cast: Cast, order: Order, first: date):
    post(client, order, (first, home(order), 400))
    cancel_order(
        campaign=order.campaign, practice=cast.practice, number=order.number, actor=cast.owner, at=timezone.now()
    )
    assert render_order_changed(f"{order.number}:1").subject == f"{order.number}: uw bestelling is geannuleerd"


def test_a_mail_of_a_change_that_does_not_arrive_is_in_the_list_of_staff(client: Client, order: Order, first: date):
    OutboxMail.objects.update(state="failed", undelivered_at=timezone.now())
    post(client, order, (first, home(order), 400))
    assert read_lost_mails(order.campaign) == []
    OutboxMail.objects.filter(kind="order_changed").update(state="failed", undelivered_at=timezone.now())
    (lost,) = read_lost_mails(order.campaign)
    assert lost.mail.reference == f"{order.number}:1"


def test_the_mail_of_the_change_can_be_asked_for_again(client: Client, cast: Cast, order: Order, first: date):
    post(client, order, (first, home(order), 400))
    OutboxMail.objects.update(state="sent", sent_at=timezone.now())
    client.post(PLACED, {"do": "resend", "recipient": cast.practice.email})
    assert OutboxMail.objects.get(kind="order_changed").round == 2
    assert OutboxMail.objects.get(kind="order_confirmation").round == 1


def test_when_it_is_late_the_fee_is_shown_before_and_nothing_happens(client: Client, late: Order, first: date):
    for do in ("look", "change"):
        page = text(post(client, late, (first, home(late), 700), do=do))
        assert "Zegt zij ja, dan kost het € 40." in page
        assert "geen vooraankondiging" in page
        assert "Vraag om te wijzigen (€ 40)" in page
    assert lines(late) == [(first, 650)]


def ask(client: Client, order: Order, *deliveries, reason: str = "Meer aanmeldingen", fee: str = "4000"):
    return post(client, order, *deliveries, do="ask", reason=reason, fee_cents=fee)


def test_who_asks_sees_that_the_organiser_decides(client: Client, cast: Cast, late: Order, first: date):
    page = text(ask(client, late, (first, home(late), 700)))
    assert "De organisatie beslist nog" in page
    assert "700 doses" in page
    assert "U vroeg om te wijzigen; de organisatie beslist nog." in text(client.get(PLACED))
    asked = LateRequest.objects.get()
    assert (asked.kind, asked.state, asked.fee_cents, asked.line_doses) == ("change", "open", 4000, [700])
    ask(client, late, (first, home(late), 800))
    assert LateRequest.objects.get().line_doses == [700]
    assert acts() == ["order.placed", "order.change_asked"]
    assert "De organisatie beslist nog" in text(client.get("/bestellen/2027/bestelling/annuleren/"))


@pytest.mark.parametrize(
    ("reason", "fee", "say"),
    [
        ("  ", "4000", "Schrijf op waarom."),
        ("x" * 301, "4000", "Schrijf hooguit 300 letters."),
        ("a\0b", "4000", "Schrijf hooguit 300 letters."),
        ("Te veel", "0", "De kosten zijn intussen veranderd."),
        ("Te veel", "veel", "De kosten zijn intussen veranderd."),
    ],
)
def test_what_is_wrong_with_a_request_comes_back(client: Client, late: Order, reason, fee, say):
    answer = ask(client, late, (late.lines.get().day, home(late), 700), reason=reason, fee=fee)
    assert (answer.status_code, say in text(answer)) == (422, True)
    assert "Vraag om te wijzigen" in text(answer)
    assert not LateRequest.objects.exists()


def test_what_is_free_or_does_not_fit_is_not_asked(client: Client, crowded: Order, first: date):
    assert "Dit kan nog gratis" in text(ask(client, crowded, (first, home(crowded), 660)))
    Campaign.objects.update(change_unit="days", change_limit=62)
    assert "Geen plaats meer" in text(ask(client, crowded, (first, home(crowded), 710)))
    assert not LateRequest.objects.exists()


def test_the_organiser_grants_and_all_is_done_at_once(
    client: Client, desk: Client, cast: Cast, late: Order, first: date
):
    ask(client, late, (first, home(late), 700))
    page = text(desk.get(DESK))
    assert all(said in page for said in (late.number, "700 doses", "650 doses", "Sta toe en wijzig", "€ 40"))
    assert "is gewijzigd. De praktijk krijgt een mail." in text(decide(desk, "grant", "Vooruit"))
    assert lines(late) == [(first, 700)]
    assert acts()[1:] == ["order.change_asked", "order.request_granted", "order.changed"]
    assert AuditEvent.objects.get(action="order.changed").detail["fee_cents"] == 4000
    log = text(desk.get(f"/regiekamer/2027/praktijken/{cast.practice.agb_code}/"))
    assert "Gevraagd om de bestelling te wijzigen, voor € 40" in log
    assert "Bestelling gewijzigd na een verzoek, voor € 40" in log


def test_what_no_longer_fits_is_not_granted(client: Client, desk: Client, late: Order, first: date):
    ask(client, late, (first, home(late), 700))
    DeliveryDay.objects.filter(day=first).update(doses_limit=650)
    answer = decide(desk, "grant")
    assert (answer.status_code, "Geen plaats meer" in text(answer)) == (422, True)
    assert LateRequest.objects.get().state == "open"


def test_the_organiser_refuses_with_a_reason_that_is_mailed(client: Client, desk: Client, late: Order, first: date):
    ask(client, late, (first, home(late), 700))
    decide(desk, "refuse", "De lorry is al geladen")
    assert lines(late) == [(first, 650)]
    rendered = render_request_refused(OutboxMail.objects.get(kind="request_refused").reference)
    assert "U vroeg om te wijzigen." in rendered.text
    assert "De lorry is al geladen" in text(client.get(URL))
    assert "De lorry is al geladen" not in text(client.get("/bestellen/2027/bestelling/annuleren/"))


def test_a_request_can_be_withdrawn(client: Client, late: Order, first: date):
    ask(client, late, (first, home(late), 700))
    assert "Uw verzoek is ingetrokken." in text(client.post(URL, {"do": "withdraw"}, follow=True))
    assert LateRequest.objects.get().state == "withdrawn"
    assert client.post(URL, {"do": "withdraw"}).status_code == 404


def test_a_request_is_over_when_the_order_is_changed_anyhow(client: Client, late: Order, first: date):
    ask(client, late, (first, home(late), 700))
    Campaign.objects.update(change_limit=1)
    post(client, late, (first, home(late), 600))
    assert LateRequest.objects.get().state == "overtaken"


def test_what_came_stays_and_the_rest_can_be_changed(
    client: Client, cast: Cast, order: Order, first: date, later: date
):
    today = timezone.localdate()
    product, place = order.campaign.products.get(), cast.practice.locations.get()
    make_day(order.campaign, today)
    order.lines.create(day=today, product=product, doses=100, location=place, address=place.address)
    page = text(client.get(URL))
    assert "Deze bezorging is vandaag of was al." in page
    post(client, order, (today, place.pk, 100), (later, place.pk, 650))
    assert lines(order) == [(today, 100), (later, 650)]
    order.refresh_from_db()
    answer = post(client, order, (today, place.pk, 110), (later, place.pk, 650))
    assert (answer.status_code, "de bezorging is vandaag of was al" in text(answer)) == (422, True)


def test_from_the_last_delivery_on_nothing_changes(client: Client, order: Order):
    order.lines.update(day=timezone.localdate())
    assert "Wijzigen kan niet meer" in text(client.get(URL))
    assert "Wijzig deze bestelling" not in text(client.get(PLACED))
