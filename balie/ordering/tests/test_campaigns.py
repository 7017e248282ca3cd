from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from balie.ordering.models import Campaign, CampaignVersion
from balie.ordering.rules import RulesError
from balie.ordering.services.campaigns import CampaignRules, ProductRules, change_rules, create_campaign, rules_of
from balie.ordering.testing import make_hold, make_prepared
from balie.practices.models import AuditEvent
from balie.practices.testing import make_cast, make_location, make_practice
from balie.waitingroom.models import Room, Round

pytestmark = pytest.mark.django_db

OPENS = datetime(2027, 5, 31, 22, tzinfo=UTC)
FLU = ProductRules(code="flu", name="Griep", cohorts=((None, 1967),))
PNEUMO = ProductRules(code="pneumo", name="Pneumokokken", cohorts=((1965, 1965), (None, 1947)), step=5, minimum=5)
RULES = CampaignRules(
    doors_at=OPENS - timedelta(hours=1),
    opens_at=OPENS,
    closes_at=OPENS + timedelta(days=30),
    pace=45,
    products=(FLU, PNEUMO),
    cap_percent=114,
    help_phone="088 000 12 34",
)


def create(**changes: object) -> Campaign:
    return create_campaign(slug="2027", name="Griep 2027", year=2027, rules=replace(RULES, **changes))


def codes(error: pytest.ExceptionInfo[RulesError]) -> set[tuple[str, str]]:
    return {(finding.at, finding.code) for finding in error.value.findings}


def test_a_campaign_comes_with_its_room_products_version_and_audit():
    campaign = create()
    assert rules_of(Campaign.objects.get(slug="2027")) == RULES
    assert campaign.room.rounds.get().seed is not None
    assert campaign.version == 1
    assert [product.code for product in campaign.products.all()] == ["flu", "pneumo"]
    kept = CampaignVersion.objects.get(campaign=campaign)
    assert kept.version == 1
    assert kept.rules["products"][1]["cohorts"] == [[1965, 1965], [None, 1947]]
    assert AuditEvent.objects.get().action == "campaign.created"


@pytest.mark.parametrize(
    ("changes", "at", "code"),
    [
        ({"doors_at": OPENS + timedelta(1)}, "doors_at", "order"),
        ({"closes_at": OPENS}, "closes_at", "order"),
        ({"pace": 0}, "pace", "range"),
        ({"pace": 1_000_000}, "pace", "range"),
        ({"window_s": 0}, "window_s", "range"),
        ({"cap_percent": 0}, "cap_percent", "range"),
        ({"products": ()}, "products", "empty"),
        ({"products": (FLU, FLU)}, "products", "repeated"),
        ({"products": (replace(FLU, step=0),)}, "products[0].step", "range"),
        ({"products": (replace(FLU, minimum=-10),)}, "products[0].minimum", "range"),
        ({"products": (replace(FLU, code="Griep!"),)}, "products[0].code", "format"),
        ({"products": (replace(FLU, name=" "),)}, "products[0].name", "empty"),
        ({"products": (replace(FLU, cohorts=((1970, 1960),)),)}, "products[0].cohorts", "order"),
    ],
)
def test_senseless_rules_are_refused_and_nothing_is_made(changes: dict[str, object], at: str, code: str):
    with pytest.raises(RulesError) as error:
        create(**changes)
    assert codes(error) == {(at, code)}
    assert all(finding.say.endswith(".") for finding in error.value.findings)
    assert not Campaign.objects.exists()
    assert not Room.objects.exists()


def test_a_slug_is_used_once_and_is_fit_for_an_address():
    create()
    with pytest.raises(RulesError) as error:
        create()
    assert codes(error) == {("slug", "repeated")}
    with pytest.raises(RulesError) as error:
        create_campaign(slug="Griep 2027", name=" ", year=27, rules=RULES)
    assert codes(error) == {("slug", "format"), ("name", "empty"), ("year", "range")}


def test_changed_rules_are_a_new_version_and_reach_the_room():
    campaign, cast = create(), make_cast()
    changed = change_rules(
        campaign=campaign,
        rules=replace(RULES, pace=90, closes_at=OPENS + timedelta(days=40), products=(replace(FLU, step=20), PNEUMO)),
        actor=cast.organiser,
        reason="Minder voorraad dan gedacht",
    )
    assert changed.version == 2
    room = Room.objects.get(pk=campaign.room_id)
    assert (room.pace, room.closes_at) == (90, OPENS + timedelta(days=40))
    assert campaign.products.get(code="flu").step == 20
    assert CampaignVersion.objects.get(campaign=campaign, version=1).rules["pace"] == 45
    event = AuditEvent.objects.get(action="campaign.rules_changed")
    assert (event.actor, event.reason) == (cast.organiser, "Minder voorraad dan gedacht")
    assert (event.detail["before"]["pace"], event.detail["after"]["pace"]) == (45, 90)


def test_the_same_rules_make_no_version():
    campaign = create()
    assert change_rules(campaign=campaign, rules=RULES, actor=None, reason="").version == 1
    assert CampaignVersion.objects.count() == 1


def test_a_change_needs_a_reason():
    campaign = create()
    with pytest.raises(RulesError) as error:
        change_rules(campaign=campaign, rules=replace(RULES, pace=90), actor=None, reason=" ")
    assert codes(error) == {("reason", "empty")}
    assert rules_of(Campaign.objects.get()) == RULES


def test_after_the_draw_the_opening_stands():
    campaign = create()
    Round.objects.update(frozen_at=OPENS, first_number=1, drawn_count=0, list_hash=b"")
    with pytest.raises(RulesError) as error:
        change_rules(
            campaign=campaign, rules=replace(RULES, opens_at=OPENS + timedelta(hours=1)), actor=None, reason="Later"
        )
    assert codes(error) == {("opens_at", "drawn")}
    assert change_rules(campaign=campaign, rules=replace(RULES, pace=90), actor=None, reason="Sneller").version == 2


@pytest.mark.parametrize("use", ["prepared", "held"])
def test_a_vaccine_that_is_in_use_stays(use: str):
    campaign, practice = create(), make_practice()
    pneumo, location = campaign.products.get(code="pneumo"), make_location(practice)
    if use == "prepared":
        make_prepared(campaign, practice, lines=[(pneumo, location, 90)])
    else:
        make_hold(campaign, practice, [(pneumo, location, 90, date(2027, 10, 12))])
    with pytest.raises(RulesError) as error:
        change_rules(campaign=campaign, rules=replace(RULES, products=(FLU,)), actor=None, reason="Vervalt")
    assert codes(error) == {("products", "in_use")}


def test_a_vaccine_that_nobody_uses_can_go():
    campaign = create()
    change_rules(campaign=campaign, rules=replace(RULES, products=(FLU,)), actor=None, reason="Vervalt")
    assert [product.code for product in campaign.products.all()] == ["flu"]
