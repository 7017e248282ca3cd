from datetime import UTC, date, datetime, timedelta
from random import Random
from time import process_time

import pytest
from django.utils.timezone import now
from hypothesis import given
from hypothesis import strategies as st

from balie.ordering.models import Campaign, DeliveryDay
from balie.ordering.queries.forecast import FreeDay, Seeker, read_free_days, read_seekers
from balie.ordering.services.forecast import make_forecast, refresh_forecast
from balie.ordering.testing import (
    make_campaign,
    make_day,
    make_hold,
    make_order,
    make_prepared,
    make_product,
    make_ticket,
)
from balie.practices.testing import make_location, make_past_use, make_practice

MONDAY = date(2027, 9, 20)
AT = datetime(2027, 6, 1, tzinfo=UTC)


def forecast(days: list[FreeDay], seekers: list[Seeker], *, called: int = 0) -> dict:
    return make_forecast(campaign=1, made_at=AT, called=called, days=days, seekers=seekers)


def ready(number: int, doses: int, wishes: list[date]) -> Seeker:
    return Seeker(number, doses, 1, wishes, prepared=True)


def unready(number: int, doses: int) -> Seeker:
    return Seeker(number, doses, 1, (), prepared=False)


def at_number(made: dict, number: int, week: int, bound: str) -> float:
    return made["weeks"][week][f"free_{bound}"][made["at"].index(number)]


def test_prepared_orders_take_their_first_wish_that_has_room():
    days = [FreeDay(MONDAY, 1000, 1000, 5), FreeDay(MONDAY + timedelta(7), 1000, 1000, 5)]
    seekers = [ready(number, 500, [MONDAY, MONDAY + timedelta(7)]) for number in (1, 2, 3, 4)]
    made = forecast(days, seekers)
    assert made["at"] == [1, 2, 3, 4]
    assert made["made_at"] == "2027-06-01T00:00:00.000Z"
    assert [(week["week"], week["from"], week["to"]) for week in made["weeks"]] == [
        (38, "2027-09-20", "2027-09-24"),
        (39, "2027-09-27", "2027-10-01"),
    ]
    assert made["weeks"][0]["free_low"] == made["weeks"][0]["free_high"] == [1.0, 0.5, 0.0, 0.0]
    assert made["weeks"][1]["free_low"] == [1.0, 1.0, 1.0, 0.5]


def test_a_day_without_addresses_is_full_whatever_doses_are_left():
    made = forecast([FreeDay(MONDAY, 1000, 1000, 1)], [ready(number, 10, [MONDAY]) for number in (1, 2)])
    assert made["weeks"][0]["free_low"] == [1.0, 0.0]


def test_who_prepared_nothing_makes_the_difference_between_low_and_high():
    made = forecast([FreeDay(MONDAY, 1000, 1000, 5)], [unready(number, 500) for number in (1, 2)])
    assert at_number(made, 2, 0, "low") == 0.5
    assert at_number(made, 2, 0, "high") == 1.0


def test_a_list_that_is_full_ends_in_the_first_other_day_or_in_waiting():
    days = [FreeDay(MONDAY, 500, 0, 5), FreeDay(MONDAY + timedelta(7), 500, 500, 5)]
    made = forecast(days, [ready(1, 500, [MONDAY]), unready(2, 10)])
    assert (at_number(made, 2, 1, "low"), at_number(made, 2, 1, "high")) == (0.0, 1.0)


def test_numbers_that_were_called_find_what_is_free_now():
    days = [FreeDay(MONDAY, 1000, 800, 5)]
    made = forecast(days, [ready(number, 100, [MONDAY]) for number in (640, 641, 700)], called=640)
    assert made["at"][:2] == [1, 641]
    assert made["at"][-1] == 700
    assert at_number(made, 1, 0, "low") == 0.8
    assert at_number(made, 641, 0, "low") == 0.7
    assert at_number(made, 700, 0, "low") == 0.6


def test_nobody_and_nothing():
    assert forecast([], [])["weeks"] == []
    assert forecast([FreeDay(MONDAY, 1000, 1000, 5)], [])["at"] == [1]
    assert forecast([FreeDay(MONDAY, 0, 0, 0)], [])["weeks"][0]["free_high"] == [0.0]


wishes = st.lists(st.integers(0, 11).map(lambda week_day: MONDAY + timedelta(week_day)), max_size=4)
free_days = st.lists(
    st.tuples(st.integers(0, 3000), st.integers(0, 3000), st.integers(0, 4)), min_size=1, max_size=8
).map(
    lambda rows: [
        FreeDay(MONDAY + timedelta(index), max(limit, free), free, addresses)
        for index, (limit, free, addresses) in enumerate(rows)
    ]
)
seekers_in_order = st.lists(
    st.tuples(st.integers(0, 2000), st.integers(1, 3), wishes, st.booleans(), st.integers(1, 5)), max_size=40
).map(lambda rows: [Seeker(sum(row[4] for row in rows[: index + 1]), *row[:4]) for index, row in enumerate(rows)])


@given(free_days, seekers_in_order, st.integers(0, 120))
def test_shares_are_shares_low_is_below_high_and_neither_ever_grows(days: list[FreeDay], seekers: list, called: int):
    made = forecast(days, seekers, called=called)
    assert made["at"] == sorted(set(made["at"]))
    assert made["at"][0] == 1
    for week in made["weeks"]:
        for low, high in zip(week["free_low"], week["free_high"], strict=True):
            assert 0 <= low <= high <= 1
        for shares in (week["free_low"], week["free_high"]):
            assert len(shares) == len(made["at"])
            assert shares == sorted(shares, reverse=True)


def test_a_national_campaign_is_played_in_under_half_a_second():
    random = Random(27)
    autumn = [day for day in (MONDAY + timedelta(n) for n in range(84)) if day.isoweekday() <= 5]
    days = [FreeDay(day, 70_000, 70_000, 100) for day in autumn]
    everybody = range(1, 5001)
    seekers = [ready(n, random.randrange(100, 1500, 10), random.sample(autumn[:20], 6)) for n in everybody if n % 5]
    seekers = sorted([*seekers, *(unready(n, 400) for n in everybody if n % 5 == 0)], key=lambda each: each.number)
    start = process_time()
    made = forecast(days, seekers)
    assert process_time() - start < 0.5
    assert made["at"][-1] == 5000
    assert made["weeks"][0]["free_low"][-1] < 0.05


@pytest.fixture
def campaign(db: None) -> Campaign:
    campaign = make_campaign()
    make_product(campaign)
    for day in (MONDAY, MONDAY + timedelta(7)):
        make_day(campaign, day, doses=1000, addresses=2)
    return campaign


def drawn(campaign: Campaign) -> None:
    campaign.room.rounds.update(drawn_at=now())


def test_seekers_are_who_has_yet_to_order_in_order_of_number(campaign: Campaign):
    drawn(campaign)
    product = campaign.products.get()
    practices = [make_practice() for _ in range(5)]
    for number, practice in enumerate(reversed(practices), start=1):
        make_ticket(campaign, practice, number=number, called=number < 3)
    place = {practice: make_location(practice) for practice in practices}
    first, second, third, fourth, fifth = reversed(practices)
    make_order(campaign, first, [(product, place[first], 100, MONDAY)])
    make_hold(campaign, second, [(product, place[second], 100, MONDAY)])
    make_prepared(campaign, third, lines=[(product, place[third], 300)], ranking=[MONDAY + timedelta(7), MONDAY])
    make_past_use(fourth, ordered=450)
    assert read_seekers(campaign) == [
        Seeker(3, 300, 1, [MONDAY + timedelta(7), MONDAY], prepared=True),
        Seeker(4, 450, 1, (), prepared=False),
        Seeker(5, 420, 1, (), prepared=False),
    ]
    assert fifth.registered_count == 2095


def test_before_the_draw_all_who_came_or_prepared_count_in_a_stable_order(campaign: Campaign):
    came, prepared = make_practice(), make_practice()
    make_ticket(campaign, came)
    branch, main = make_location(prepared, "Dependance"), make_location(prepared)
    product = campaign.products.get()
    make_prepared(campaign, prepared, lines=[(product, main, 200), (product, branch, 100)])
    seekers = read_seekers(campaign)
    assert sorted((seeker.doses, seeker.addresses) for seeker in seekers) == [(300, 2), (420, 1)]
    assert [seeker.number for seeker in seekers] == [1, 2]
    assert seekers == read_seekers(campaign)


def test_refreshing_keeps_the_forecast_on_the_campaign(campaign: Campaign):
    DeliveryDay.objects.filter(day=MONDAY).update(doses_taken=600, addresses_taken=1)
    made = refresh_forecast(campaign.pk)
    assert Campaign.objects.get().forecast == made
    assert made["campaign"] == campaign.pk
    assert made["weeks"][0]["free_low"] == [0.4]


@pytest.mark.django_db
def test_days_that_are_for_pre_deliveries_alone_are_left_out():
    campaign = make_campaign()
    for later in (0, 1):
        make_day(campaign, MONDAY + timedelta(later))
    assert [each.day for each in read_free_days(campaign)] == [MONDAY, MONDAY + timedelta(1)]
    campaign.early_until = MONDAY
    assert [each.day for each in read_free_days(campaign)] == [MONDAY + timedelta(1)]
