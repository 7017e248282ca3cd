from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from balie.ordering.models import Campaign, PreparedOrder
from balie.ordering.testing import make_order, make_prepared
from balie.ordering.tests.preparing import DAYS, Fields, Scene, make_scene, text
from balie.practices.testing import make_location, make_past_use

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(client: Client) -> Scene:
    return make_scene(client)


def test_what_is_saved_is_shown_again(scene: Scene):
    response = scene.client.post(scene.url, scene.typed(), follow=True)
    assert response.redirect_chain == [(scene.url, 302)]
    assert "Uw bestelling is bewaard." in text(response)
    assert scene.stored() == ({"flu": 650, "pneumo": 90}, DAYS[:2])
    fields = Fields(response).values
    assert fields[f"doses-{scene.flu.pk}-{scene.location.pk}"] == ["650"]
    assert fields["day"] == ["2027-09-28", "2027-09-30"]
    assert "740 doses, 2 vaccins" in text(response)
    assert "2 data op uw lijst" in text(response)
    assert "door Anna de Vries" in text(response)


def test_a_colleague_sees_and_changes_the_same_order(scene: Scene):
    scene.client.post(scene.url, scene.typed())
    scene.client.force_login(scene.cast.colleague)
    scene.client.post(scene.url, scene.typed(day=["2027-10-12"]))
    assert scene.stored() == ({"flu": 650, "pneumo": 90}, [date(2027, 10, 12)])
    assert "door Bilal Aydin" in text(scene.client.get(scene.url))


def test_an_outsider_sees_an_order_of_their_own_only(scene: Scene):
    scene.client.post(scene.url, scene.typed())
    scene.client.force_login(scene.cast.outsider)
    response = scene.client.get(scene.url)
    assert "Lindelaan" not in text(response)
    assert "650" not in Fields(response).values.values()
    refused = scene.client.post(scene.url, scene.typed())
    assert refused.status_code == 409
    assert scene.stored() == ({"flu": 650, "pneumo": 90}, DAYS[:2])
    assert PreparedOrder.objects.count() == 1


def test_an_outsider_cannot_name_our_location(scene: Scene):
    other = scene.cast.other_practice
    place = other.locations.get()
    scene.client.force_login(scene.cast.outsider)
    mine = {
        "practice": other.pk,
        f"doses-{scene.flu.pk}-{place.pk}": "100",
        f"doses-{scene.pneumo.pk}-{place.pk}": "0",
        f"doses-{scene.flu.pk}-{scene.location.pk}": "100",
        "auto": "off",
        "email": other.email,
        "second_email": "",
        f"address-{place.pk}-street": "Eikenweg 2",
        f"address-{place.pk}-postcode": "1234 AB",
        f"address-{place.pk}-city": "Ons Dorp",
    }
    response = scene.client.post(scene.url, mine)
    assert response.status_code == 422
    assert "Dit afleveradres is niet van uw praktijk." in text(response)
    assert not PreparedOrder.objects.exists()


def test_who_is_not_logged_in_is_asked_to(scene: Scene):
    response = Client().get(scene.url)
    assert response.status_code == 302
    assert response["Location"].startswith("/account/login/")


def test_a_campaign_that_does_not_exist_is_404(scene: Scene):
    assert scene.client.get("/bestellen/9999/voorbereiden/").status_code == 404


def test_the_organiser_has_no_order(scene: Scene):
    scene.client.force_login(scene.cast.organiser)
    assert scene.client.get(scene.url).status_code == 404


@pytest.mark.parametrize(
    ("amount", "say"),
    [
        ("-10", "Vul een getal in van 0 tot 100.000."),
        ("99999999999", "Vul een getal in van 0 tot 100.000."),
        ("veel", "‘veel’ is geen heel getal."),
        ("12,5", "‘12,5’ is geen heel getal."),
        ("1e3", "‘1e3’ is geen heel getal."),
        ("9" * 400, "is geen heel getal."),
        ("1" + ".000" * 2000, "is geen heel getal."),
        ("<script>", "‘&lt;script&gt;’ is geen heel getal."),
    ],
)
def test_what_cannot_be_an_amount_is_refused_and_kept_on_the_page(scene: Scene, amount: str, say: str):
    name = f"doses-{scene.flu.pk}-{scene.location.pk}"
    response = scene.client.post(scene.url, scene.typed(**{name: amount}))
    assert response.status_code == 422
    assert say in text(response)
    assert Fields(response).values[name] == [amount]
    assert Fields(response).values["day"] == ["2027-09-28", "2027-09-30"]
    assert not PreparedOrder.objects.exists()


@pytest.mark.parametrize(("typed", "doses"), [("1.650", 1650), ("1 650", 1650), (" 650 ", 650), ("", 0), ("0", 0)])
def test_amounts_are_read_as_people_write_them(scene: Scene, typed: str, doses: int):
    name = f"doses-{scene.flu.pk}-{scene.location.pk}"
    scene.client.post(scene.url, scene.typed(**{name: typed}))
    assert scene.stored()[0] == ({"flu": doses, "pneumo": 90} if doses else {"pneumo": 90})


@pytest.mark.parametrize(
    ("amount", "say", "repairs"),
    [
        ("655", "655 kan niet: kies 650 of 660.", ["650", "660"]),
        ("5", "5 is te weinig: het minimum is 10.", ["10"]),
    ],
)
def test_a_broken_rule_is_kept_with_its_repair(scene: Scene, amount: str, say: str, repairs: list[str]):
    name = f"doses-{scene.flu.pk}-{scene.location.pk}"
    response = scene.client.post(scene.url, scene.typed(**{name: amount}), follow=True)
    assert response.status_code == 200
    assert say in text(response)
    assert scene.stored()[0]["flu"] == int(amount)
    assert Fields(response).values[name] == [amount]
    assert "Een aantal kan zo niet" in text(response)
    assert [f"set:{name}={repair}" for repair in repairs] == [
        button for button in Fields(response).buttons if button.startswith("set:")
    ]
    repair = {name: amount, "do": f"set:{name}={repairs[0]}"}
    scene.client.post(scene.url, scene.typed(**repair))
    assert scene.stored()[0]["flu"] == int(repairs[0])


def test_the_cap_is_said_with_the_amount_that_fits(scene: Scene):
    Campaign.objects.update(cap_percent=110)
    make_past_use(scene.cast.practice, ordered=600)
    name = f"doses-{scene.flu.pk}-{scene.location.pk}"
    response = scene.client.post(scene.url, scene.typed(**{name: "700"}), follow=True)
    assert "700 is te veel: het maximum is dit jaar 660." in text(response)
    assert f"set:{name}=660" in Fields(response).buttons
    scene.client.post(scene.url, scene.typed(**{name: "700", "do": f"set:{name}=660"}))
    assert "Past bij uw praktijk. Het maximum is 660." in text(scene.client.get(scene.url))


@pytest.mark.parametrize(
    ("days", "say"),
    [
        (["2027-09-29"], "Op 29 september 2027 wordt niet bezorgd."),
        (["2027-09-28", "2027-09-28"], "Een datum staat twee keer op uw lijst."),
        (["gisteren"], "‘gisteren’ is geen datum."),
        (["2027-09-28", "0000-00-00"], "‘0000-00-00’ is geen datum."),
    ],
)
def test_a_list_with_an_impossible_date_is_refused_and_kept(scene: Scene, days: list[str], say: str):
    response = scene.client.post(scene.url, scene.typed(day=days))
    assert response.status_code == 422
    assert say in text(response)
    assert Fields(response).values["day"] == days
    assert not PreparedOrder.objects.exists()


@pytest.mark.parametrize(
    ("button", "after"),
    [
        ("up:2027-09-30", ["2027-09-30", "2027-09-28"]),
        ("down:2027-09-28", ["2027-09-30", "2027-09-28"]),
        ("up:2027-09-28", ["2027-09-28", "2027-09-30"]),
        ("down:2027-09-30", ["2027-09-28", "2027-09-30"]),
        ("drop:2027-09-28", ["2027-09-30"]),
        ("add:2027-10-12", ["2027-09-28", "2027-09-30", "2027-10-12"]),
        ("add:2027-09-28", ["2027-09-28", "2027-09-30"]),
        ("drop:2027-10-12", ["2027-09-28", "2027-09-30"]),
        ("dance:2027-10-12", ["2027-09-28", "2027-09-30"]),
    ],
)
def test_buttons_of_the_list_work_without_script(scene: Scene, button: str, after: list[str]):
    scene.client.post(scene.url, scene.typed(do=button))
    assert [day.isoformat() for day in scene.stored()[1]] == after


@pytest.mark.parametrize(
    ("button", "before", "after"),
    [("more", "650", 660), ("more", "655", 660), ("less", "650", 640), ("less", "655", 650), ("less", "0", 0)],
)
def test_buttons_of_the_stepper_work_without_script(scene: Scene, button: str, before: str, after: int):
    name = f"doses-{scene.flu.pk}-{scene.location.pk}"
    scene.client.post(scene.url, scene.typed(**{name: before, "do": f"{button}:{name}"}))
    assert scene.stored()[0].get("flu", 0) == after


def test_an_empty_page_offers_last_year(scene: Scene):
    make_past_use(scene.cast.practice, ordered=644)
    make_past_use(scene.cast.practice, "pneumo", ordered=90)
    response = scene.client.get(scene.url)
    assert "Vorig jaar bestelde u 644 griep en 90 pneumokokken." in text(response)
    zero = {f"doses-{product.pk}-{scene.location.pk}": "0" for product in (scene.flu, scene.pneumo)}
    scene.client.post(scene.url, scene.typed(**zero, day=[], do="last-year"))
    assert scene.stored() == ({"flu": 640, "pneumo": 90}, [])
    assert "Neem vorig jaar over" not in text(scene.client.get(scene.url))


def test_several_locations_have_doses_of_their_own(scene: Scene):
    branch = make_location(scene.cast.practice, "Dependance", street="Kade 3")
    response = scene.client.get(scene.url)
    assert "Dependance" in text(response)
    both = {
        f"doses-{scene.flu.pk}-{branch.pk}": "200",
        f"doses-{scene.pneumo.pk}-{branch.pk}": "0",
        f"address-{branch.pk}-street": "Kade 3",
        f"address-{branch.pk}-postcode": "1234 AB",
        f"address-{branch.pk}-city": "Ons Dorp",
    }
    scene.client.post(scene.url, scene.typed(**both))
    prepared = PreparedOrder.objects.get()
    assert {(line.location_id, line.doses) for line in prepared.lines.filter(product=scene.flu)} == {
        (scene.location.pk, 650),
        (branch.pk, 200),
    }
    page = text(scene.client.get(scene.url))
    assert "940 doses, 2 vaccins" in page
    assert "2 afleveradressen" in page


def test_addresses_and_mail_can_be_changed(scene: Scene):
    place = scene.location
    scene.client.post(
        scene.url,
        scene.typed(
            email=" nieuw@delinde.example ",
            second_email="beheer@delinde.example",
            **{f"address-{place.pk}-street": "Nieuwe  weg 4", f"address-{place.pk}-postcode": "9999zz"},
        ),
    )
    place.refresh_from_db()
    scene.cast.practice.refresh_from_db()
    assert place.address == "Nieuwe weg 4, 9999 ZZ Ons Dorp"
    assert scene.cast.practice.email == "nieuw@delinde.example"
    assert "2 e-mailadressen" in text(scene.client.get(scene.url))


@pytest.mark.parametrize(
    ("field", "value", "say"),
    [
        ("email", "", "‘’ is geen e-mailadres."),
        ("email", "praktijk@", "‘praktijk@’ is geen e-mailadres."),
        ("email", "a" * 250 + "@b.nl", "is geen e-mailadres."),
        ("second_email", "a@b.nl, c@d.nl", "is geen e-mailadres."),
        ("postcode", "0000 AA", "‘0000 AA’ is geen postcode."),
        ("street", " ", "Vul straat en huisnummer in."),
        ("street", "Dorpsstraat \0", "Vul straat en huisnummer in."),
        ("city", "", "Vul de plaats in."),
        ("city", "\0", "Vul de plaats in."),
    ],
)
def test_a_wrong_address_is_refused_and_kept_and_nothing_is_half_saved(scene: Scene, field: str, value: str, say: str):
    name = field if "email" in field else f"address-{scene.location.pk}-{field}"
    response = scene.client.post(scene.url, scene.typed(**{name: value}))
    assert response.status_code == 422
    assert say in text(response)
    assert Fields(response).values[name] == [value]
    assert "Wijzig adres of e-mail" in text(response)
    assert not PreparedOrder.objects.exists()
    scene.cast.practice.refresh_from_db()
    assert scene.cast.practice.email == "praktijk@voorbeeld.example"


def test_a_field_that_did_not_come_is_not_taken_for_empty(scene: Scene):
    scene.client.post(scene.url, scene.typed())
    fields = scene.typed()
    del fields[f"doses-{scene.flu.pk}-{scene.location.pk}"]
    response = scene.client.post(scene.url, fields)
    assert response.status_code == 422
    assert "Dit veld kwam niet mee." in text(response)
    assert scene.stored()[0]["flu"] == 650


def test_a_closed_campaign_keeps_what_was_stored(scene: Scene):
    make_prepared(scene.campaign, scene.cast.practice, lines=[(scene.flu, scene.location, 100)])
    now = timezone.now()
    Campaign.objects.update(opens_at=now - timedelta(days=2), closes_at=now - timedelta(days=1))
    response = scene.client.post(scene.url, scene.typed())
    assert response.status_code == 422
    assert "Bestellen is gesloten. Wat u hier invulde, is niet bewaard." in text(response)
    assert "100 doses" in text(response)
    assert "650 doses" not in text(response)
    assert scene.stored()[0] == {"flu": 100}
    assert "Bewaar mijn bestelling" not in text(scene.client.get(scene.url))


def test_once_ordered_the_page_leads_to_the_order(scene: Scene):
    make_order(scene.campaign, scene.cast.practice, [(scene.flu, scene.location, 100, DAYS[0])])
    for response in (scene.client.get(scene.url), scene.client.post(scene.url, scene.typed())):
        assert response.status_code == 302
        assert response["Location"] == f"/bestellen/{scene.campaign.slug}/bestelling/"
    assert not PreparedOrder.objects.exists()


def test_other_methods_are_refused(scene: Scene):
    assert scene.client.delete(scene.url).status_code == 405


def test_a_page_from_elsewhere_cannot_save(scene: Scene):
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(scene.cast.owner)
    assert strict.post(scene.url, scene.typed()).status_code == 403
    assert not PreparedOrder.objects.exists()
