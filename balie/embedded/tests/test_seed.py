"""The country as rows, the campaign that opens in it, and who can log in."""

import time
from datetime import UTC, date, datetime, timedelta

import msgspec
import pytest
from allauth.mfa.totp.internal.auth import validate_totp_code
from allauth.mfa.utils import decrypt
from django.contrib.auth.hashers import check_password
from django.db.models import F, Sum
from django.utils import timezone

from balie.embedded.logins import LOGINS, PASSWORD, current_tickets
from balie.embedded.national import imagine_country
from balie.embedded.seed import Season, open_campaign, prepare_orders, seed_country, write_cast
from balie.ordering.models import PreparedLine, PreparedOrder, RankedDay
from balie.practices.models import Location, Membership, PastUse, Person, Practice
from balie.practices.passes import read_pass

COUNTRY = imagine_country(60)


@pytest.fixture
def campaign(db):
    seed_country(COUNTRY, last_year=2026)
    now = timezone.now()
    campaign = open_campaign(
        COUNTRY, slug="proef", doors_at=now, opens_at=now + timedelta(minutes=1), pace=60, window_s=300
    )
    prepare_orders(campaign, COUNTRY)
    return campaign


def test_it_writes_everything_as_imagined(campaign):
    assert Practice.objects.count() == 60
    assert Location.objects.count() == sum(len(each.places) for each in COUNTRY)
    assert PastUse.objects.filter(year=2026).count() == 120
    assert Membership.objects.filter(practice_id=F("person_id")).count() == 60
    assert 40 < PreparedOrder.objects.count() < 57


def test_rows_made_afterwards_get_ids_of_their_own(campaign):
    person = Person.objects.create_user("nieuw@voorbeeld.example", name="Nieuw")
    practice = Practice.objects.create(agb_code="01999999", name="Nieuw", registered_count=1, email="a@b.example")
    assert person.pk > 60
    assert practice.pk == 61


def test_the_calendar_suffices_for_all_and_is_scarce_at_first(campaign):
    days = list(campaign.days.order_by("day"))
    wanted = sum(sum(each.wanted.values()) for each in COUNTRY)
    assert sum(day.doses_limit for day in days) > 1.1 * wanted
    assert days[0].doses_limit < days[-1].doses_limit / 3
    assert days[0].addresses_limit < days[-1].addresses_limit
    assert (days[0].day.month, days[-1].day.month) == (9, 11)


def test_prepared_orders_are_what_their_practice_wants(campaign):
    for order in PreparedOrder.objects.all():
        wanted = COUNTRY[order.practice_id - 1].wanted
        for product in campaign.products.all():
            lines = PreparedLine.objects.filter(prepared=order, product=product)
            assert lines.aggregate(Sum("doses"))["doses__sum"] == wanted[product.code]
            assert not lines.exclude(location__practice_id=order.practice_id).exists()
        assert RankedDay.objects.filter(prepared=order).exists()


def test_the_crowd_has_what_it_needs_and_leaves_the_visitors_alone(campaign, tmp_path):
    path = tmp_path / "cast"
    assert write_cast(path, campaign, practices=30) == 30
    members = msgspec.json.Decoder().decode_lines(path.read_bytes())
    assert path.stat().st_mode & 0o777 == 0o600
    visited = {number for login in LOGINS for number in login.practices}
    assert len({member["practice"] for member in members} - visited) == 30
    for member in members:
        held = read_pass(member["cookie"], time.time())
        assert held is not None
        assert held.practice == member["practice"]
        assert member["lines"]
        assert member["ranking"]


def test_everybody_on_the_list_can_log_in_now(campaign):
    tickets = current_tickets()
    assert [ticket.login for ticket in tickets] == list(LOGINS)
    assert {len(ticket.works_for) for ticket in tickets} == {0, 1, 2}
    for ticket in tickets:
        person = Person.objects.get(email=ticket.login.email)
        assert check_password(PASSWORD, person.password)
        assert validate_totp_code(decrypt(person.authenticator_set.get().data["secret"]), ticket.code)
        assert 0 < ticket.seconds_left <= 30
        assert person.is_organiser == (not ticket.login.practices)


@pytest.mark.parametrize(
    ("opens", "year"), [("2027-06-01", 2027), ("2027-08-14", 2027), ("2027-08-15", 2028), ("2026-11-22", 2027)]
)
def test_a_season_comes_after_the_opening(opens, year):
    season = Season.after(datetime.fromisoformat(opens).replace(hour=12, tzinfo=UTC))
    assert season.first == date(year, 9, 13)
    assert season.last > season.first > date.fromisoformat(opens)
