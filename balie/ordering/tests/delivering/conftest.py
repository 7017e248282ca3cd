"""Delivery days that were handed over, and the clock that tests of what comes of them go by."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client

from balie.ordering.models import Campaign, Consignment, Order
from balie.ordering.services.consignments import hand_over_day
from balie.ordering.testing import make_campaign, make_day, make_product, place_order
from balie.ordering.tests.desk import MONDAY, TUESDAY
from balie.practices.models import Practice
from balie.practices.testing import Cast, make_cast, make_person

READY = datetime(2027, 9, 23, 8, tzinfo=UTC)  # the first day on which that Monday is handed over
SetClock = Callable[[datetime], None]


@pytest.fixture
def now(monkeypatch) -> SetClock:
    """Sets the day that the pages and services think it is."""

    def be(at: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: at)

    return be


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def campaign() -> Campaign:
    campaign = make_campaign(slug="2027")
    make_product(campaign)
    make_product(campaign, "pneumo")
    make_day(campaign, MONDAY)
    make_day(campaign, TUESDAY)
    return campaign


def order(campaign: Campaign, practice: Practice, *days: date) -> Order:
    """A hundred of the one and twenty of the other, each day."""
    flu, pneumo = campaign.products.all()
    place = practice.locations.first()
    lines = [(product, place, doses, day) for day in days for product, doses in ((pneumo, 20), (flu, 100))]
    return place_order(campaign, practice, lines)


@pytest.fixture
def handed(campaign, cast, now) -> tuple[Consignment, Consignment]:
    """What comes on Monday, of the owner's practice and of the other; a day late enough to hand it over."""
    mine, theirs = order(campaign, cast.practice, MONDAY), order(campaign, cast.other_practice, MONDAY)
    now(READY)
    hand_over_day(campaign=campaign, day=MONDAY, actor=cast.organiser)
    found = {each.number: each for each in Consignment.objects.all()}
    return found[mine.number], found[theirs.number]


@pytest.fixture
def browse(cast) -> Callable[[object], Client]:
    """A browser of somebody, logged in at the time that it is now; `driver` is of the distributor."""
    driver = make_person("Dirk Rijder", is_distributor=True)

    def log_in(who: object) -> Client:
        client = Client()
        client.force_login(driver if who == "driver" else who)
        return client

    return log_in
