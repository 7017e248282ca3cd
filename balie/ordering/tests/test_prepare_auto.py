"""“Bestel voor mij” on the page of the prepared order: who may choose it, when, and how one takes it back."""

from datetime import date, timedelta

import pytest
from django.test import Client
from django.utils import timezone

from balie.ordering.models import Hold, PreparedOrder
from balie.ordering.services.prepared import MOST_WISHES
from balie.ordering.testing import make_day, make_hold, make_order
from balie.ordering.tests.preparing import DAYS, Fields, Scene, make_scene, text
from balie.practices.models import AuditEvent
from balie.practices.testing import make_past_use

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene(client: Client) -> Scene:
    return make_scene(client)


def prepared(scene: Scene) -> PreparedOrder:
    return PreparedOrder.objects.get(practice=scene.cast.practice)


def take_back(scene: Scene) -> str:
    """Where “ik doe het liever zelf” leads to."""
    response = scene.client.post(f"/bestellen/{scene.campaign.slug}/zelf/", {"practice": scene.cast.practice.pk})
    assert response.status_code == 302
    return response["Location"].rstrip("/").rpartition("/")[2]


@pytest.mark.parametrize("how", ["one_day", "parts"])
def test_a_complete_order_may_be_left_to_balie(scene: Scene, how: str):
    before = timezone.now()
    response = scene.client.post(scene.url, scene.typed(auto=how), follow=True)
    assert Fields(response).values["auto"] == [how]
    stored = prepared(scene)
    assert (stored.auto, stored.auto_set_by) == (how, scene.cast.owner)
    assert stored.auto_set_at >= before
    event = AuditEvent.objects.get(action="prepared.auto_set")
    assert (event.actor, event.practice, event.detail) == (
        scene.cast.owner,
        scene.cast.practice,
        {"from": "off", "to": how},
    )


def test_who_chose_it_and_when_stays_whatever_else_changes(scene: Scene):
    scene.client.post(scene.url, scene.typed(auto="one_day"))
    before = prepared(scene)
    scene.client.force_login(scene.cast.colleague)
    scene.client.post(scene.url, scene.typed(auto="one_day", day=["2027-10-12"]))
    after = prepared(scene)
    assert (after.auto_set_at, after.auto_set_by) == (before.auto_set_at, scene.cast.owner)
    assert AuditEvent.objects.filter(action="prepared.auto_set").count() == 1


@pytest.mark.parametrize(
    ("changes", "say"),
    [
        ({"day": []}, "Zet bij 2 minstens één datum op uw lijst."),
        ({"flu": "0", "pneumo": "0"}, "Vul bij 1 in hoeveel doses u wilt."),
        ({"flu": "655"}, "Verbeter bij 1 het aantal dat zo niet kan."),
        ({"flu": "900"}, "Verbeter bij 1 het aantal dat zo niet kan."),
    ],
)
def test_what_is_missing_is_said_beforehand_and_an_incomplete_order_is_not_left_to_balie(
    scene: Scene, changes: dict[str, object], say: str
):
    make_past_use(scene.cast.practice, "flu", ordered=650)
    scene.campaign.cap_percent = 114
    scene.campaign.save()
    fields = {
        f"doses-{getattr(scene, name).pk}-{scene.location.pk}" if name != "day" else name: value
        for name, value in changes.items()
    }
    before = text(scene.client.post(scene.url, scene.typed(**fields), follow=True))
    assert "Voordat Balie voor u kan bestellen:" in before
    assert say in before
    refused = scene.client.post(scene.url, scene.typed(**fields, auto="one_day"))
    assert refused.status_code == 422
    assert say in text(refused)
    assert Fields(refused).values["auto"] == ["one_day"], "what was chosen is still on the page"
    assert prepared(scene).auto == "off"


def test_while_balie_is_to_order_the_order_stays_complete(scene: Scene):
    scene.client.post(scene.url, scene.typed(auto="one_day"))
    refused = scene.client.post(scene.url, scene.typed(auto="one_day", day=[]))
    assert refused.status_code == 422
    assert scene.stored()[1] == DAYS[:2]
    assert scene.client.post(scene.url, scene.typed(day=[])).status_code == 302
    assert (prepared(scene).auto, scene.stored()[1]) == ("off", [])


def test_an_unknown_choice_is_refused(scene: Scene):
    refused = scene.client.post(scene.url, scene.typed(auto="everything"))
    assert refused.status_code == 422
    assert "Kies wie er op de knop drukt." in text(refused)


def test_a_short_list_gets_advice_and_one_button_adds_all_later_days(scene: Scene):
    assert "Hoe meer data" not in text(scene.client.post(scene.url, scene.typed(), follow=True))
    page = scene.client.post(scene.url, scene.typed(auto="one_day", day=["2027-09-30"]), follow=True)
    assert "Hoe meer data op uw lijst, hoe zekerder." in text(page)
    assert "add-later" in Fields(page).buttons
    fields = scene.typed(auto="one_day", day=["2027-09-30"], do="add-later")
    page = scene.client.post(scene.url, fields, follow=True)
    assert scene.stored()[1] == [date(2027, 9, 30), date(2027, 10, 12)]
    assert "add-later" not in Fields(page).buttons


def test_the_button_adds_no_more_than_a_list_may_hold(scene: Scene):
    for number in range(80):
        make_day(scene.campaign, date(2027, 11, 1) + timedelta(number))
    scene.client.post(scene.url, scene.typed(auto="one_day", do="add-later"))
    assert len(scene.stored()[1]) == MOST_WISHES


def test_until_its_order_is_there_the_practice_may_take_it_back(scene: Scene):
    scene.client.post(scene.url, scene.typed(auto="parts"))
    PreparedOrder.objects.update(failed_at=timezone.now(), failure="full")
    version = Hold.objects.get().version
    assert take_back(scene) == "voorbereiden"
    stored = prepared(scene)
    assert (stored.auto, stored.failed_at, stored.failure) == ("off", None, "")
    assert Hold.objects.get().version > version, "other tabs must hear it"
    assert scene.stored()[1] == DAYS[:2], "what was put ready stays"


def test_too_late_to_take_it_back_once_the_order_is_there(scene: Scene):
    scene.client.post(scene.url, scene.typed(auto="one_day"))
    lines = [(scene.flu, scene.location, 650, DAYS[0])]
    make_order(scene.campaign, scene.cast.practice, lines)
    Hold.objects.all().delete()
    make_hold(scene.campaign, scene.cast.practice, lines, state=Hold.State.ORDERED)
    assert take_back(scene) == "bestelling"
    assert prepared(scene).auto == "one_day"
    page = text(scene.client.get(f"/bestellen/{scene.campaign.slug}/bestelling/"))
    assert "Balie had net voor u besteld." in page
    assert "voor u besteld" in page
    assert "door Balie, uit wat u had klaargezet" in page


def test_nobody_takes_it_back_for_another_practice(scene: Scene):
    scene.client.post(scene.url, scene.typed(auto="one_day"))
    address = f"/bestellen/{scene.campaign.slug}/zelf/"
    scene.client.force_login(scene.cast.outsider)
    assert scene.client.post(address, {"practice": scene.cast.practice.pk}).status_code == 409
    scene.client.post(address, {"practice": scene.cast.other_practice.pk})
    scene.client.force_login(scene.cast.organiser)
    assert scene.client.post(address).status_code == 404
    assert scene.client.get(address).status_code == 405
    scene.client.logout()
    assert scene.client.post(address)["Location"].startswith("/account/login/")
    assert prepared(scene).auto == "one_day"
    scene.client.force_login(scene.cast.colleague)
    take_back(scene)
    assert prepared(scene).auto == "off"
