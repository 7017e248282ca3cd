"""The organiser changes the rules of a campaign: what a change would do is seen first, and bad input loses nothing."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from balie.ordering.models import Campaign, CampaignVersion
from balie.ordering.rules import RulesError
from balie.ordering.rules_form import RulesForm
from balie.ordering.services.campaigns import ProductRules, rules_of
from balie.ordering.services.groups import GroupRules
from balie.ordering.services.preview import preview_rules
from balie.ordering.testing import make_campaign, make_day, make_order, make_prepared, make_product
from balie.ordering.tests.desk import MONDAY
from balie.ordering.views.campaigns import first_rules
from balie.practices.models import AuditEvent, PastUse
from balie.practices.testing import Cast, make_cast

pytestmark = pytest.mark.django_db

PAGE = "/regiekamer/2027/regels/"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def campaign() -> Campaign:
    """Opens next week; one vaccine, one day."""
    opens_at = (timezone.now() + timedelta(days=7)).replace(microsecond=250)
    campaign = make_campaign(slug="2027", opens_at=opens_at)
    make_product(campaign)
    make_day(campaign, MONDAY, doses=1000)
    return campaign


@pytest.fixture
def client(cast) -> Client:
    client = Client()
    client.force_login(cast.organiser)
    return client


def sent(campaign: Campaign, **changes: str) -> dict[str, str]:
    """What the page sends when nothing but `changes` was typed."""
    form = RulesForm.stored(rules_of(campaign))
    fields = dict(form.values) | {"kind": form.kind}
    fields |= {f"deliveries.{name}": value for name, value in form.deliveries.items()}
    for what, rows in (("products", form.products), ("groups", form.groups)):
        for at, row in enumerate(rows):
            fields |= {f"{what}[{at}].{name}": value for name, value in row.items()}
    return fields | changes


def test_what_is_shown_and_sent_back_changes_nothing(client, campaign):
    page = client.get(PAGE).content.decode()
    for name, value in sent(campaign).items():
        if name not in {"kind", "change_unit", "deliveries.late_alert"}:  # of which one chooses
            assert f'name="{name}"' in page
            assert f'value="{value}"' in page or not value
    answer = client.post(PAGE, sent(campaign, do="look"))
    assert "Niets: dit zijn de regels die nu gelden." in answer.content.decode()
    client.post(PAGE, sent(campaign, do="save", reason="Zomaar"))
    assert not CampaignVersion.objects.exists()


def test_a_change_is_seen_first_and_then_made(client, campaign, cast):
    change = {
        "pace": "90",
        "change_limit": "5",
        "change_unit": "days",
        "late_fee": "37,5",
        "products[0].cohorts": "t/m 1947, 1953-1956, 1965",
        "products[0].minimum": "20",
    }
    page = client.post(PAGE, sent(campaign, do="look", **change)).content.decode()
    assert "<td>60</td><td>90</td>" in page
    assert "t/m 1947, 1953-1956, 1965" in page
    assert rules_of(Campaign.objects.get()).pace == 60
    answer = client.post(PAGE, sent(campaign, do="save", reason="Meer vraag", **change), follow=True)
    assert "Versie 2 van de regels geldt nu." in answer.content.decode()
    rules = rules_of(Campaign.objects.get())
    assert (rules.pace, rules.change_limit, rules.change_unit, rules.late_fee_cents) == (90, 5, "days", 3750)
    assert rules.products == (
        ProductRules("flu", "Griepvaccin", ((None, 1947), (1953, 1956), (1965, 1965)), step=10, minimum=20),
    )
    assert (rules.opens_at, rules.doors_at) == (campaign.opens_at, campaign.room.doors_at)
    event = AuditEvent.objects.get(action="campaign.rules_changed")
    assert (event.actor, event.reason) == (cast.organiser, "Meer vraag")
    assert "Meer vraag" in client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    ("field", "typed", "say"),
    [
        ("opens_at", "morgen", "Kies een datum en een tijd"),
        ("opens_at", "", "Kies een datum en een tijd"),
        ("pace", "snel", "‘snel’ is geen heel getal."),
        ("pace", "-5", "‘-5’ is geen heel getal."),
        ("pace", "1000000", "Kies een tempo van 1 tot 6.000"),
        ("window_s", "5", "minstens 20 seconden"),
        ("change_limit", "veel", "‘veel’ is geen heel getal."),
        ("late_fee", "gratis", "Schrijf een bedrag zo: 40,00."),
        ("cap_percent", "0", "percentage van vorig jaar"),
        ("closes_at", "2020-01-01T00:00", "Bestellen sluit pas na de opening."),
        ("products[0].cohorts", "bejaarden", "Schrijf geboortejaren zo"),
        ("products[0].cohorts", "1970-1960", "begint met het vroegste jaar"),
        ("products[0].step", "0", "Bestellen gaat per 1 tot 1.000 doses."),
        ("products[0].name", "", "Geef het vaccin een naam."),
        ("products[0].code", "Griep!", "Een code heeft hooguit 20"),
    ],
)
def test_what_is_wrong_is_said_and_kept(client, campaign, field, typed, say):
    answer = client.post(PAGE, sent(campaign, do="save", reason="x", **{field: typed}))
    page = answer.content.decode()
    assert answer.status_code == 422
    assert say in page
    assert f'value="{typed}"' in page
    assert 'aria-invalid="true"' in page
    assert not CampaignVersion.objects.exists()


def test_a_reason_is_asked_for(client, campaign):
    answer = client.post(PAGE, sent(campaign, do="save", pace="90", reason=" "))
    assert answer.status_code == 422
    assert "Schrijf op waarom u de regels wijzigt." in answer.content.decode()


def test_rows_come_and_go_and_nothing_typed_is_lost(client, campaign):
    page = client.post(PAGE, sent(campaign, do="add:products", pace="91")).content.decode()
    assert 'name="products[1].code"' in page
    assert 'value="91"' in page
    both = sent(campaign, **{"products[1].code": "pneumo", "products[1].name": "Pneumo"})
    page = client.post(PAGE, both | {"do": "drop:products:0"}).content.decode()
    assert 'name="products[0].code" type="text" autocomplete="off" value="pneumo"' in page
    assert "products[1].code" not in page
    assert client.post(PAGE, both | {"do": "drop:products:99"}).status_code == 200


def test_a_campaign_opens_in_groups(client, campaign):
    opens_at = sent(campaign)["opens_at"]
    later = timezone.localtime(campaign.opens_at + timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M")
    groups = {
        "kind": "postcodes",
        "groups[0].name": "Noord",
        "groups[0].opens_at": opens_at,
        "groups[0].who": "7000-9999",
        "groups[1].name": "Overig",
        "groups[1].opens_at": later,
        "groups[1].who": "",
    }
    assert client.post(PAGE, sent(campaign, do="save", reason="Spreiden", **groups)).status_code == 302
    first, last = rules_of(Campaign.objects.get()).groups
    assert first == GroupRules("Noord", campaign.opens_at, postcodes=((7000, 9999),))
    assert (last.name, last.criteria) == ("Overig", ())
    wrong = client.post(PAGE, sent(campaign, do="look", **groups | {"groups[0].who": "Groningen"}))
    assert "Schrijf postcodes zo" in wrong.content.decode()
    by_code = groups | {"kind": "agb_codes", "groups[0].who": "01020304, 1"}
    assert "Een AGB-code heeft 8 cijfers." in client.post(PAGE, sent(campaign, do="look", **by_code)).content.decode()
    by_size = groups | {"kind": "registered", "groups[0].who": "0-2000"}
    assert client.post(PAGE, sent(campaign, do="look", **by_size)).status_code == 200


def test_it_tells_who_would_no_longer_fit(client, campaign, cast):
    flu = campaign.products.get()
    PastUse.objects.filter(practice=cast.practice, product_code="flu").delete()
    PastUse.objects.create(practice=cast.practice, product_code="flu", year=2026, ordered=500)
    make_prepared(campaign, cast.practice, lines=[(flu, cast.practice.locations.get(), 650)], ranking=[MONDAY])
    there = cast.other_practice.locations.get()
    make_order(campaign, cast.other_practice, [(flu, there, 15, MONDAY)])
    page = client.post(PAGE, sent(campaign, do="look", cap_percent="114")).content.decode()
    assert "1 praktijk heeft iets klaargezet dat straks niet meer kan." in page
    assert f"{cast.practice.name}</a>: meer dan het maximum" in page
    assert cast.other_practice.name not in page  # its 15 doses fitted no better before
    page = client.post(PAGE, sent(campaign, do="look", **{"products[0].minimum": "700"})).content.decode()
    assert f"{cast.practice.name}</a>: minder dan het minimum" in page
    assert not CampaignVersion.objects.exists()
    assert not AuditEvent.objects.filter(action="campaign.rules_changed").exists()


def test_an_order_that_no_longer_fits_stays(campaign, cast):
    line = (campaign.products.get(), cast.practice.locations.get(), 100, MONDAY)
    make_order(campaign, cast.practice, [line])
    rules = RulesForm.typed(rules_of(campaign), sent(campaign, **{"products[0].minimum": "200"})).rules()
    preview = preview_rules(campaign=campaign, rules=rules)
    assert [each.code for each in preview.placed] == ["minimum"]
    assert preview.prepared == ()


def test_a_look_says_what_making_it_would_refuse(campaign):
    rules = RulesForm.typed(rules_of(campaign), sent(campaign, pace="0")).rules()
    with pytest.raises(RulesError):
        preview_rules(campaign=campaign, rules=rules)


def test_rules_are_of_the_campaign_not_of_its_trial(client, campaign):
    trial = make_campaign(slug="2027-oefenen")
    Campaign.objects.filter(pk=trial.pk).update(trial_of=campaign)
    assert client.get("/regiekamer/2027-oefenen/regels/")["Location"] == PAGE


def test_a_new_campaign_begins_with_the_rules_of_the_last(client, campaign):
    page = client.get("/regiekamer/campagnes/nieuw/").content.decode()
    assert 'value="2028"' in page
    assert 'value="Griepvaccin"' in page
    fields = RulesForm.stored(first_rules(2028)).values | {
        "name": "Griep 2028",
        "slug": "2028",
        "year": "2028",
        "products[0].code": "flu",
        "products[0].name": "Griepvaccin",
        "products[0].step": "10",
        "products[0].minimum": "10",
    }
    answer = client.post("/regiekamer/campagnes/nieuw/", fields | {"do": "make"})
    assert answer["Location"] == "/regiekamer/2028/bezorgdagen/"
    made = Campaign.objects.get(slug="2028")
    assert timezone.localtime(made.opens_at).strftime("%d-%m-%Y %H.%M") == "01-06-2028 00.00"
    listed = client.get("/regiekamer/campagnes/").content.decode()
    assert listed.index("Griep 2028") < listed.index("Griep en pneumokokken 2027")


@pytest.mark.parametrize(
    ("field", "typed", "say"),
    [
        ("slug", "2027", "Er is al een campagne met dit adres."),
        ("slug", "campagnes", "Dit adres is van een andere pagina."),
        ("slug", "Griep 2028", "Gebruik kleine letters"),
        ("name", " ", "Geef de campagne een naam."),
        ("year", "volgend", "Geef het jaar in vier cijfers."),
        ("year", "28", "Geef het jaar in vier cijfers."),
    ],
)
def test_a_new_campaign_that_is_wrong_is_not_made(client, campaign, field, typed, say):
    fields = sent(campaign) | {"name": "Griep 2028", "slug": "2028", "year": "2028", "do": "make"}
    answer = client.post("/regiekamer/campagnes/nieuw/", fields | {field: typed})
    assert answer.status_code == 422
    assert say in answer.content.decode()
    assert Campaign.objects.count() == 1


def test_the_first_campaign_begins_with_rules_that_make_sense(client):
    page = client.get("/regiekamer/campagnes/nieuw/").content.decode()
    assert "T00:00" in page
    assert "Er is nog geen campagne" in client.get("/regiekamer/campagnes/").content.decode()
