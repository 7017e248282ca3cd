import json
import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

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
from balie.practices.templatetags.balie import moment
from balie.practices.testing import Cast, make_cast
from balie.waitingroom.models import Round

pytestmark = pytest.mark.django_db
URL = "/bestellen/2027/wachtkamer/"


@pytest.fixture
def campaign() -> Campaign:
    campaign = make_campaign(slug="2027", doors_at=timezone.now() - timedelta(minutes=5))
    make_product(campaign)
    make_product(campaign, "pneumo")
    make_day(campaign, "2027-10-12")
    return campaign


@pytest.fixture
def cast(client: Client) -> Cast:
    cast = make_cast()
    client.force_login(cast.owner)
    return cast


def data_of(page: str) -> dict:
    return json.loads(re.search(r'<script id="page-data" type="application/json">(.*?)</script>', page)[1])


def lines(campaign: Campaign, cast: Cast, doses: int = 100) -> list:
    return [(campaign.products.first(), cast.practice.locations.get(), doses, campaign.days.get().day)]


def test_the_page_knows_what_was_prepared(client: Client, campaign: Campaign, cast: Cast):
    flu, place = campaign.products.first(), cast.practice.locations.get()
    make_prepared(campaign, cast.practice, lines=[(flu, place, 1650)], ranking=[campaign.days.get().day])
    page = client.get(URL).content.decode()
    assert re.search(r"<dt>Griepvaccin</dt>\s*<dd>1\.650</dd>", page)
    assert "Pneumokokkenvaccin" not in page
    data = data_of(page)
    assert data["campaign"] == campaign.pk
    assert data["practice"] == cast.practice.pk
    assert data["lines"] == [{"product": flu.pk, "location": place.pk, "doses": 1650}]
    assert data["ranking"] == ["2027-10-12"]
    assert data["urls"]["calendar"] == "/bestellen/2027/kalender/"
    assert data["urls"]["login"] == f"/account/login/?next={URL}"


def test_the_page_asks_the_database_little(client: Client, campaign: Campaign, cast: Cast, django_assert_num_queries):
    """The whole country opens it within minutes, while others order."""
    flu, place = campaign.products.first(), cast.practice.locations.get()
    make_prepared(campaign, cast.practice, lines=[(flu, place, 1650)], ranking=[campaign.days.get().day])
    # Session, person, memberships, campaign, where the practice stands; what it prepared, the products, the lines, the
    # days; and the round.
    with django_assert_num_queries(10):
        client.get(URL)


def test_who_prepared_nothing_is_invited_to(client: Client, campaign: Campaign, cast: Cast):
    page = client.get(URL).content.decode()
    assert "U heeft nog niets klaargezet" in page
    assert "/bestellen/2027/voorbereiden/" in page
    assert data_of(page)["lines"] == []


def test_nothing_of_another_practice_is_on_the_page(client: Client, campaign: Campaign, cast: Cast):
    flu, place = campaign.products.first(), cast.practice.locations.get()
    make_prepared(campaign, cast.practice, lines=[(flu, place, 1650)], ranking=[campaign.days.get().day])
    client.force_login(cast.outsider)
    page = client.get(URL).content.decode()
    assert "1.650" not in page
    assert data_of(page)["practice"] == cast.other_practice.pk


def test_the_page_knows_whether_balie_orders(client: Client, campaign: Campaign, cast: Cast):
    assert data_of(client.get(URL).content.decode())["auto"] is None
    prepared = make_prepared(campaign, cast.practice, auto="one_day")
    page = client.get(URL).content.decode()
    assert data_of(page)["auto"] == {"failed": False}
    assert re.search(r"<form[^>]*data-self>", page)
    prepared.failed_at = timezone.now()
    prepared.save()
    assert data_of(client.get(URL).content.decode())["auto"] == {"failed": True}


def test_who_is_further_is_sent_on(client: Client, campaign: Campaign, cast: Cast):
    make_hold(campaign, cast.practice, lines(campaign, cast))
    assert client.get(URL)["Location"] == "/bestellen/2027/kalender/"
    make_order(campaign, cast.practice, lines(campaign, cast))
    assert client.get(URL)["Location"] == "/bestellen/2027/bestelling/"


def test_the_page_is_there_before_the_doors_open_and_after_closing(client: Client, cast: Cast):
    make_campaign(slug="2027", opens_at=timezone.now() + timedelta(days=2))
    assert client.get(URL).status_code == 200
    past = timezone.now() - timedelta(days=90)
    make_campaign(slug="2026", opens_at=past, closes_at=past + timedelta(days=30))
    assert client.get("/bestellen/2026/wachtkamer/").status_code == 200


def test_the_page_is_never_kept(client: Client, campaign: Campaign, cast: Cast):
    assert "no-store" in client.get(URL)["Cache-Control"]


def test_strangers_and_unknown_campaigns(client: Client, campaign: Campaign, cast: Cast):
    assert client.get("/bestellen/9999/wachtkamer/").status_code == 404
    client.force_login(cast.organiser)
    assert client.get(URL).status_code == 404
    client.logout()
    assert client.get(URL)["Location"].startswith("/account/login/")


def test_the_policy_allows_no_inline_script_or_style_and_the_page_has_none(
    client: Client, campaign: Campaign, cast: Cast
):
    response = client.get(URL)
    policy = response["Content-Security-Policy"]
    assert "script-src 'self'" in policy
    assert "style-src 'self'" in policy
    assert "unsafe" not in policy
    page = response.content.decode()
    assert " style=" not in page
    assert "<style" not in page
    assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
    assert not re.search(r"\son[a-z]+=", page)


def test_who_belongs_in_a_later_group_hears_which_and_when(client: Client, campaign: Campaign, cast: Cast):
    opens_at = timezone.now() + timedelta(hours=1)
    campaign.room.rounds.update(name="Noord")
    Round.objects.create(room=campaign.room, position=2, name="Zuid", draw_at=opens_at)
    for url in (URL, "/bestellen/2027/voorbereiden/"):
        page = client.get(url).content.decode()
        assert "Uw praktijk hoort bij <strong>Zuid</strong>" in page
        assert f"Bestellen opent {moment(opens_at)}" in page
    assert data_of(client.get(URL).content.decode())["round"] == 2
    make_ticket(campaign, cast.practice)
    assert data_of(client.get(URL).content.decode())["round"] == 1


def test_without_groups_no_page_speaks_of_them(client: Client, campaign: Campaign, cast: Cast):
    for url in (URL, "/bestellen/2027/voorbereiden/", "/bestellen/2027/loting/"):
        assert "groep" not in client.get(url).content.decode()
