import re
from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from balie.ordering.models import Campaign, Hold
from balie.ordering.testing import make_campaign, make_day, make_hold, make_order, make_product, make_ticket
from balie.practices.testing import Cast, make_cast, make_membership, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def cast(client: Client) -> Cast:
    cast = make_cast()
    client.force_login(cast.owner)
    return cast


def later(**changes: object) -> Campaign:
    """A campaign whose doors are still closed."""
    opens = timezone.now() + timedelta(days=1)
    return make_campaign(**({"slug": "2027", "opens_at": opens} | changes))


def goes_to(client: Client) -> str:
    response = client.get("/")
    assert response.status_code == 302
    return response["Location"]


def test_before_the_doors_open_one_prepares(client: Client, cast: Cast):
    later()
    assert goes_to(client) == "/bestellen/2027/voorbereiden/"


def test_from_the_doors_on_one_waits(client: Client, cast: Cast):
    later(doors_at=timezone.now() - timedelta(minutes=5))
    assert goes_to(client) == "/bestellen/2027/wachtkamer/"


def test_a_called_number_waits_for_its_own_click(client: Client, cast: Cast):
    make_ticket(make_campaign(slug="2027"), cast.practice, number=12)
    assert goes_to(client) == "/bestellen/2027/wachtkamer/"


def test_a_running_window_leads_to_the_calendar_on_every_device_and_for_colleagues(client: Client, cast: Cast):
    campaign = make_campaign(slug="2027")
    product, day = make_product(campaign), make_day(campaign, "2027-10-12").day
    make_hold(campaign, cast.practice, [(product, cast.practice.locations.get(), 100, day)])
    assert goes_to(client) == "/bestellen/2027/kalender/"
    client.force_login(cast.colleague)
    assert goes_to(client) == "/bestellen/2027/kalender/"
    client.force_login(cast.outsider)
    assert goes_to(client) == "/bestellen/2027/wachtkamer/"


@pytest.mark.parametrize("state", [Hold.State.HELD, Hold.State.LAPSED])
def test_a_window_that_is_over_leads_back_to_the_room(client: Client, cast: Cast, state: Hold.State):
    campaign = make_campaign(slug="2027")
    product, day = make_product(campaign), make_day(campaign, "2027-10-12").day
    lines = [(product, cast.practice.locations.get(), 100, day)]
    make_hold(campaign, cast.practice, lines, left_s=-60, state=state)
    assert goes_to(client) == "/bestellen/2027/wachtkamer/"


def test_an_order_comes_before_everything(client: Client, cast: Cast):
    campaign = make_campaign(slug="2027")
    product, day = make_product(campaign), make_day(campaign, "2027-10-12").day
    make_order(campaign, cast.practice, [(product, cast.practice.locations.get(), 100, day)])
    assert goes_to(client) == "/bestellen/2027/bestelling/"


def test_the_way_in_asks_the_database_little(client: Client, cast: Cast, django_assert_num_queries):
    """The whole country comes by here within minutes, while others order."""
    later(doors_at=timezone.now() - timedelta(minutes=5))
    with django_assert_num_queries(5):  # session, person, memberships, campaigns, and where the practice stands
        client.get("/")


def test_several_campaigns_make_a_list(client: Client, cast: Cast):
    later()
    later(slug="oefenen", doors_at=timezone.now() - timedelta(minutes=5))
    page = client.get("/").content.decode()
    assert "/bestellen/2027/voorbereiden/" in page
    assert "/bestellen/oefenen/wachtkamer/" in page


def test_after_the_last_campaign_its_order_is_still_found(client: Client, cast: Cast):
    past = timezone.now() - timedelta(days=90)
    campaign = make_campaign(slug="2026", opens_at=past, closes_at=past + timedelta(days=30))
    product, day = make_product(campaign), make_day(campaign, "2026-10-12").day
    make_order(campaign, cast.practice, [(product, cast.practice.locations.get(), 100, day)])
    assert goes_to(client) == "/bestellen/2026/bestelling/"


def test_nothing_to_order(client: Client, cast: Cast):
    response = client.get("/")
    assert response.status_code == 200
    assert "Er is nu niets te bestellen" in response.content.decode()


def test_the_organiser_goes_to_the_control_room(client: Client, cast: Cast):
    make_campaign(slug="2027")
    client.force_login(cast.organiser)
    assert goes_to(client) == "/regiekamer/"
    assert client.get("/regiekamer/")["Location"] == "/regiekamer/2027/"


def test_organiser_staff_who_work_for_a_practice_have_both_ways(client: Client, cast: Cast):
    campaign = make_campaign(slug="2027")
    make_membership(cast.organiser, cast.practice)
    client.force_login(cast.organiser)
    assert goes_to(client) == "/bestellen/2027/wachtkamer/"
    assert b'href="/regiekamer/"' in client.get(f"/bestellen/{campaign.slug}/voorbereiden/").content
    assert client.get("/regiekamer/")["Location"] == "/regiekamer/2027/"


def test_a_practice_finds_no_control_room(client: Client, cast: Cast):
    make_campaign(slug="2027")
    assert client.get("/regiekamer/").status_code == 404


def test_who_is_not_logged_in_is_asked_to(client: Client):
    assert goes_to(client).startswith("/account/login/")


@pytest.mark.parametrize("page", ["voorbereiden", "wachtkamer", "kalender", "bestelling"])
def test_who_works_nowhere_yet_cannot_tell_whether_a_campaign_exists(client: Client, page: str):
    make_campaign(slug="2027")
    client.force_login(make_person())
    there, absent = (client.get(f"/bestellen/{slug}/{page}/") for slug in ("2027", "2031"))
    assert there.status_code == absent.status_code == 403
    asked = absent.content.replace(b"/2031/", b"/2027/")  # the page says only where one was
    assert without_tokens(there.content) == without_tokens(asked)


def without_tokens(page: bytes) -> bytes:
    """Each page has another token against forgery, and the number of another request."""
    return re.sub(rb'name="csrfmiddlewaretoken" value="\w+"|data-request>[\w-]+<', b"", page)
