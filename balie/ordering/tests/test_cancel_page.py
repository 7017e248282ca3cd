"""Cancelling on pages: at once while it is free; after that somebody asks, and the organiser decides."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from balie.mail.models import OutboxMail
from balie.ordering.models import Campaign, CancelledOrder, DeliveryDay, LateRequest, Order
from balie.ordering.services.letters import render_order_cancelled, render_request_refused
from balie.ordering.services.orders import cancel_order
from balie.ordering.testing import make_campaign, make_day, make_product, place_order
from balie.practices.models import AuditEvent
from balie.practices.testing import Cast, make_cast

pytestmark = pytest.mark.django_db
URL = "/bestellen/2027/bestelling/annuleren/"
PLACED = "/bestellen/2027/bestelling/"
DESK = "/regiekamer/2027/verzoeken/"


@pytest.fixture
def cast(client: Client) -> Cast:
    cast = make_cast()
    client.force_login(cast.owner)
    return cast


@pytest.fixture
def campaign() -> Campaign:
    campaign = make_campaign(slug="2027")
    make_product(campaign)
    make_day(campaign, timezone.localdate() + timedelta(days=60))
    return campaign


@pytest.fixture
def order(cast: Cast, campaign: Campaign) -> Order:
    line = (campaign.products.get(), cast.practice.locations.get(), 650, campaign.days.get().day)
    return place_order(campaign, cast.practice, [line], placed_by=cast.owner)


@pytest.fixture
def late(order: Order) -> Order:
    """The same, with its free limit past: so many days before the delivery that it ended yesterday."""
    Campaign.objects.update(change_unit="days", change_limit=61)
    return order


@pytest.fixture
def desk(cast: Cast) -> Client:
    desk = Client()
    desk.force_login(cast.organiser)
    return desk


def cancel(client: Client, number: str, **more):
    return client.post(URL, {"do": "cancel", "number": number}, follow=True, **more)


def ask(client: Client, number: str, reason: str = "Te veel besteld", fee: str = "4000"):
    body = {"do": "ask", "number": number, "reason": reason, "fee_cents": fee}
    return client.post(URL, body, follow=True)


def decide(desk: Client, do: str, answer: str = "", request: LateRequest | None = None):
    request = request or LateRequest.objects.get()
    return desk.post(DESK, {"request": request.pk, "do": do, "answer": answer}, follow=True)


def text(answer) -> str:
    return " ".join(answer.content.decode().replace("\xa0", " ").split())


def acts() -> list[str]:
    return list(AuditEvent.objects.filter(action__startswith="order.").order_by("pk").values_list("action", flat=True))


def test_the_page_says_until_when_it_is_free(client: Client, order: Order):
    Campaign.objects.update(change_unit="days", change_limit=8)
    page = text(client.get(URL))
    assert "8 dagen voor de bezorging" in page
    assert f"Annuleer bestelling {order.number}" in page
    assert "650 doses" in page
    Campaign.objects.update(change_unit="working_days", change_limit=1)
    assert "1 werkdag voor de bezorging" in text(client.get(URL))
    assert "Annuleer deze bestelling" in text(client.get(PLACED))


def test_a_click_cancels_and_the_page_of_the_order_says_so(client: Client, cast: Cast, order: Order):
    answer = cancel(client, order.number)
    assert answer.redirect_chain == [(PLACED, 302)]
    page = text(answer)
    assert f"Bestelling {order.number} is geannuleerd" in page
    assert f"door {cast.owner.name}" in page
    assert "Het kost niets." in page
    assert "Bestel opnieuw" in page
    assert not Order.objects.exists()
    assert DeliveryDay.objects.get().doses_taken == 0
    assert client.get(URL)["Location"] == PLACED


def test_a_second_click_changes_nothing_and_says_the_same(client: Client, order: Order):
    pages = [text(cancel(client, order.number)) for _ in range(2)]
    said = f"Bestelling {order.number} is geannuleerd"
    assert [said in page for page in pages] == [True, True]
    assert acts() == ["order.placed", "order.cancelled"]


def test_after_closing_there_is_no_ordering_again(client: Client, campaign: Campaign, order: Order):
    Campaign.objects.update(closes_at=timezone.now() - timedelta(seconds=1))
    assert "opnieuw bestellen kan niet meer" in text(client.get(URL))
    assert "Heeft u toch vaccins nodig? Bel 088 123 45 67" in text(cancel(client, order.number))
    assert client.get("/")["Location"] == PLACED


def test_a_mail_tells_it(order: Order, cast: Cast, campaign: Campaign):
    cancel_order(campaign=campaign, practice=cast.practice, number=order.number, actor=cast.owner, at=timezone.now())
    (mail,) = OutboxMail.objects.all()
    assert (mail.kind, mail.recipient) == ("order_cancelled", cast.practice.email)
    rendered = render_order_cancelled(mail.reference)
    assert rendered.subject == f"{order.number}: uw bestelling is geannuleerd"
    for words in (rendered.text, rendered.html):
        for said in (order.number, "Er komt niets", "Het kost niets", "650 doses", "Lindelaan 1"):
            assert said in words.replace("<strong>", "")


@pytest.mark.parametrize("role", ["outsider", "organiser"])
def test_nobody_else_sees_or_cancels_it(cast: Cast, order: Order, role: str):
    client = Client()
    client.force_login(getattr(cast, role))
    assert client.get(URL).status_code == 404
    assert cancel(client, order.number).status_code == 404
    assert Order.objects.get() == order


@pytest.mark.parametrize("number", ["", "B27-99999", "B27-\0"])
def test_a_number_that_is_not_theirs_is_no_order(client: Client, order: Order, number: str):
    assert cancel(client, number).status_code == 404
    assert ask(client, number).status_code == 404
    assert Order.objects.get() == order


def test_a_form_of_another_practice_is_refused(client: Client, cast: Cast, order: Order):
    body = {"do": "cancel", "number": order.number, "practice": cast.other_practice.pk}
    assert client.post(URL, body).status_code == 409
    assert Order.objects.get() == order


@pytest.mark.parametrize("do", ["", "iets"])
def test_an_unknown_act_is_none(client: Client, order: Order, do: str):
    assert client.post(URL, {"do": do, "number": order.number}).status_code == 404


def test_when_it_is_late_the_fee_is_shown_before_and_nothing_happens(client: Client, late: Order):
    page = text(client.get(URL))
    assert "Zegt zij ja, dan kost het € 40." in page
    assert "Vraag om te annuleren (€ 40)" in page
    answer = cancel(client, late.number)
    assert answer.status_code == 422
    assert "Gratis annuleren kan niet meer." in text(answer)
    assert Order.objects.get() == late


def test_who_asks_sees_that_the_organiser_decides(client: Client, cast: Cast, late: Order):
    page = text(ask(client, late.number))
    assert "De organisatie beslist nog" in page
    assert "Te veel besteld" in page
    assert "de organisatie beslist nog" in text(client.get(PLACED))
    asked = LateRequest.objects.get()
    assert (asked.state, asked.fee_cents, asked.asked_by) == ("open", 4000, cast.owner)
    ask(client, late.number, "Nog eens")
    assert LateRequest.objects.get().reason == "Te veel besteld"
    assert acts() == ["order.placed", "order.cancel_asked"]


@pytest.mark.parametrize(
    ("reason", "fee", "say"),
    [
        ("  ", "4000", "Schrijf op waarom."),
        ("x" * 301, "4000", "Schrijf hooguit 300 letters."),
        ("a\0b", "4000", "Schrijf hooguit 300 letters."),
        ("Te veel", "0", "De kosten zijn intussen veranderd."),
        ("Te veel", "-1", "De kosten zijn intussen veranderd."),
        ("Te veel", "veel", "De kosten zijn intussen veranderd."),
        ("Te veel", "9" * 30, "De kosten zijn intussen veranderd."),
    ],
)
def test_what_is_wrong_comes_back_in_words(client: Client, late: Order, reason: str, fee: str, say: str):
    answer = ask(client, late.number, reason, fee)
    assert (answer.status_code, say in text(answer)) == (422, True)
    assert not LateRequest.objects.exists()


def test_what_is_still_free_is_not_asked(client: Client, order: Order):
    answer = ask(client, order.number)
    assert (answer.status_code, "Dit kan nog gratis" in text(answer)) == (422, True)


def test_from_the_day_of_delivery_on_there_is_nothing_to_ask(client: Client, order: Order):
    today = timezone.localdate()
    order.lines.update(day=today)
    assert "Annuleren kan niet meer" in text(client.get(URL))
    for answer in (cancel(client, order.number), ask(client, order.number)):
        assert (answer.status_code, "de bezorging is vandaag of was al" in text(answer)) == (422, True)
    assert "Annuleer deze bestelling" not in text(client.get(PLACED))


def test_a_request_can_be_withdrawn(client: Client, late: Order):
    ask(client, late.number)
    assert "Uw verzoek is ingetrokken." in text(client.post(URL, {"do": "withdraw"}, follow=True))
    assert LateRequest.objects.get().state == "withdrawn"
    assert client.post(URL, {"do": "withdraw"}).status_code == 404
    ask(client, late.number)
    assert LateRequest.objects.count() == 2


def test_an_outsider_withdraws_nothing(client: Client, cast: Cast, late: Order):
    ask(client, late.number)
    outsider = Client()
    outsider.force_login(cast.outsider)
    assert outsider.post(URL, {"do": "withdraw"}).status_code == 404
    assert LateRequest.objects.get().state == "open"


def test_the_organiser_grants_and_all_is_done_at_once(client: Client, desk: Client, cast: Cast, late: Order):
    ask(client, late.number)
    assert "Late verzoeken (1)" in text(desk.get("/regiekamer/2027/"))
    page = text(desk.get(DESK))
    assert all(said in page for said in (late.number, cast.practice.name, "Te veel besteld", "€ 40"))
    assert "is geannuleerd. De praktijk krijgt een mail." in text(decide(desk, "grant", "Vooruit"))
    asked, kept = LateRequest.objects.get(), CancelledOrder.objects.get()
    assert (asked.state, asked.decided_by, asked.answer) == ("granted", cast.organiser, "Vooruit")
    assert (kept.granted, kept.fee_cents, kept.cancelled_by) == (True, 4000, cast.organiser)
    assert DeliveryDay.objects.get().doses_taken == 0
    assert acts()[1:] == ["order.cancel_asked", "order.request_granted", "order.cancelled"]
    assert "De kosten zijn € 40." in text(client.get(PLACED))
    assert "De kosten zijn € 40" in render_order_cancelled(late.number).text.replace("\xa0", " ")
    log = text(desk.get(f"/regiekamer/2027/praktijken/{cast.practice.agb_code}/"))
    for said in (
        "Gevraagd om de bestelling te annuleren, voor € 40",
        "Bestelling geannuleerd na een verzoek, voor € 40",
    ):
        assert said in log


def test_the_organiser_refuses_with_a_reason_that_is_mailed(client: Client, desk: Client, cast: Cast, late: Order):
    ask(client, late.number)
    bare = decide(desk, "refuse")
    assert (bare.status_code, "Schrijf op waarom niet." in text(bare)) == (422, True)
    decide(desk, "refuse", "De lorry is al geladen")
    assert LateRequest.objects.get().state == "refused"
    assert Order.objects.get() == late
    (mail,) = OutboxMail.objects.filter(kind="request_refused")
    assert mail.recipient == cast.practice.email
    rendered = render_request_refused(mail.reference)
    assert "De lorry is al geladen" in rendered.text
    assert "De lorry is al geladen" in rendered.html
    page = text(client.get(URL))
    assert "De lorry is al geladen" in page
    assert "Vraag om te annuleren (€ 40)" in page


@pytest.mark.parametrize("second", ["grant", "refuse"])
def test_a_request_is_decided_once(client: Client, desk: Client, late: Order, second: str):
    ask(client, late.number)
    decide(desk, "refuse", "Nee")
    answer = decide(desk, second, "Toch")
    assert (answer.status_code, "Hierover is intussen al beslist" in text(answer)) == (422, True)
    assert LateRequest.objects.get().answer == "Nee"
    assert Order.objects.get() == late


def test_what_can_no_longer_be_done_is_not_granted(client: Client, desk: Client, late: Order):
    ask(client, late.number)
    late.lines.update(day=timezone.localdate())
    answer = decide(desk, "grant")
    assert (answer.status_code, "de bezorging is vandaag of was al" in text(answer)) == (422, True)
    assert LateRequest.objects.get().state == "open"


def test_a_request_is_over_when_the_order_is_cancelled_anyhow(client: Client, late: Order):
    ask(client, late.number)
    Campaign.objects.update(change_limit=1)
    cancel(client, late.number)
    assert LateRequest.objects.get().state == "overtaken"


@pytest.mark.parametrize("key", ["", "x", "999999", "9" * 30])
def test_a_request_that_does_not_exist(desk: Client, late: Order, key: str):
    assert desk.post(DESK, {"request": key, "do": "grant"}).status_code == 404


def test_practices_decide_nothing(client: Client, late: Order):
    ask(client, late.number)
    assert client.get(DESK).status_code == 404
    assert decide(client, "grant").status_code == 404
    assert Order.objects.get() == late
