import json
import re

import pytest
from django.test import Client

from balie.ordering.models import Campaign
from balie.ordering.testing import (
    make_campaign,
    make_day,
    make_hold,
    make_order,
    make_prepared,
    make_product,
    make_ticket,
)
from balie.practices.testing import Cast, make_cast

pytestmark = pytest.mark.django_db
URL = "/bestellen/2027/kalender/"


@pytest.fixture
def campaign() -> Campaign:
    campaign = make_campaign(slug="2027")
    make_product(campaign)
    make_day(campaign, "2027-10-12")
    return campaign


@pytest.fixture
def cast(client: Client) -> Cast:
    cast = make_cast()
    client.force_login(cast.owner)
    return cast


def test_who_is_called_gets_the_calendar_with_what_was_prepared(client: Client, campaign: Campaign, cast: Cast):
    make_ticket(campaign, cast.practice, number=1284)
    product, place = campaign.products.get(), cast.practice.locations.get()
    make_prepared(campaign, cast.practice, lines=[(product, place, 650)], ranking=[campaign.days.get().day])
    page = client.get(URL).content.decode()
    assert "Nummer 1.284 · Griep en pneumokokken 2027" in page
    data = json.loads(re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page)[1])
    assert data["campaign"] == campaign.pk
    assert data["practice"] == cast.practice.pk
    assert data["lines"] == [{"product": product.pk, "location": place.pk, "doses": 650}]
    assert data["ranking"] == ["2027-10-12"]
    assert data["locations"] == [{"id": place.pk, "name": "Hoofdlocatie", "address": "Lindelaan 1, Ons Dorp"}]
    assert data["urls"]["placed"] == "/bestellen/2027/bestelling/"


def test_nothing_of_another_practice_is_on_the_page(client: Client, campaign: Campaign, cast: Cast):
    make_ticket(campaign, cast.practice, number=1)
    make_ticket(campaign, cast.other_practice, number=2)
    product, place = campaign.products.get(), cast.practice.locations.get()
    make_prepared(campaign, cast.practice, lines=[(product, place, 650)], ranking=[campaign.days.get().day])
    client.force_login(cast.outsider)
    page = client.get(URL).content.decode()
    assert "Lindelaan" not in page
    assert "650" not in page


@pytest.mark.parametrize("ticket", [None, {"number": None}, {"number": 12, "called": False}])
def test_who_is_not_called_is_sent_to_the_room(client: Client, campaign: Campaign, cast: Cast, ticket: dict | None):
    if ticket is not None:
        make_ticket(campaign, cast.practice, **ticket)
    response = client.get(URL)
    assert response.status_code == 302
    assert response["Location"] == "/bestellen/2027/wachtkamer/"


def test_a_running_window_is_shown_whatever_the_number(client: Client, campaign: Campaign, cast: Cast):
    lines = [(campaign.products.get(), cast.practice.locations.get(), 100, campaign.days.get().day)]
    make_hold(campaign, cast.practice, lines, left_s=180)
    assert client.get(URL).status_code == 200


def test_who_ordered_is_sent_to_the_order(client: Client, campaign: Campaign, cast: Cast):
    make_ticket(campaign, cast.practice, number=1)
    make_order(
        campaign,
        cast.practice,
        [(campaign.products.get(), cast.practice.locations.get(), 100, campaign.days.get().day)],
    )
    assert client.get(URL)["Location"] == "/bestellen/2027/bestelling/"


def test_strangers_and_unknown_campaigns(client: Client, campaign: Campaign, cast: Cast):
    assert client.get("/bestellen/9999/kalender/").status_code == 404
    client.force_login(cast.organiser)
    assert client.get(URL).status_code == 404
    client.logout()
    assert client.get(URL)["Location"].startswith("/account/login/")
    assert client.post(URL).status_code in {302, 405}
