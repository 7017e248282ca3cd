from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from balie.ordering.models import Campaign
from balie.ordering.testing import make_campaign
from balie.practices.testing import Cast, make_cast
from balie.waitingroom.models import Placement, Round

pytestmark = pytest.mark.django_db
URL = "/bestellen/2027/loting/"
NOW = timezone.now()
SEED, SEAL, LIST = b"\x01" * 32, b"\x02" * 32, b"\x03" * 32

DRAWN = {"frozen_at": NOW, "drawn_at": NOW, "first_number": 1, "list_hash": LIST}


@pytest.fixture
def cast(client: Client) -> Cast:
    cast = make_cast()
    client.force_login(cast.owner)
    return cast


def campaign(*, opens_in: timedelta, **drawn: object) -> Campaign:
    made = make_campaign(slug="2027", opens_at=timezone.now() + opens_in)
    made.room.rounds.update(seed=SEED, seed_hash=SEAL, sealed_at=timezone.now(), **drawn)
    return made


def test_before_the_doors_open_there_is_no_seal(client: Client, cast: Cast):
    campaign(opens_in=timedelta(hours=3))
    page = client.get(URL).content.decode()
    assert SEAL.hex() not in page
    assert "Er is nog niet geloot" in page


def test_from_the_doors_on_the_seal_stands_there_and_the_seed_does_not(client: Client, cast: Cast):
    campaign(opens_in=timedelta(minutes=30))
    page = client.get(URL).content.decode()
    assert SEAL.hex() in page
    assert SEED.hex() not in page
    assert "download=" not in page


def test_after_the_draw_all_of_it_is_public(client: Client, cast: Cast):
    made = campaign(opens_in=timedelta(minutes=-10), **DRAWN, drawn_count=4873, beacon=None)
    page = client.get(URL).content.decode()
    for code in (SEED, SEAL, LIST):
        assert code.hex() in page
    assert "4.873" in page
    assert f'href="/live/queue/{made.pk}/draw" download="loting-2027.json"' in page
    assert "balie verify-draw loting-2027.json" in page
    assert "moet haar vertrouwen" in page


def test_with_a_beacon_nobody_need_be_trusted(client: Client, cast: Cast):
    beacon = {"source": "https://drand.example", "round": 5812440, "value": "ab" * 32}
    campaign(opens_in=timedelta(minutes=-10), **DRAWN, drawn_count=2, beacon=beacon)
    page = client.get(URL).content.decode()
    assert "5.812.440" in page
    assert "ab" * 32 in page
    assert "vertrouwen" not in page


def test_the_organiser_may_read_it_and_strangers_may_not(client: Client, cast: Cast):
    campaign(opens_in=timedelta(hours=3))
    client.force_login(cast.organiser)
    assert client.get(URL).status_code == 200
    assert client.get("/bestellen/9999/loting/").status_code == 404
    client.logout()
    assert client.get(URL)["Location"].startswith("/account/login/")


def test_where_the_campaign_opens_in_groups_each_has_its_draw(client: Client, cast: Cast):
    made = campaign(opens_in=timedelta(minutes=-10), **DRAWN, drawn_count=2, beacon=None, name="Noord")
    later = timezone.now() + timedelta(minutes=10)
    Round.objects.create(
        room=made.room, position=2, name="Zuid", draw_at=later, seed=b"\x04" * 32, seed_hash=b"\x05" * 32
    )
    page = client.get(URL).content.decode()
    assert "Uw praktijk hoort bij <strong>Zuid</strong>" in page
    assert (SEED.hex() in page, "05" * 32 in page, "04" * 32 in page) == (True, True, False)
    assert page.index("Noord</h3>") < page.index("Zuid</h3>")
    Placement.objects.create(room=made.room, holder=cast.practice.pk, round=1)
    assert "Uw praktijk hoort bij <strong>Noord</strong>" in client.get(URL).content.decode()
    client.force_login(cast.organiser)
    assert "Uw praktijk hoort bij" not in client.get(URL).content.decode()
