from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from balie.ordering.models import Campaign, DeliveryDay
from balie.ordering.rules import RulesError
from balie.ordering.services.calendar import FLAT, Ramp, full_day_for, generate_delivery_days, working_days
from balie.ordering.testing import make_campaign, make_day
from balie.practices.models import AuditEvent


def test_working_days_skip_weekends_and_dutch_holidays():
    days = working_days(date(2027, 5, 3), date(2027, 5, 18))
    assert date(2027, 5, 6) not in days  # Ascension
    assert date(2027, 5, 17) not in days  # Whit Monday
    assert all(day.isoweekday() <= 5 for day in days)
    assert len(days) == 10


def test_working_days_can_be_closed_and_cross_a_year():
    days = working_days(date(2027, 12, 24), date(2028, 1, 3), closed={date(2027, 12, 31)})
    assert days == [date(2027, 12, day) for day in (24, 27, 28, 29, 30)] + [date(2028, 1, 3)]


@given(st.integers(1, 10_000_000), st.integers(1, 90), st.floats(0.05, 1), st.integers(0, 60))
def test_a_full_day_is_just_enough_for_the_whole(total: int, days: int, start: float, ramp_days: int):
    ramp = Ramp(start=start, days=ramp_days)
    full = full_day_for(total, days=days, ramp=ramp)
    share = sum(ramp.share(index) for index in range(days))
    assert full * share >= total * (1 - 1e-9)
    assert (full - 1) * share < total


@given(st.floats(0.05, 1), st.integers(0, 60))
def test_a_ramp_never_falls_and_ends_full(start: float, days: int):
    shares = [Ramp(start=start, days=days).share(index) for index in range(days + 2)]
    assert shares == sorted(shares)
    assert shares[days] == 1.0
    assert all(0 < share <= 1 for share in shares)


@pytest.fixture
def campaign(db: None) -> Campaign:
    return make_campaign(opens_at=datetime(2027, 5, 31, 22, tzinfo=UTC))


def generate(campaign: Campaign, **changes: object) -> list[DeliveryDay]:
    given = {"first": date(2027, 9, 20), "last": date(2027, 10, 29), "doses": 70_000, "addresses": 112}
    return generate_delivery_days(campaign=campaign, **(given | changes))


def test_early_dates_are_scarce(campaign: Campaign):
    made = generate(campaign, ramp=Ramp(start=0.25, days=10))
    stored = list(DeliveryDay.objects.filter(campaign=campaign))
    assert [day.day for day in stored] == [day.day for day in made]
    assert len(stored) == 30
    assert (stored[0].doses_limit, stored[0].addresses_limit) == (17_500, 28)
    assert (stored[10].doses_limit, stored[10].addresses_limit) == (70_000, 112)
    assert all(day.doses_limit % 10 == 0 for day in stored)
    assert AuditEvent.objects.get().detail == {"first": "2027-09-20", "last": "2027-10-29", "days": 30}


@pytest.mark.parametrize(
    ("changes", "at", "code"),
    [
        ({"last": date(2027, 9, 1)}, "last", "order"),
        ({"last": date(2029, 9, 1)}, "last", "too_long"),
        ({"first": date(2027, 6, 1)}, "first", "too_early"),
        ({"doses": 0}, "doses", "minimum"),
        ({"doses": -70_000}, "doses", "minimum"),
        ({"addresses": 0}, "addresses", "minimum"),
        ({"ramp": Ramp(start=0, days=5)}, "ramp", "range"),
        ({"ramp": Ramp(start=2, days=5)}, "ramp", "range"),
        ({"first": date(2027, 9, 25), "last": date(2027, 9, 26)}, "first", "empty"),
    ],
)
def test_a_senseless_period_is_refused(campaign: Campaign, changes: dict[str, object], at: str, code: str):
    with pytest.raises(RulesError) as error:
        generate(campaign, **changes)
    assert (at, code) in {(finding.at, finding.code) for finding in error.value.findings}
    assert not DeliveryDay.objects.exists()


def test_a_day_is_made_once(campaign: Campaign):
    make_day(campaign, "2027-10-12")
    with pytest.raises(RulesError, match="12 oktober 2027 staat al in de kalender"):
        generate(campaign, ramp=FLAT)
    assert DeliveryDay.objects.count() == 1
    assert len(generate(campaign, first=date(2027, 10, 13), last=date(2027, 10, 13) + timedelta(days=1))) == 2
