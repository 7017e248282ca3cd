"""The waiting list as a practice and the organiser's staff see it."""

from datetime import date, timedelta
from functools import partial

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from balie.ordering.models import Campaign, DeliveryDay, Order, Swap
from balie.ordering.services.letters import render_offer_lapsed, render_wish_lapsed, render_wish_offered
from balie.ordering.swapping import SERVE
from balie.ordering.testing import make_campaign, make_day, make_order, make_product, make_ticket
from balie.ordering.tests.desk import MONDAY
from balie.ordering.tests.test_cancel_page import text
from balie.practices.models import AuditEvent
from balie.practices.testing import Cast, confirm_second_factor, make_cast

pytestmark = pytest.mark.django_db
URL, LINE = "/bestellen/2027/wachtlijst/", "/regiekamer/2027/wachtlijst/"


@pytest.fixture
def cast() -> Cast:
    return make_cast()


@pytest.fixture
def campaign(cast: Cast) -> Campaign:
    """Monday is full; the practice was called, and so was the other, before it."""
    made = make_campaign(slug="2027", opens_at=timezone.now() - timedelta(hours=1))
    make_product(made)
    make_day(made, MONDAY, doses=1000, addresses=5)
    make_ticket(made, cast.other_practice, number=1)
    make_ticket(made, cast.practice, number=2)
    DeliveryDay.objects.update(doses_taken=1000, addresses_taken=3)
    return made


@pytest.fixture
def client(cast: Cast) -> Client:
    found = Client()
    found.force_login(cast.owner)
    return found


def ask(client: Client, campaign: Campaign, cast: Cast, doses: str = "300", day: date | str = MONDAY):
    field = f"doses-{campaign.products.get().pk}-{cast.practice.locations.get().pk}"
    typed = {"practice": cast.practice.pk, "day": str(day), field: doses, "do": "ask"}
    return client.post(URL, typed, follow=True)


@pytest.fixture
def asking(client: Client, campaign: Campaign, cast: Cast):
    return partial(ask, client, campaign, cast)


def press(client: Client, cast: Cast, wish: Swap, do: str):
    return client.post(URL, {"practice": cast.practice.pk, "wish": wish.pk, "do": do}, follow=True)


def offer(wish: Swap, doses: int = 500) -> None:
    """So much of Monday comes free, and Balie serves the wish."""
    DeliveryDay.objects.update(doses_taken=1000 - doses)
    with connection.cursor() as cursor:
        cursor.execute(SERVE, [wish.pk, "balie.example"])
        assert cursor.fetchone() == ("offered",)
    wish.refresh_from_db()


def test_a_practice_asks_for_a_full_day(client, cast, campaign):
    page = text(client.get(URL))
    assert "Voor welke dag wilt u plaats?" in page
    assert "maandag 4 oktober 2027: vol" in page
    page = text(ask(client, campaign, cast))
    assert "U staat op de wachtlijst" in page
    assert "U bent voor deze dag als eerste aan de beurt." in page
    wish = Swap.objects.get()
    assert (wish.state, wish.number, wish.place, wish.line_doses) == ("open", "", 2, [300])
    assert AuditEvent.objects.order_by("-pk")[0].action == "order.wish_asked"
    assert client.get("/", follow=True).redirect_chain[-1][0] == URL


def test_another_wish_replaces_it_and_it_can_be_given_up(client, cast, campaign):
    ask(client, campaign, cast)
    ask(client, campaign, cast, "400")
    assert list(Swap.objects.order_by("pk").values_list("state", "line_doses")) == [
        ("withdrawn", [300]),
        ("open", [400]),
    ]
    wish = Swap.objects.get(state="open")
    assert "U staat niet meer op de wachtlijst." in text(press(client, cast, wish, "give_up"))
    assert "Balie wacht hier niet meer op." in text(press(client, cast, wish, "give_up"))
    assert not Swap.objects.filter(state="open").exists()


@pytest.mark.parametrize(
    ("doses", "day", "say"),
    [
        ("300", "", "Kies een bezorgdag."),
        ("300", "gisteren", "Kies een bezorgdag."),
        ("300", "2027-10-05", "geen bezorgdag"),
        ("305", MONDAY, "305 kan niet"),
        ("veel", MONDAY, "‘veel’ is geen heel getal."),
        ("0", MONDAY, "Vul bij ten minste één vaccin in"),
        ("", MONDAY, "Vul bij ten minste één vaccin in"),
        ("999999999", MONDAY, "Vul een getal in van 0 tot"),
    ],
)
def test_what_cannot_be_asked_comes_back_with_clear_words(asking, doses, day, say):
    answer = asking(doses, day)
    assert answer.status_code == 422
    assert say in text(answer)
    assert not Swap.objects.exists()


def test_nobody_waits_before_their_turn_or_with_an_order_or_when_it_is_too_late(client, cast, campaign):
    campaign.room.called = 1
    campaign.room.save()
    assert client.get(URL).status_code == 302
    assert ask(client, campaign, cast).redirect_chain[-1][0].endswith("/wachtkamer/")
    campaign.room.called = 2
    campaign.room.save()
    Campaign.objects.update(change_unit="days", change_limit=366)
    assert "Deze dag is te dichtbij." in text(ask(client, campaign, cast))
    Campaign.objects.update(change_limit=8)
    line = (campaign.products.get(), cast.practice.locations.get(), 10, MONDAY)
    make_order(campaign, cast.practice, [line], number="B27-00001", placed_by=cast.owner)
    assert ask(client, campaign, cast).redirect_chain[-1][0].endswith("/bestelling/")
    assert not Swap.objects.exists()


def test_the_offer_is_one_click_away_from_an_order(client, cast, campaign):
    ask(client, campaign, cast)
    wish = Swap.objects.get()
    offer(wish)
    page = text(client.get(URL))
    assert "Er is plaats voor u" in page
    assert "300 doses" in page
    assert "Er is al plaats voor u." not in page
    assert text(press(client, cast, wish, "accept")).count("Uw bestelling staat vast") >= 1
    order = Order.objects.get(practice=cast.practice)
    assert (order.placed_by, order.lines.get().doses) == (cast.owner, 300)
    press(client, cast, wish, "accept")
    assert Order.objects.count() == 1


def test_who_has_an_offer_decides_first(client, cast, campaign):
    ask(client, campaign, cast)
    offer(Swap.objects.get())
    answer = ask(client, campaign, cast, "10")
    assert answer.status_code == 422
    assert Swap.objects.count() == 1


def test_a_refused_offer_goes_back(client, cast, campaign):
    ask(client, campaign, cast)
    wish = Swap.objects.get()
    offer(wish)
    assert DeliveryDay.objects.get().doses_taken == 800
    assert "U staat niet meer op de wachtlijst." in text(press(client, cast, wish, "give_up"))
    assert DeliveryDay.objects.get().doses_taken == 500
    assert AuditEvent.objects.order_by("-pk")[0].action == "order.offer_refused"
    assert "De plaats is naar een andere praktijk gegaan." in text(press(client, cast, wish, "accept"))
    assert not Order.objects.exists()


@pytest.mark.parametrize("do", ["accept", "give_up"])
def test_an_outsider_cannot_tell_a_wish_of_another_from_none(client, cast, campaign, do):
    ask(client, campaign, cast)
    wish = Swap.objects.get()
    offer(wish)
    outsider = Client()
    outsider.force_login(cast.outsider)
    for key in (wish.pk, wish.pk + 1, "x", "9" * 40):
        assert outsider.post(URL, {"wish": key, "do": do}).status_code == 404
    wish.refresh_from_db()
    assert wish.state == "offered"


def test_mails_say_what_the_page_says(client, cast, campaign):
    ask(client, campaign, cast)
    wish = Swap.objects.get()
    offer(wish)
    for render, words in (
        (render_wish_offered, "met één klik"),
        (render_offer_lapsed, "uw nummer geldt nog"),
        (render_wish_lapsed, "Kies een andere dag"),
    ):
        letter = render(f"swap:{wish.pk}")
        assert words in letter.text
        assert words in letter.html
        assert "300" in letter.text
        assert URL in letter.text
        assert "maandag 4 oktober" in letter.subject


def test_staff_see_the_line_in_its_order(client, cast, campaign):
    ask(client, campaign, cast)
    line = (campaign.products.get(), cast.other_practice.locations.get(), 10, MONDAY)
    order = make_order(campaign, cast.other_practice, [line], number="B27-00001", placed_by=cast.outsider)
    Swap.objects.create(
        campaign=campaign,
        practice=cast.other_practice,
        number=order.number,
        revision=0,
        line_day=[MONDAY],
        line_product=[line[0].pk],
        line_doses=[500],
        line_location=[line[1].pk],
        asked_at=timezone.now(),
        asked_by=cast.outsider,
    )
    staff = Client()
    staff.force_login(cast.organiser)
    confirm_second_factor(staff, cast.organiser)
    page = text(staff.get(LINE))
    assert page.index("Wil bestelling B27-00001 wijzigen") < page.index("Heeft geen bestelling")
    assert "2 praktijken, 790 doses" in page
    assert "Er is nog" not in page
    first = Swap.objects.order_by("place")[0]
    assert "Heeft geen bestelling" in text(staff.get(LINE, {"na": f"{first.place}-{first.pk}"}))
    for odd in ("", "x", "99999999999-1", f"{2**31 - 1}-{10**17}"):
        assert staff.get(LINE, {"na": odd}).status_code == 200
    with override("en"):
        assert client.get(LINE).status_code == 404
