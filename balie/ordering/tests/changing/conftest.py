"""An order that can be changed for nothing, and the days beside it."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from balie.ordering.models import Campaign, Order
from balie.ordering.testing import make_campaign, make_day, make_product, place_order
from balie.practices.testing import Cast, make_cast


@pytest.fixture
def cast(client: Client) -> Cast:
    cast = make_cast()
    client.force_login(cast.owner)
    return cast


@pytest.fixture
def first() -> date:
    return timezone.localdate() + timedelta(days=60)


@pytest.fixture
def later(first: date) -> date:
    return first + timedelta(days=1)


@pytest.fixture
def campaign(first: date, later: date) -> Campaign:
    campaign = make_campaign(slug="2027")
    make_product(campaign)
    make_day(campaign, first, doses=1000, addresses=2)
    make_day(campaign, later, doses=1000, addresses=2)
    return campaign


@pytest.fixture
def order(cast: Cast, campaign: Campaign, first: date) -> Order:
    line = (campaign.products.get(), cast.practice.locations.get(), 650, first)
    return place_order(campaign, cast.practice, [line], placed_by=cast.owner)


@pytest.fixture
def late(order: Order) -> Order:
    """The same, with the free limit of both days past."""
    Campaign.objects.update(change_unit="days", change_limit=62)
    return order


@pytest.fixture
def desk(cast: Cast) -> Client:
    desk = Client()
    desk.force_login(cast.organiser)
    return desk


@pytest.fixture
def crowded(cast: Cast, campaign: Campaign, order: Order, first: date) -> Order:
    """The first day has room for 50 more."""
    line = (campaign.products.get(), cast.other_practice.locations.get(), 300, first)
    place_order(campaign, cast.other_practice, [line])
    return order
