"""The organiser makes delivery days and changes them; never below what is given away."""

from datetime import date

import pytest
from django.test import Client

from balie.ordering.models import Campaign, DeliveryDay
from balie.ordering.rules import RulesError
from balie.ordering.services.calendar import Limits, change_days
from balie.ordering.testing import make_campaign, make_day
from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY
from balie.practices.models import AuditEvent
from balie.practices.testing import Cast, make_cast

pytestmark = pytest.mark.django_db

PAGE = "/regiekamer/2027/bezorgdagen/"
PERIOD = {
    "do": "add", "first": "2030-10-07", "last": "2030-10-18", "doses": "30.000", "addresses": "120",
    "ramp_start": "50", "ramp_days": "2", "closed": "2030-10-09, 2030-10-10",
}  # fmt: skip


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def campaign() -> Campaign:
    """Two days of 1,000 doses to 20 addresses; of Monday 400 to 3 are given away."""
    campaign = make_campaign(slug="2027")
    for day in (MONDAY, TUESDAY):
        make_day(campaign, day, doses=1000)
    DeliveryDay.objects.filter(day=MONDAY).update(doses_taken=400, addresses_taken=3)
    return campaign


@pytest.fixture
def client(cast) -> Client:
    client = Client()
    client.force_login(cast.organiser)
    return client


def sent(**changes: str) -> dict[str, str]:
    """What the page sends when nothing but `changes` was typed."""
    fields = {"do": "change", "reason": "Extra lorry"}
    for day in (MONDAY, TUESDAY):
        fields |= {f"shown-{day}": "1000/20", f"doses-{day}": "1000", f"addresses-{day}": "20"}
    return fields | changes


def limits() -> dict[date, tuple[int, int]]:
    return {each.day: (each.doses_limit, each.addresses_limit) for each in DeliveryDay.objects.all()}


BEFORE = {MONDAY: (1000, 20), TUESDAY: (1000, 20)}


def test_a_day_carries_more_or_less(client, campaign, cast):
    answer = client.post(PAGE, sent(**{f"doses-{MONDAY}": "400", f"addresses-{TUESDAY}": "25"}), follow=True)
    assert "2 bezorgdagen gewijzigd." in answer.content.decode()
    assert limits() == {MONDAY: (400, 20), TUESDAY: (1000, 25)}
    event = AuditEvent.objects.get(action="calendar.changed")
    assert (event.actor, event.reason) == (cast.organiser, "Extra lorry")
    assert event.detail == {
        "2027-10-04": {"doses": 400, "addresses": 20},
        "2027-10-05": {"doses": 1000, "addresses": 25},
    }


def test_what_a_colleague_changed_meanwhile_stays(client, campaign):
    DeliveryDay.objects.filter(day=TUESDAY).update(doses_limit=5000)
    client.post(PAGE, sent(**{f"doses-{MONDAY}": "600"}))
    assert limits() == {MONDAY: (600, 20), TUESDAY: (5000, 20)}


@pytest.mark.parametrize(
    ("changes", "say"),
    [
        ({f"doses-{MONDAY}": "390"}, "Er zijn er al 400 vergeven."),
        ({f"addresses-{MONDAY}": "2"}, "Er zijn er al 3 vergeven."),
        ({f"doses-{MONDAY}": "veel"}, "‘veel’ is geen heel getal."),
        ({f"doses-{MONDAY}": "-1"}, "‘-1’ is geen heel getal."),
        ({f"doses-{MONDAY}": "2000000"}, "Geef een getal van 0 tot 1.000.000."),
        ({f"gone-{MONDAY}": "on"}, "Op deze dag is al iets besteld of vastgehouden"),
        ({f"doses-{MONDAY}": "600", "reason": ""}, "Schrijf op waarom u dit wijzigt."),
        ({f"shown-{WEDNESDAY}": "1/1", f"doses-{WEDNESDAY}": "5", f"addresses-{WEDNESDAY}": "5"}, "niet in de"),
    ],
)
def test_all_or_nothing(client, campaign, changes, say):
    answer = client.post(PAGE, sent(**{f"doses-{TUESDAY}": "2000"}, **changes))
    assert answer.status_code == 422
    assert say in answer.content.decode()
    assert limits() == BEFORE
    assert 'value="2000"' in answer.content.decode()


def test_a_day_of_which_nothing_is_taken_can_go(client, campaign):
    client.post(PAGE, sent(**{f"gone-{TUESDAY}": "on"}))
    assert limits() == {MONDAY: (1000, 20)}
    assert AuditEvent.objects.get(action="calendar.days_removed").detail == {"days": ["2027-10-05"]}


def test_without_a_change_nothing_is_noted(client, campaign):
    assert "Er is niets veranderd." in client.post(PAGE, sent(reason=""), follow=True).content.decode()
    assert not AuditEvent.objects.filter(action__startswith="calendar").exists()


def test_days_are_made_for_a_period(client, campaign):
    DeliveryDay.objects.all().delete()
    assert "Er zijn nog geen bezorgdagen" in client.get(PAGE).content.decode()
    answer = client.post(PAGE, PERIOD, follow=True)
    assert "8 bezorgdagen gemaakt." in answer.content.decode()
    made = limits()
    assert made[date(2030, 10, 7)] == (15000, 60)
    assert made[date(2030, 10, 11)] == (30000, 120)
    assert date(2030, 10, 9) not in made


@pytest.mark.parametrize(
    ("field", "typed", "say"),
    [
        ("first", "", "Kies een datum, bijvoorbeeld 2027-10-04."),
        ("last", "2030-10-01", "De laatste dag ligt vóór de eerste."),
        ("last", "9999-12-31", "De periode is langer dan een jaar."),
        ("first", "2020-01-01", "De periode is langer dan een jaar."),
        ("doses", "weinig", "‘weinig’ is geen heel getal."),
        ("doses", "0", "Geef minstens 10 doses per dag."),
        ("closed", "kerst", "Kies een datum, bijvoorbeeld 2027-10-04."),
        ("ramp_start", "0", "De aanloop begint tussen 0 en 1 van een volle dag."),
    ],
)
def test_a_period_that_is_wrong_makes_nothing(client, campaign, field, typed, say):
    answer = client.post(PAGE, PERIOD | {field: typed})
    assert answer.status_code == 422
    assert say in answer.content.decode()
    assert f'value="{typed}"' in answer.content.decode()
    assert limits() == BEFORE


def test_days_that_are_there_already_are_not_made_again(client, campaign):
    answer = client.post(PAGE, PERIOD | {"first": "2027-10-04", "last": "2027-10-08", "closed": ""})
    assert "4 oktober 2027 staat al in de kalender." in answer.content.decode()
    assert limits() == BEFORE


def test_a_day_is_of_its_campaign(campaign, cast):
    other = make_campaign(slug="2028")
    with pytest.raises(RulesError):
        change_days(campaign=other, limits={MONDAY: Limits(5000, 50)}, actor=cast.organiser, reason="x")
    assert limits() == BEFORE
