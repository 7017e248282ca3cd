"""The trial: the whole way of a campaign beforehand, over and over, with nothing delivered."""

from datetime import timedelta

import pytest
from django.utils import timezone

from balie.ordering.models import Campaign, DeliveryDay, Hold, Order, Stop
from balie.ordering.queries.campaigns import read_current_campaigns
from balie.ordering.queries.prepared import read_preparation
from balie.ordering.rules import RulesError
from balie.ordering.services.receipts import render_order_confirmation
from balie.ordering.services.trial import open_trial, start_over
from balie.ordering.testing import (
    make_campaign,
    make_day,
    make_hold,
    make_order,
    make_prepared,
    make_product,
    make_ticket,
)
from balie.ordering.tests.desk import MONDAY, value
from balie.practices.models import AuditEvent
from balie.practices.testing import Cast, logged_in, make_cast


@pytest.fixture
def cast(db) -> Cast:
    return make_cast()


@pytest.fixture
def campaign(db) -> Campaign:
    """Opens tomorrow."""
    campaign = make_campaign(slug="2027", opens_at=timezone.now() + timedelta(days=1))
    make_product(campaign)
    make_day(campaign, MONDAY, doses=1000)
    DeliveryDay.objects.update(doses_taken=400, addresses_taken=1)
    return campaign


def opened(campaign: Campaign, **later) -> Campaign:
    return open_trial(campaign=campaign, until=timezone.now() + timedelta(**later or {"hours": 2}), actor=None)


def test_it_has_the_rules_and_the_days_of_the_campaign_and_nothing_taken(campaign):
    trial = opened(campaign)
    assert (trial.slug, trial.trial_of, trial.window_s) == ("2027-oefenen", campaign, campaign.window_s)
    assert list(trial.products.values_list("code", "step")) == [("flu", 10)]
    assert list(trial.days.values_list("day", "doses_limit", "doses_taken")) == [(MONDAY, 1000, 0)]
    assert trial.room.doors_at == trial.opens_at <= timezone.now()


def test_a_trial_that_exists_lasts_longer_instead(campaign):
    first = opened(campaign)
    again = opened(campaign, hours=5)
    assert (again.pk, Campaign.objects.count()) == (first.pk, 2)
    assert again.closes_at > first.closes_at
    assert AuditEvent.objects.filter(subject="campaign:2027-oefenen").count() == 2


@pytest.mark.parametrize(("later", "code"), [({"hours": -1}, "past"), ({"hours": 25}, "too_late")])
def test_it_closes_in_time(campaign, later, code):
    with pytest.raises(RulesError) as refusal:
        opened(campaign, **later)
    assert [finding.code for finding in refusal.value.findings] == [code]
    assert Campaign.objects.count() == 1


def test_a_trial_has_no_trial(campaign):
    with pytest.raises(RulesError):
        opened(opened(campaign), hours=1)


def test_one_tries_with_what_is_ready_for_the_night(campaign, cast):
    location = cast.practice.locations.get()
    make_prepared(campaign, cast.practice, lines=[(campaign.products.get(), location, 650)], ranking=[MONDAY])
    trial = opened(campaign)
    preparation = read_preparation(trial, cast.practice)
    assert preparation.doses == {(trial.products.get().pk, location.pk): 650}
    assert preparation.ranking == (MONDAY,)


def test_it_is_no_campaign_of_its_own(campaign):
    opened(campaign)
    assert read_current_campaigns() == [campaign]


@pytest.fixture
def trial_desk(desk):
    Campaign.objects.filter(pk=desk.campaign).update(trial_of=make_campaign())
    return desk


async def placed(desk, conn) -> str:
    held = await desk.hold_flu(conn, desk.linde)
    answer = await desk.confirm(conn, desk.linde, held.key)
    assert answer.outcome == "ordered"
    return answer.number


async def undone(desk, conn) -> bool:
    return await value(conn, "select ordering_undo_trial_v1(%s, %s)", desk.campaign, desk.linde.practice)


async def test_after_starting_over_everything_is_as_before_and_may_be_tried_again(trial_desk, conn):
    desk = trial_desk
    number = await placed(desk, conn)
    assert number == "OEF-00001"
    assert await undone(desk, conn)
    assert await desk.taken(conn) == {}
    assert await desk.state(conn, desk.linde) == "none"
    assert await value(conn, "select count(*) from mail_outbox where reference = %s", number) == 0
    assert await value(conn, "select count(*) from judge.orders") == 0
    assert await placed(desk, conn) == "OEF-00002"
    assert await desk.taken(conn) == {MONDAY: (500, 1)}


async def test_an_order_of_a_real_campaign_stands(desk, conn):
    number = await placed(desk, conn)
    assert not await undone(desk, conn)
    assert await value(conn, "select number from judge.orders") == number
    assert await desk.taken(conn) == {MONDAY: (500, 1)}


async def test_starting_over_twice_gives_back_once(trial_desk, conn):
    desk = trial_desk
    await placed(desk, conn)
    held = await desk.hold_flu(conn, desk.eik, doses=300)
    assert [await undone(desk, conn), await undone(desk, conn)] == [True, False]
    assert await desk.taken(conn) == {MONDAY: (300, 1)}
    assert (await desk.confirm(conn, desk.eik, held.key)).outcome == "ordered"


def test_starting_over_is_noted_once(campaign):
    cast, trial = make_cast(), opened(campaign)
    line = (trial.products.get(), cast.practice.locations.get(), 100, MONDAY)
    make_order(trial, cast.practice, [line], number="OEF-00001")
    DeliveryDay.objects.filter(campaign=trial).update(doses_taken=100, addresses_taken=1)
    Stop.objects.create(campaign=trial, location_id=line[1].pk, day=MONDAY, uses=1)
    make_hold(trial, cast.practice, [line], state=Hold.State.ORDERED)
    for _ in range(2):
        start_over(trial=trial, practice=cast.practice, actor=cast.owner)
    (event,) = AuditEvent.objects.filter(action="trial.started_over")
    assert (event.actor, event.practice, event.subject) == (cast.owner, cast.practice, "campaign:2027-oefenen")
    assert not Order.objects.exists()


def test_the_pages_lead_there_and_back(campaign, cast):
    client = logged_in(cast.owner)
    assert "Eerst oefenen?" not in client.get("/bestellen/2027/voorbereiden/").content.decode()
    trial = opened(campaign)
    assert 'href="/bestellen/2027-oefenen/wachtkamer/"' in client.get("/bestellen/2027/voorbereiden/").content.decode()
    waiting = client.get("/bestellen/2027-oefenen/wachtkamer/").content.decode()
    assert "Dit is een oefening." in waiting
    assert 'href="/bestellen/2027/voorbereiden/"' in waiting
    assert client.get("/bestellen/2027-oefenen/voorbereiden/")["Location"] == "/bestellen/2027/voorbereiden/"
    line = (trial.products.get(), cast.practice.locations.get(), 650, MONDAY)
    make_order(trial, cast.practice, [line], number="OEF-00001")
    page = client.get("/bestellen/2027-oefenen/bestelling/").content.decode()
    assert "Gelukt: zo gaat het ook die nacht" in page
    assert "Oefen nog een keer" in page
    rendered = render_order_confirmation("OEF-00001")
    assert rendered.subject.startswith("Oefening OEF-00001")
    assert "Dit is een oefening." in rendered.text
    assert "Dit is een oefening." in rendered.html


def test_starting_over_is_for_the_practice_itself_and_for_trials(campaign, cast):
    trial = opened(campaign)
    make_ticket(trial, cast.practice, number=1)
    outsider = logged_in(cast.outsider)
    assert outsider.post("/bestellen/2027-oefenen/opnieuw/", {"practice": cast.practice.pk}).status_code == 409
    owner = logged_in(cast.owner)
    assert owner.post("/bestellen/2027/opnieuw/").status_code == 404
    assert owner.get("/bestellen/2027-oefenen/opnieuw/").status_code == 405
    assert owner.post("/bestellen/2027-oefenen/opnieuw/")["Location"] == "/bestellen/2027-oefenen/wachtkamer/"


def test_the_organiser_opens_it_and_sees_how_many_tried(campaign, cast):
    client = logged_in(cast.organiser)
    until = timezone.localtime(timezone.now() + timedelta(hours=3)).replace(second=0, microsecond=0)
    answer = client.post("/regiekamer/2027/oefenen/", {"until": until.strftime("%Y-%m-%dT%H:%M")}, follow=True)
    assert "Praktijken kunnen oefenen tot" in answer.content.decode()
    trial = Campaign.objects.get(trial_of=campaign)
    assert trial.closes_at == until
    make_order(trial, cast.practice, [], number="OEF-00001")
    page = client.get("/regiekamer/2027/oefenen/").content.decode()
    assert "<dd>1</dd>" in page
    assert 'href="/regiekamer/2027-oefenen/praktijken/"' in page
    others = client.get("/regiekamer/2027-oefenen/praktijken/").content.decode()
    assert "Wie heeft nog niet geoefend?" in others
    assert cast.other_practice.name in others
    assert cast.practice.name not in others


@pytest.mark.parametrize("until", ["", "morgen", "2020-01-01T00:00", "2099-01-01T00:00"])
def test_a_wrong_end_is_said_and_kept(campaign, cast, until):
    answer = logged_in(cast.organiser).post("/regiekamer/2027/oefenen/", {"until": until})
    assert answer.status_code == 422
    assert 'aria-invalid="true"' in answer.content.decode()
    assert f'value="{until}"' in answer.content.decode() or not until
    assert not Campaign.objects.exclude(pk=campaign.pk).exists()


def test_practices_open_no_trial(campaign, cast):
    for person in (cast.owner, cast.outsider):
        assert logged_in(person).get("/regiekamer/2027/oefenen/").status_code == 404
