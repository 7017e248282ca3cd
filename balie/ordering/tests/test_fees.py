"""What deliveries cost: counted from what stands, shown before one orders, to the practice and to the organiser."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from balie.ordering.models import Campaign, Consignment, MissedDelivery, Order
from balie.ordering.queries.fees import read_fees, read_total
from balie.ordering.services.requests import ask_to_cancel, grant_request
from balie.ordering.testing import make_campaign, make_day, make_product, place_order
from balie.practices.models import AuditEvent
from balie.practices.testing import Cast, make_cast, make_location

pytestmark = pytest.mark.django_db
URL = "/bestellen/2027/kosten/"
DESK = "/regiekamer/2027/kosten/"


@pytest.fixture
def cast(client: Client) -> Cast:
    cast = make_cast()
    client.force_login(cast.owner)
    return cast


@pytest.fixture
def desk(cast: Cast) -> Client:
    desk = Client()
    desk.force_login(cast.organiser)
    return desk


@pytest.fixture
def days() -> list[date]:
    return [timezone.localdate() + timedelta(days=60 + n) for n in range(5)]


@pytest.fixture
def campaign(days: list[date]) -> Campaign:
    campaign = make_campaign(slug="2027")
    campaign.reorders_open_at = campaign.opens_at
    campaign.reorders_close_at = campaign.opens_at + timedelta(days=300)
    campaign.save()
    make_product(campaign)
    for day in days:
        make_day(campaign, day)
    return campaign


@pytest.fixture
def orders(cast: Cast, campaign: Campaign, days: list[date]) -> list[Order]:
    """Three deliveries: as many as are free."""
    flu, home = campaign.products.get(), cast.practice.locations.get()
    first = place_order(campaign, cast.practice, [(flu, home, 50, days[0]), (flu, home, 50, days[1])])
    return [first, place_order(campaign, cast.practice, [(flu, home, 50, days[2])], slot=2)]


def more(cast: Cast, campaign: Campaign, day: date, slot: int = 3, location=None) -> Order:
    line = (campaign.products.get(), location or cast.practice.locations.order_by("pk").first(), 50, day)
    return place_order(campaign, cast.practice, [line], placed_by=cast.owner, slot=slot)


def costs(campaign: Campaign, cast: Cast) -> list[tuple[str, int | None, int]]:
    return [(fee.kind, fee.nth, fee.cents) for fee in read_fees(campaign, cast.practice)]


def missed(desk: Client, delivery: int, day: date):
    return desk.post(DESK, {"do": "missed", "delivery": str(delivery), "day": day.isoformat()})


@pytest.fixture
def came(cast: Cast, campaign: Campaign, orders: list[Order]) -> Consignment:
    """The first delivery was handed over and came ten days ago."""
    return Consignment.objects.create(
        campaign=campaign,
        day=timezone.localdate() - timedelta(days=10),
        practice=cast.practice,
        number=orders[0].number,
        address="Hoofdweg 1",
        line_product=[campaign.products.get().pk],
        line_doses=[50],
    )


def test_the_first_three_deliveries_are_free_over_all_orders(cast, campaign, orders, days):
    assert costs(campaign, cast) == [("delivery", 1, 0), ("delivery", 2, 0), ("delivery", 3, 0)]
    more(cast, campaign, days[4])
    assert costs(campaign, cast)[3:] == [("delivery", 4, 4000)]


def test_one_address_on_one_day_is_one_delivery(cast, campaign, orders, days):
    more(cast, campaign, days[0])
    assert read_total(campaign, cast.practice) == 0
    annex = make_location(cast.practice, "Bij", street="Bijweg 2")
    more(cast, campaign, days[0], slot=4, location=annex)
    assert read_total(campaign, cast.practice) == 4000


def test_the_earliest_deliveries_are_the_free_ones(cast, campaign, orders, days):
    more(cast, campaign, days[4])
    Order.objects.get(slot=3).lines.update(day=days[0] - timedelta(days=30))
    assert [(fee.day, fee.cents) for fee in read_fees(campaign, cast.practice)][-1] == (days[2], 4000)


def test_the_campaign_says_how_many_and_how_much(cast, campaign, orders):
    Campaign.objects.update(free_deliveries=1, delivery_fee_cents=690)
    assert read_total(campaign, cast.practice) == 1380


def test_what_is_cancelled_costs_nothing_and_frees_a_place(cast, campaign, orders, days):
    more(cast, campaign, days[4])
    orders[1].delete()
    assert read_total(campaign, cast.practice) == 0


def test_a_request_that_was_granted_is_charged_as_it_was_shown(cast, campaign, orders):
    Campaign.objects.update(change_unit="days", change_limit=90)
    campaign.refresh_from_db()
    asked = ask_to_cancel(
        campaign=campaign,
        practice=cast.practice,
        number=orders[1].number,
        reason="Te veel",
        fee_cents=4000,
        actor=cast.owner,
        at=timezone.now(),
    )
    assert read_total(campaign, cast.practice) == 0
    grant_request(request=asked, answer="", actor=cast.organiser, at=timezone.now())
    Campaign.objects.update(late_fee_cents=9900)  # a rule of later
    assert [cost for cost in costs(campaign, cast) if cost[2]] == [("late_cancel", None, 4000)]


def test_a_third_attempt_costs_something(cast, campaign, desk, came):
    for later in range(3):
        assert missed(desk, came.pk, came.day + timedelta(days=later)).status_code == 302
    attempts = [cost for cost in costs(campaign, cast) if cost[0] == "attempt"]
    assert attempts == [("attempt", 2, 0), ("attempt", 3, 4000), ("attempt", 4, 4000)]
    assert AuditEvent.objects.filter(action="delivery.missed", practice=cast.practice).count() == 3


def test_noting_it_twice_is_noting_it_once(desk, came):
    missed(desk, came.pk, came.day)
    answer = missed(desk, came.pk, came.day)
    assert answer.status_code == 422
    assert "Dit was al genoteerd" in answer.content.decode()
    assert MissedDelivery.objects.count() == 1


def test_a_mistake_is_taken_back(desk, came):
    missed(desk, came.pk, came.day)
    gone = {"do": "take_back", "delivery": str(came.pk), "day": came.day.isoformat()}
    assert desk.post(DESK, gone).status_code == 302
    assert not MissedDelivery.objects.exists()
    assert "Dit staat er niet (meer)" in desk.post(DESK, gone).content.decode()
    assert AuditEvent.objects.filter(action="delivery.missed_taken_back").count() == 1


@pytest.mark.parametrize(
    ("delivery", "day", "say"),
    [
        ("999", "2020-01-01", "Er is geen bezorging met dit nummer in deze campagne."),
        ("veel", "2020-01-01", "‘veel’ is geen heel getal."),
        ("", "2020-01-01", "is geen heel getal."),
        ("1", "morgen", "Kies een datum."),
    ],
)
def test_what_cannot_be_is_said(desk, came, delivery, day, say):
    answer = desk.post(DESK, {"do": "missed", "delivery": delivery, "day": day})
    assert answer.status_code == 422
    assert say in answer.content.decode()


def test_a_day_that_cannot_be_is_refused(desk, came):
    assert "Die dag moet nog komen." in missed(desk, came.pk, timezone.localdate() + timedelta(days=1)).content.decode()
    assert "van een latere dag" in missed(desk, came.pk, came.day - timedelta(days=1)).content.decode()


def test_only_the_organiser_notes_anything(client, came):
    assert missed(client, came.pk, came.day).status_code == 404


def test_the_practice_sees_each_delivery_and_its_own_alone(client, cast, campaign, orders, days):
    more(cast, campaign, days[4])
    page = client.get(URL).content.decode()
    assert page.count("gratis</span>") == 3
    assert "Bezorging 4" in page
    assert "Samen: €\xa040" in page
    csv = client.get("/bestellen/2027/kosten.csv").content.decode("utf-8-sig")
    assert csv.splitlines()[-1].endswith(";40,00")
    outsider = Client()
    outsider.force_login(cast.outsider)
    assert "Er zijn nog geen bezorgingen" in outsider.get(URL).content.decode()


def test_the_organiser_sees_who_owes_what(cast, campaign, desk, orders, days):
    assert "Niemand hoeft iets te betalen" in desk.get(DESK).content.decode()
    more(cast, campaign, days[4])
    page = desk.get(DESK).content.decode()
    assert cast.practice.name in page
    assert cast.other_practice.name not in page
    csv = desk.get("/regiekamer/2027/kosten.csv").content.decode("utf-8-sig")
    assert len(csv.splitlines()) == 2
    assert f"{cast.practice.agb_code};{cast.practice.name};Bezorging 4" in csv


def test_it_is_said_before_one_orders_more(client, cast, campaign, orders, days):
    page = client.get("/bestellen/2027/nabestelling-2/nieuw/").content.decode()
    assert "U heeft uw 3 gratis bezorgingen al. Een bezorging erbij kost €\xa040." in page
    orders[1].delete()
    assert "heeft u er nog 1" in client.get("/bestellen/2027/nabestelling-1/nieuw/").content.decode()


def test_the_calendar_knows_where_the_lorry_stops_already(client, cast, campaign, orders, days):
    from balie.ordering.tests.test_more_page import page_data  # noqa: PLC0415 - only here

    field = f"doses-{campaign.products.get().pk}-{cast.practice.locations.get().pk}"
    data = page_data(client.get(f"/bestellen/2027/nabestelling-2/kalender/?{field}=50"))
    home = cast.practice.locations.get().pk
    assert data["cost"] == {
        "stops": [[day.isoformat(), home] for day in days[:3]],
        "free": 3,
        "fee_cents": 4000,
    }


def test_a_change_that_makes_more_deliveries_says_what_it_costs(client, cast, campaign, orders, days):
    home, flu = str(cast.practice.locations.get().pk), campaign.products.get().pk
    form = {"number": orders[1].number, "revision": "0", "do": "look"}
    for n, day in enumerate((days[2], days[3])):
        form |= {f"day-{n}": day.isoformat(), f"location-{n}": home, f"doses-{n}-{flu}": "50"}
    page = client.post("/bestellen/2027/nabestelling-1/wijzigen/", form).content.decode()
    assert "het kost €\xa040." in page
    assert "Het kost niets." not in page
    form |= {"day-1": days[0].isoformat()}
    assert "Het kost niets." in client.post("/bestellen/2027/nabestelling-1/wijzigen/", form).content.decode()


def test_the_page_of_an_order_says_what_it_comes_to(client, cast, campaign, orders, days):
    assert "tot nu toe gratis" in client.get("/bestellen/2027/bestelling/").content.decode()
    more(cast, campaign, days[4])
    assert "kosten tot nu toe €\xa040" in client.get("/bestellen/2027/bestelling/").content.decode()


def test_the_page_of_the_organiser_asks_few_queries(desk, orders, django_assert_max_num_queries):
    with django_assert_max_num_queries(12):
        desk.get(DESK)
