"""Handing a delivery day over: its file follows the orders, version by version, and who sees which."""

import json
from datetime import UTC, date, datetime

import pytest
from django.conf import settings
from django.test import Client

from balie.lib.checksums import public_keys
from balie.ordering.dayfile import check_file, read_file, verify_paths
from balie.ordering.models import Campaign, Consignment, DayFile, OrderLine
from balie.ordering.rules import RulesError
from balie.ordering.services.consignments import hand_over_day
from balie.ordering.services.orders import cancel_order
from balie.ordering.testing import make_campaign, make_day, make_product, place_order
from balie.ordering.tests.desk import MONDAY, TUESDAY
from balie.practices.models import AuditEvent, Person
from balie.practices.testing import Cast, confirm_second_factor, make_cast, make_location, make_person

pytestmark = [pytest.mark.django_db, pytest.mark.urls("balie.urls")]

FREE_UNTIL = date(2027, 9, 22)  # eight working days before that Monday
READY = datetime(2027, 9, 23, 8, tzinfo=UTC)


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def campaign() -> Campaign:
    campaign = make_campaign(slug="2027")
    make_product(campaign)
    make_product(campaign, "pneumo")
    make_day(campaign, MONDAY)
    make_day(campaign, TUESDAY)
    return campaign


@pytest.fixture
def now(monkeypatch):
    """Sets the day that the pages and services think it is."""

    def be(at: datetime) -> None:
        monkeypatch.setattr("django.utils.timezone.now", lambda: at)

    return be


@pytest.fixture
def driver(cast) -> Client:
    person = make_person("Dirk Rijder", is_distributor=True)
    client = Client()
    client.force_login(person)
    return client


@pytest.fixture
def client(cast) -> Client:
    client = Client()
    client.force_login(cast.organiser)
    return client


def order(campaign, practice, *days: date):
    flu, pneumo = campaign.products.all()
    place = practice.locations.first()
    lines = [(product, place, doses, day) for day in days for product, doses in ((pneumo, 20), (flu, 100))]
    return place_order(campaign, practice, lines)


def test_a_day_becomes_a_signed_file(campaign, cast, now):
    linde, eik = order(campaign, cast.practice, MONDAY), order(campaign, cast.other_practice, MONDAY, TUESDAY)
    now(READY)
    file = hand_over_day(campaign=campaign, day=MONDAY, actor=cast.organiser)
    content = check_file(file.content.encode(), file.signature, keys=public_keys([settings.SECRET_KEY]))
    assert (content.campaign, content.day, content.version, content.withdrawn) == ("2027", MONDAY, 1, ())
    assert content.doses == {"flu": 200, "pneumo": 40}
    assert [stop.order for stop in content.stops] == [linde.number, eik.number]
    first = content.stops[0]
    assert (first.agb_code, first.address) == (cast.practice.agb_code, cast.practice.locations.get().address)
    assert [(goods.product, goods.doses) for goods in first.goods] == [("flu", 100), ("pneumo", 20)]
    act = AuditEvent.objects.get(action="deliveries.handed_over")
    assert (act.actor, act.detail["day"], act.detail["version"], act.detail["stops"]) == (
        cast.organiser,
        "2027-10-04",
        1,
        2,
    )


def test_two_addresses_of_an_order_are_two_stops(campaign, cast, now):
    flu = campaign.products.first()
    annex = make_location(cast.practice, "Bijgebouw", street="Bijweg 2")
    lines = [(flu, place, 100, MONDAY) for place in (cast.practice.locations.first(), annex)]
    place_order(campaign, cast.practice, lines)
    now(READY)
    content = read_file(hand_over_day(campaign=campaign, day=MONDAY, actor=cast.organiser).content.encode())
    assert len({stop.address for stop in content.stops}) == 2


def test_nothing_new_makes_no_new_version(campaign, cast, now):
    order(campaign, cast.practice, MONDAY)
    now(READY)
    first, again = (hand_over_day(campaign=campaign, day=MONDAY, actor=cast.organiser) for _ in range(2))
    assert first == again
    assert DayFile.objects.count() == AuditEvent.objects.filter(action="deliveries.handed_over").count() == 1


def test_what_changes_afterwards_is_in_the_next_version_under_the_same_numbers(campaign, cast, now):
    gone, stays = order(campaign, cast.practice, MONDAY), order(campaign, cast.other_practice, MONDAY)
    now(READY)
    first = read_file(hand_over_day(campaign=campaign, day=MONDAY, actor=cast.organiser).content.encode())
    cancel_order(
        campaign=campaign,
        practice=cast.practice,
        number=gone.number,
        actor=cast.organiser,
        at=READY,
        granted=True,
        fee_cents=4000,
    )
    OrderLine.objects.filter(order=stays, product__code="flu").update(doses=90)
    second = read_file(hand_over_day(campaign=campaign, day=MONDAY, actor=cast.organiser).content.encode())
    assert (second.version, second.doses) == (2, {"flu": 90, "pneumo": 20})
    before = {stop.order: stop.delivery for stop in first.stops}
    assert [stop.delivery for stop in second.stops] == [before[stays.number]]
    assert second.withdrawn == (before[gone.number],)
    assert Consignment.objects.filter(withdrawn=True).count() == 1


@pytest.mark.parametrize(
    ("at", "code"),
    [(datetime(2027, 9, 22, 21, 59, tzinfo=UTC), "free"), (READY, "empty")],
)
def test_too_early_or_nothing_to_bring_makes_no_file(campaign, cast, now, at, code):
    if code == "free":
        order(campaign, cast.practice, MONDAY)
    now(at)
    with pytest.raises(RulesError) as refused:
        hand_over_day(campaign=campaign, day=MONDAY, actor=cast.organiser)
    assert [finding.code for finding in refused.value.findings] == [code]
    assert not DayFile.objects.exists()


def test_the_page_hands_over_and_says_what_changed_since(campaign, cast, client, now):
    placed = order(campaign, cast.practice, MONDAY)
    page = "/bezorging/2027/2027-10-04/"
    early = client.get(page).content.decode()
    assert "Tot en met woensdag 22 september 2027" in early
    assert "Draag deze dag over" not in early
    assert client.post(page).status_code == 422
    now(READY)
    client.force_login(cast.organiser)
    assert "Draag deze dag over" in client.get(page).content.decode()
    assert client.post(page, follow=True).status_code == 200
    assert "kan worden overgedragen" not in client.get("/bezorging/2027/").content.decode()
    assert "Maak een nieuwe versie" not in client.get(page).content.decode()
    OrderLine.objects.filter(order=placed).update(doses=30)
    assert "gewijzigd na overdracht" in client.get("/bezorging/2027/").content.decode()
    assert "Maak een nieuwe versie" in client.get(page).content.decode()
    client.post(page)
    assert "Eerdere versies" in client.get(page).content.decode()


def test_the_distributor_sees_what_was_handed_over_and_nothing_else(campaign, cast, client, driver, now):
    order(campaign, cast.practice, MONDAY, TUESDAY)
    assert "Er is nog niets te bezorgen" in driver.get("/bezorging/").content.decode()
    assert driver.get("/bezorging/2027/").status_code == 404
    now(READY)
    driver.force_login(Person.objects.get(is_distributor=True))
    hand_over_day(campaign=campaign, day=MONDAY, actor=cast.organiser)
    assert driver.get("/bezorging/")["Location"] == "/bezorging/2027/"
    days = driver.get("/bezorging/2027/").content.decode()
    assert "maandag 4 oktober 2027" in days
    assert "dinsdag" not in days
    page = driver.get("/bezorging/2027/2027-10-04/").content.decode()
    assert cast.practice.name in page
    assert '<form method="post">' not in page
    file = driver.get("/bezorging/2027/2027-10-04/v1.json")
    signature = driver.get("/bezorging/2027/2027-10-04/v1.jws").content.decode()
    keys = driver.get("/bezorging/sleutels.json").json()
    assert check_file(file.content, signature, keys=keys).stops[0].practice == cast.practice.name
    assert 'filename="bezorging-2027-2027-10-04-v1.json"' in file["Content-Disposition"]
    assert driver.post("/bezorging/2027/2027-10-04/").status_code == 403
    for hidden in ("2027-10-05/", "2027-10-04/v2.json", "2027-10-05/v1.json", "2027-02-30/", "2027-10-06/"):
        assert driver.get(f"/bezorging/2027/{hidden}").status_code == 404, hidden
    assert driver.get("/")["Location"] == "/bezorging/"
    for elsewhere in ("/regiekamer/", "/praktijken/", "/bestellingen/", "/mensen/", "/regiekamer/2027/"):
        assert driver.get(elsewhere).status_code == 404, elsewhere


def test_a_day_is_a_list_for_a_spreadsheet_too(campaign, cast, client, now):
    gone, stays = order(campaign, cast.practice, MONDAY), order(campaign, cast.other_practice, MONDAY)
    address = "/bezorging/2027/2027-10-04/adressen.csv"
    assert client.get(address).status_code == 404
    now(READY)
    client.force_login(cast.organiser)
    hand_over_day(campaign=campaign, day=MONDAY, actor=cast.organiser)
    OrderLine.objects.filter(order=gone).delete()
    hand_over_day(campaign=campaign, day=MONDAY, actor=cast.organiser)
    answer = client.get(address)
    assert "bezorging-2027-2027-10-04-v2.csv" in answer["Content-Disposition"]
    rows = [line.split(";") for line in answer.content.decode("utf-8-sig").splitlines()]
    assert [(row[1], *row[-3:]) for row in rows[1:]] == [
        (stays.number, "Griepvaccin", "100", ""),
        (stays.number, "Pneumokokkenvaccin", "20", ""),
        (gone.number, "Griepvaccin", "0", "komt niet meer"),
        (gone.number, "Pneumokokkenvaccin", "0", "komt niet meer"),
    ]


def test_a_trial_delivers_nothing(campaign, client):
    trial = make_campaign()
    Campaign.objects.filter(pk=trial.pk).update(trial_of=campaign)
    assert client.get(f"/bezorging/{trial.slug}/").status_code == 404


def test_without_a_second_step_the_distributor_is_led_to_one(cast, campaign):
    person = make_person(is_distributor=True)
    client = Client()
    client.force_login(person)
    session = client.session
    session.pop("account_authentication_methods", None)
    session.save()
    assert "/account/tweestaps/nodig/" in client.get("/bezorging/")["Location"]
    confirm_second_factor(client, person)
    assert client.get("/bezorging/").status_code == 200


def test_the_answer_is_what_the_verb_verifies(campaign, cast, now, tmp_path):
    order(campaign, cast.practice, MONDAY)
    now(READY)
    file = hand_over_day(campaign=campaign, day=MONDAY, actor=cast.organiser)
    paths = [tmp_path / name for name in ("a.json", "a.jws", "k.json")]
    paths[0].write_text(file.content, encoding="utf-8")
    paths[1].write_text(file.signature + "\n", encoding="utf-8")
    paths[2].write_text(json.dumps(public_keys([settings.SECRET_KEY])), encoding="utf-8")
    assert verify_paths(*paths).version == 1
