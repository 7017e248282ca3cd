"""The organiser's list of orders: found by number and by practice, by state and campaign, page after page."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from balie.ordering.models import Campaign, Order
from balie.ordering.queries import found_orders
from balie.ordering.services.orders import cancel_order
from balie.ordering.services.requests import ask_to_cancel
from balie.ordering.testing import make_campaign, make_day, make_order, make_product, place_order
from balie.ordering.tests.desk import IN_TIME, MONDAY
from balie.practices.testing import Cast, make_cast, make_location, make_practice

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.urls")]

LIST = "/bestellingen/"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def client(cast) -> Client:
    client = Client()
    client.force_login(cast.organiser)
    return client


@pytest.fixture
def campaign():
    campaign = make_campaign(slug="2027")
    make_product(campaign)
    make_day(campaign, MONDAY)
    return campaign


def order(campaign, practice, number=None):
    line = (campaign.products.get(), practice.locations.get(), 100, MONDAY)
    if number is None:
        return place_order(campaign, practice, [line])
    return make_order(campaign, practice, [line], number=number)


def shown(client: Client, **asked: str) -> list[str]:
    """Numbers of the orders on the page."""
    answer = client.get(LIST, asked)
    assert answer.status_code == 200
    return re.findall(r">([A-Z]+\d*-\d+)</a>", answer.content.decode())


def test_an_order_is_found_by_its_number_and_by_its_practice(client, cast, campaign):
    linde, eik = order(campaign, cast.practice).number, order(campaign, cast.other_practice).number
    assert shown(client) == [eik, linde]
    digits = str(Order.objects.get(number=linde).pk)
    for words in (linde, linde.lower(), f" b27 {digits} ", "linde", cast.practice.agb_code):
        assert shown(client, zoek=words) == [linde], words
    assert linde in shown(client, zoek=digits)
    assert shown(client, zoek="praktijk@voorbeeld") == [linde]
    assert shown(client, zoek="eik dorp") == [eik]
    for words in ("B27-99999999", "beuk", "%", "9" * 60, "\0", "' or 7=7 --"):
        assert shown(client, zoek=words) == ([eik, linde] if words == "\0" else []), words


def test_an_order_of_one_state_and_one_campaign(client, cast, campaign):
    other = make_campaign(slug="2026")
    make_product(other)
    make_day(other, MONDAY)
    earlier = order(other, cast.practice).number
    gone, stands = order(campaign, cast.practice).number, order(campaign, cast.other_practice).number
    cancel_order(campaign=campaign, practice=cast.practice, number=gone, actor=cast.owner, at=IN_TIME)
    ask_to_cancel(
        campaign=campaign,
        practice=cast.other_practice,
        number=stands,
        reason="sluit",
        fee_cents=campaign.late_fee_cents,
        actor=cast.outsider,
        at=IN_TIME + timedelta(days=32),
    )
    assert shown(client) == [stands, gone, earlier]
    assert shown(client, stand="cancelled") == [gone]
    assert shown(client, stand="asked") == [stands]
    assert shown(client, stand="standing") == [stands, earlier]
    assert shown(client, campagne="2026") == [earlier]
    assert shown(client, campagne="2027", zoek="linde") == [gone]
    assert shown(client, campagne="2026", stand="cancelled") == []


def test_a_trial_is_found_by_number_only(client, cast, campaign):
    trial = make_campaign()
    Campaign.objects.filter(pk=trial.pk).update(trial_of=campaign)
    make_product(trial)
    make_day(trial, MONDAY)
    tried = order(trial, cast.practice).number
    assert shown(client) == []
    assert shown(client, zoek=tried) == [tried]


def test_the_pages_together_show_every_order_once(client, campaign, monkeypatch):
    monkeypatch.setattr(found_orders, "A_PAGE", 2)
    numbers = []
    for n in range(5):
        practice = make_practice(f"Praktijk {n}")
        make_location(practice)
        numbers.insert(0, order(campaign, practice, f"B27-0000{n}").number)
    assert shown(client) == numbers[:2]
    second = client.get(LIST).context["page"].after
    assert shown(client, na=str(second)) == numbers[2:4]
    third = client.get(LIST, {"na": str(second)}).context["page"].after
    assert shown(client, na=str(third)) == numbers[4:]
    back = client.get(LIST, {"na": str(third)}).context["page"].before
    assert shown(client, voor=str(back)) == numbers[2:4]


@pytest.mark.parametrize("asked", ["stand=weg", "campagne=nooit", "na=x", "voor=" + "1" * 19])
def test_what_does_not_exist_is_not_found(client, asked):
    assert client.get(f"{LIST}?{asked}").status_code == 404


def test_there_may_be_no_order_at_all(client):
    assert "Hier staat geen bestelling" in client.get(LIST).content.decode()


def test_it_is_for_the_organiser(cast):
    client = Client()
    client.force_login(cast.owner)
    assert client.get(LIST).status_code == 404
