"""The pages of re-orders and pre-deliveries: how many, on which day, and each order on a page of its own."""

import json
from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from balie.mail.models import OutboxMail
from balie.ordering.models import Campaign, Order
from balie.ordering.services.letters import render_order_cancelled
from balie.ordering.services.orders import cancel_order
from balie.ordering.services.receipts import render_order_confirmation
from balie.ordering.testing import make_campaign, make_day, make_hold, make_product, place_order
from balie.practices.models import PastUse
from balie.practices.testing import Cast, make_cast

pytestmark = pytest.mark.django_db
URL = "/bestellen/2027/nabestelling-1/nieuw/"
DAYS = "/bestellen/2027/nabestelling-1/kalender/"
PLACED = "/bestellen/2027/bestelling/"
REORDERED = "/bestellen/2027/nabestelling-1/"


@pytest.fixture
def cast(client: Client) -> Cast:
    cast = make_cast()
    client.force_login(cast.owner)
    return cast


@pytest.fixture
def first() -> date:
    return timezone.localdate() + timedelta(days=60)


@pytest.fixture
def campaign(first: date) -> Campaign:
    """Re-orders are open, with two to make."""
    campaign = make_campaign(slug="2027")
    campaign.reorders_open_at, campaign.reorders_most = campaign.opens_at, 2
    campaign.reorders_close_at = campaign.opens_at + timedelta(days=300)
    campaign.save()
    make_product(campaign)
    for later in range(3):
        make_day(campaign, first + timedelta(days=later))
    return campaign


def line(cast: Cast, campaign: Campaign, doses: int, day: date):
    return campaign.products.get(), cast.practice.locations.get(), doses, day


@pytest.fixture
def order(cast: Cast, campaign: Campaign, first: date) -> Order:
    return place_order(campaign, cast.practice, [line(cast, campaign, 650, first)], placed_by=cast.owner)


@pytest.fixture
def reorder(cast: Cast, campaign: Campaign, order: Order, first: date) -> Order:
    lines = [line(cast, campaign, 50, first + timedelta(days=1))]
    return place_order(campaign, cast.practice, lines, placed_by=cast.owner, slot=2)


@pytest.fixture
def field(cast: Cast, campaign: Campaign) -> str:
    """Of the doses of the one vaccine for the one address."""
    return f"doses-{campaign.products.get().pk}-{cast.practice.locations.get().pk}"


def page_data(response) -> dict:
    text = response.content.decode()
    return json.loads(text.split('<script id="page-data" type="application/json">')[1].split("</script>")[0])


def test_the_page_of_the_order_offers_a_reorder(client, order):
    page = client.get(PLACED).content.decode()
    assert "Bestel na" in page
    assert URL in page
    assert "voorlevering" not in page


def test_it_offers_nothing_where_the_campaign_has_none(client, campaign, order):
    Campaign.objects.update(reorders_open_at=None, reorders_close_at=None)
    assert "Bestel na" not in client.get(PLACED).content.decode()
    assert client.get(URL).status_code == 404


def test_it_says_from_when(client, campaign, order):
    Campaign.objects.update(reorders_open_at=timezone.now() + timedelta(days=1))
    assert "Nabestellen kan vanaf" in client.get(PLACED).content.decode()
    assert "Nog niet open" in client.get(URL).content.decode()
    assert client.get(DAYS).status_code == 302


def test_after_the_end_it_says_until_when(client, campaign, order):
    Campaign.objects.update(reorders_close_at=timezone.now())
    assert "Bestel na" not in client.get(PLACED).content.decode()
    assert "Dit kan niet meer" in client.get(URL).content.decode()


def test_amounts_that_do_go_on_to_the_days(client, field, order):
    response = client.get(URL, {field: "1 250"})
    assert response["Location"] == f"{DAYS}?{field}=1250"
    days = client.get(response["Location"])
    data = page_data(days)
    assert [each["doses"] for each in data["lines"]] == [1250]
    assert (data["slot"], data["urls"]["placed"], data["urls"]["prepare"]) == (2, REORDERED, URL)
    assert "Nabestelling 1" in days.content.decode()


@pytest.mark.parametrize(
    ("typed", "say"),
    [
        ("", "Vul in hoeveel doses u wilt."),
        ("0", "Vul in hoeveel doses u wilt."),
        ("veel", "‘veel’ is geen heel getal."),
        ("-10", "Vul een getal in van 0 tot 100.000."),
        ("55", "55 kan niet: kies 50 of 60."),
        ("5", "5 is te weinig: het minimum is 10."),
    ],
)
def test_what_will_not_do_is_said_at_its_field(client, field, order, typed, say):
    response = client.get(URL, {field: typed})
    assert response.status_code == 422
    assert say in response.content.decode()
    assert client.get(DAYS, {field: typed})["Location"] == URL


def test_the_cap_is_on_all_orders_together(client, cast, campaign, field, order):
    Campaign.objects.update(cap_percent=100)
    PastUse.objects.update_or_create(
        practice=cast.practice,
        year=campaign.year - 1,
        product_code="flu",
        defaults={"ordered": 700, "administered": 600},
    )
    response = client.get(URL, {field: "60"})
    assert "In uw andere bestellingen staan er al 650. Hier kunnen er hooguit 50 bij." in response.content.decode()
    assert client.get(URL, {field: "50"}).status_code == 302


def test_somebody_elses_address_is_no_field(client, cast, campaign, order):
    theirs = f"doses-{campaign.products.get().pk}-{cast.other_practice.locations.get().pk}"
    assert client.get(URL, {theirs: "50"}).status_code == 422


def test_who_has_no_first_order_finds_no_such_page(client, cast, campaign):
    assert client.get(URL).status_code == 404
    assert client.get(DAYS)["Location"] == URL


def test_reorders_come_in_turn(client, cast, campaign, order, reorder):
    assert client.get(URL)["Location"] == REORDERED
    assert client.get(DAYS)["Location"] == REORDERED
    assert client.get("/bestellen/2027/nabestelling-2/nieuw/").status_code == 200
    assert client.get("/bestellen/2027/nabestelling-3/nieuw/").status_code == 404


def test_what_is_held_goes_on_without_amounts_in_the_address(client, cast, campaign, order, first):
    make_hold(campaign, cast.practice, [line(cast, campaign, 50, first)], slot=2)
    assert client.get(DAYS).status_code == 200
    assert client.get(URL)["Location"] == DAYS


def test_each_order_has_a_page_that_shows_the_others(client, order, reorder):
    one, other = client.get(PLACED).content.decode(), client.get(REORDERED).content.decode()
    assert f"Nabestelling 1 {reorder.number}" in one
    assert f"Eerste bestelling {order.number}" in other
    assert f"{REORDERED}wijzigen/" in other
    assert f"{PLACED}wijzigen/" in one


def test_a_reorder_is_changed_on_its_own_page(client, cast, order, reorder, first):
    page = client.get(f"{REORDERED}wijzigen/")
    assert reorder.number in page.content.decode()
    form = {
        "number": reorder.number,
        "revision": "0",
        "do": "change",
        "day-0": (first + timedelta(days=2)).isoformat(),
        "location-0": str(cast.practice.locations.get().pk),
        f"doses-0-{reorder.lines.get().product_id}": "70",
    }
    assert client.post(f"{REORDERED}wijzigen/", form)["Location"] == REORDERED
    order.refresh_from_db()
    assert order.revision == 0
    assert [each.doses for each in reorder.lines.all()] == [70]


def test_a_reorder_is_cancelled_on_its_own_page(client, order, reorder):
    answer = client.post(f"{REORDERED}annuleren/", {"do": "cancel", "number": reorder.number})
    assert answer["Location"] == REORDERED
    page = client.get(REORDERED).content.decode()
    assert f"Bestelling {reorder.number} is geannuleerd" in page
    assert f"Eerste bestelling {order.number}" in page
    assert Order.objects.get() == order
    assert client.get(URL).status_code == 200  # it may be made again


def test_requests_about_two_orders_stand_beside_each_other(client, order, reorder):
    Campaign.objects.update(change_unit="days", change_limit=90)
    for page, number in ((PLACED, order.number), (REORDERED, reorder.number)):
        asked = {"do": "ask", "number": number, "reason": "Er is te veel", "fee_cents": "4000"}
        assert client.post(f"{page}annuleren/", asked).status_code == 302
    client.post(f"{REORDERED}annuleren/", {"do": "withdraw"})
    assert "De organisatie beslist nog" in client.get(f"{PLACED}annuleren/").content.decode()
    assert "De organisatie beslist nog" not in client.get(f"{REORDERED}annuleren/").content.decode()


def test_mail_and_receipt_say_the_kind_and_lead_to_its_page(client, cast, order, reorder, campaign):
    letter = render_order_confirmation(reorder.number)
    assert "Nabestelling 1" in letter.text
    assert "Nabestelling 1" in letter.html
    assert letter.text.count(REORDERED) == 1
    assert "Eerste bestelling" not in render_order_confirmation(order.number).text
    assert OutboxMail.objects.filter(reference=reorder.number).exists()
    assert client.get(f"{REORDERED}bewijs.pdf")["Content-Type"] == "application/pdf"
    cancel_order(campaign=campaign, practice=cast.practice, number=reorder.number, actor=cast.owner, at=timezone.now())
    assert REORDERED in render_order_cancelled(reorder.number).text


def test_a_pre_delivery_has_days_of_its_own(client, campaign, field, order, first):
    Campaign.objects.update(
        early_opens_at=campaign.opens_at,
        early_closes_at=campaign.opens_at + timedelta(days=30),
        early_until=first - timedelta(days=1),
        early_most=20,
    )
    url = "/bestellen/2027/voorlevering/nieuw/"
    assert url in client.get(PLACED).content.decode()
    response = client.get(url, {field: "20"})
    assert "Hiervoor zijn nog geen bezorgdagen" in response.content.decode()
    make_day(campaign, first - timedelta(days=1))
    assert client.get(url, {field: "30"}).status_code == 422
    data = page_data(client.get(client.get(url, {field: "20"})["Location"]))
    assert (data["slot"], data["early_until"]) == (1, (first - timedelta(days=1)).isoformat())


def test_the_organiser_sees_which_order_is_which(client, cast, order, reorder):
    desk = Client()
    desk.force_login(cast.organiser)
    page = desk.get("/bestellingen/").content.decode()
    assert page.count("Nabestelling 1") == 1
    assert order.number in page


def test_a_number_no_reorder_can_have_is_not_found(client, order):
    for wrong in ("nabestelling-0", "nabestelling-100", "nabestelling", "iets"):
        assert client.get(f"/bestellen/2027/{wrong}/nieuw/").status_code == 404
