"""A campaign that opens in groups: its rules, and who is placed where."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from django.db import connection

from balie.ordering.models import Campaign, CampaignVersion
from balie.ordering.queries.whereabouts import read_round
from balie.ordering.rules import RulesError
from balie.ordering.services.campaigns import CampaignRules, ProductRules, change_rules, create_campaign, rules_of
from balie.ordering.services.groups import GroupRules, place_practices
from balie.ordering.testing import make_ticket
from balie.practices.models import Location, Practice
from balie.practices.testing import make_location, make_practice
from balie.waitingroom.models import Placement, Room, Round, Ticket

pytestmark = pytest.mark.django_db

OPENS = datetime(2030, 5, 31, 22, tzinfo=UTC)
HALF, HOUR = OPENS + timedelta(minutes=30), OPENS + timedelta(hours=1)
RULES = CampaignRules(
    doors_at=OPENS - timedelta(hours=1),
    opens_at=OPENS,
    closes_at=OPENS + timedelta(days=30),
    pace=45,
    products=(ProductRules(code="flu", name="Griep"),),
)
REGIONS = (
    GroupRules("Noord", OPENS, postcodes=((9000, 9999), (7700, 7999))),
    GroupRules("Midden", HALF, postcodes=((3000, 4299),)),
    GroupRules("Overig", HOUR),
)
SIZES = (GroupRules("Klein", OPENS, registered=(None, 1500)), GroupRules("Groot", HALF))


def create(groups: tuple[GroupRules, ...]) -> Campaign:
    return create_campaign(slug="2030", name="Griep 2030", year=2030, rules=replace(RULES, groups=groups))


def change(campaign: Campaign, groups: tuple[GroupRules, ...]) -> Campaign:
    return change_rules(campaign=campaign, rules=replace(RULES, groups=groups), actor=None, reason="Anders verdeeld")


def in_region(postcode: str) -> Practice:
    practice = make_practice()
    make_location(practice, postcode=postcode)
    return practice


def groups_of(campaign: Campaign, *practices: Practice) -> list[str]:
    return [read_round(campaign, practice).name for practice in practices]


def test_groups_are_rules_with_a_version_and_each_has_its_round():
    campaign = create(REGIONS)
    assert rules_of(Campaign.objects.get()) == replace(RULES, groups=REGIONS)
    rounds = campaign.room.rounds.values_list("name", "draw_at")
    assert list(rounds) == [("Noord", OPENS), ("Midden", HALF), ("Overig", HOUR)]
    kept = CampaignVersion.objects.get().rules["groups"]
    assert (kept[0]["postcodes"], kept[1]["opens_at"]) == ([[9000, 9999], [7700, 7999]], "2030-05-31T22:30:00Z")


def test_without_groups_there_is_one_round_and_nobody_is_placed():
    make_practice()
    campaign = create(())
    assert campaign.room.rounds.count() == 1
    assert not Placement.objects.exists()


def test_a_practice_belongs_in_the_region_of_its_first_location():
    practices = [in_region(postcode) for postcode in ("9712 AB", "7800 AB", "3500 AB", "1012 AB")]
    make_location(practices[3], name="Dependance", postcode="9712 AB")
    nowhere = make_practice()
    campaign = create(REGIONS)
    assert groups_of(campaign, *practices, nowhere) == ["Noord", "Noord", "Midden", "Overig", "Overig"]


def test_groups_by_size_include_both_ends():
    practices = [make_practice(registered_count=count) for count in (1499, 1500, 1501)]
    assert groups_of(create(SIZES), *practices) == ["Klein", "Klein", "Groot"]


def test_groups_by_a_list_of_agb_codes():
    one, other = make_practice(), make_practice()
    listed = (GroupRules("Proef", OPENS, agb_codes=(one.agb_code, "01999999")), GroupRules("Anderen", HALF))
    assert groups_of(create(listed), one, other) == ["Proef", "Anderen"]


@pytest.mark.parametrize(
    ("groups", "at", "code"),
    [
        ((GroupRules("Allen", OPENS),), "groups", "range"),
        ((replace(REGIONS[0], name="Overig"), *REGIONS[1:]), "groups", "repeated"),
        ((replace(REGIONS[0], name=" "), *REGIONS[1:]), "groups[0].name", "empty"),
        ((replace(REGIONS[0], opens_at=OPENS - timedelta(hours=2)), *REGIONS[1:]), "groups[0].opens_at", "order"),
        ((*REGIONS[:2], replace(REGIONS[2], opens_at=HALF)), "groups[2].opens_at", "order"),
        ((*REGIONS[:2], replace(REGIONS[2], opens_at=OPENS + timedelta(days=31))), "groups[2].opens_at", "order"),
        ((*REGIONS[:2], replace(REGIONS[2], registered=(0, 10))), "groups[2]", "last"),
        ((REGIONS[0], replace(REGIONS[1], postcodes=()), REGIONS[2]), "groups[1]", "criterion"),
        ((REGIONS[0], replace(REGIONS[1], postcodes=(), registered=(1, 2)), REGIONS[2]), "groups[1]", "criterion"),
        ((replace(REGIONS[0], postcodes=((999, 2000),)), *REGIONS[1:]), "groups[0].postcodes", "range"),
        ((replace(REGIONS[0], postcodes=((9000, 8000),)), *REGIONS[1:]), "groups[0].postcodes", "range"),
        ((replace(REGIONS[0], postcodes=((4299, 9000),)), *REGIONS[1:]), "groups", "overlap"),
        ((replace(SIZES[0], registered=(2000, 10)), SIZES[1]), "groups[0].registered", "range"),
        ((SIZES[0], GroupRules("Meer", HALF, registered=(1500, None)), REGIONS[2]), "groups", "overlap"),
        ((GroupRules("Lijst", OPENS, agb_codes=("123",)), SIZES[1]), "groups[0].agb_codes", "format"),
    ],
)
def test_senseless_groups_are_refused_and_nothing_is_made(groups: tuple[GroupRules, ...], at: str, code: str):
    with pytest.raises(RulesError) as error:
        create(groups)
    assert {(finding.at, finding.code) for finding in error.value.findings} == {(at, code)}
    assert not Room.objects.exists()


def test_other_groups_place_everybody_anew_as_long_as_nobody_waits():
    small, large = make_practice(registered_count=900), make_practice(registered_count=3000)
    campaign = create(SIZES)
    campaign = change(campaign, (replace(SIZES[0], registered=(2000, None)), SIZES[1]))
    assert groups_of(campaign, small, large) == ["Groot", "Klein"]
    campaign = change(campaign, ())
    assert not Placement.objects.exists()
    assert campaign.room.rounds.get().name == ""


def test_who_waits_keeps_its_group_and_only_openings_to_come_still_move():
    campaign = create(SIZES)
    make_ticket(campaign, make_practice())
    with pytest.raises(RulesError) as error:
        change(campaign, (replace(SIZES[0], registered=(None, 900)), SIZES[1]))
    assert [(finding.at, finding.code) for finding in error.value.findings] == [("groups", "in_use")]
    later = (SIZES[0], replace(SIZES[1], opens_at=HOUR))
    assert rules_of(change(campaign, later)).groups == later

    Round.objects.filter(position=1).update(frozen_at=OPENS, first_number=1, drawn_count=0, list_hash=b"")
    with pytest.raises(RulesError) as error:
        change(campaign, (replace(SIZES[0], name="Anders"), later[1]))
    assert [(finding.at, finding.code) for finding in error.value.findings] == [("groups", "drawn")]
    last = (later[0], replace(later[1], opens_at=HOUR + timedelta(hours=1)))
    assert rules_of(change(campaign, last)).groups == last


def place_newcomers() -> int:
    with connection.cursor() as cursor:
        cursor.execute("select ordering_place_v1(null, false)")
        return cursor.fetchone()[0]


def test_practices_that_come_later_are_placed_too():
    campaign = create(SIZES)
    late = make_practice(registered_count=100)
    assert groups_of(campaign, late) == ["Groot"], "until then it is among the others"
    assert place_newcomers() == 1
    assert groups_of(campaign, late) == ["Klein"]
    assert place_newcomers() == 0


def test_nobody_moves_to_another_group_by_changing_an_address():
    practice = in_region("1012 AB")
    campaign = create(REGIONS)
    Location.objects.filter(practice=practice).update(postcode="9712 AB")
    place_newcomers()
    assert groups_of(campaign, practice) == ["Overig"]


def test_control_placing_everybody_anew_would_let_the_address_decide():
    practice = in_region("1012 AB")
    campaign = create(REGIONS)
    Location.objects.filter(practice=practice).update(postcode="9712 AB")
    place_practices()
    assert groups_of(campaign, practice) == ["Noord"]


def test_an_import_places_anew_except_who_has_a_ticket():
    waiting, absent = (make_practice(registered_count=100) for _ in range(2))
    campaign = create(SIZES)
    make_ticket(campaign, waiting)
    Practice.objects.update(registered_count=5000)
    place_practices()
    assert groups_of(campaign, waiting, absent) == ["Klein", "Groot"]


def test_the_round_of_a_ticket_goes_before_that_of_its_group():
    practice = make_practice(registered_count=100)
    campaign = create(SIZES)
    make_ticket(campaign, practice)
    Ticket.objects.update(round=2)
    assert groups_of(campaign, practice) == ["Groot"]


def test_a_campaign_that_has_closed_takes_in_nobody():
    campaign = create(SIZES)
    Campaign.objects.update(opens_at=OPENS - timedelta(days=9999), closes_at=OPENS - timedelta(days=9990))
    make_practice(registered_count=100)
    assert place_newcomers() == 0
    assert campaign.room.placements.count() == 0
