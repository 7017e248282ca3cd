"""What does not fit waits: Balie changes the order as soon as it does, and what there is stays until then."""

from datetime import date

import pytest
from django.test import Client

from balie.ordering.models import Campaign, Order, Swap
from balie.ordering.services.letters import render_swap_lapsed
from balie.ordering.tests.changing.acting import PLACED, URL, acts, home, lines, post
from balie.ordering.tests.test_cancel_page import text
from balie.practices.testing import Cast

pytestmark = pytest.mark.django_db


def wait(client: Client, order: Order, *deliveries):
    return post(client, order, *deliveries, do="wait")


def test_what_does_not_fit_can_wait_and_what_there_is_stays(client: Client, cast: Cast, crowded: Order, first: date):
    assert "Wijzig het zodra het past" in text(post(client, crowded, (first, home(crowded), 710), do="look"))
    page = text(wait(client, crowded, (first, home(crowded), 710)))
    assert "Balie wacht voor u op plaats" in page
    assert "710 doses" in page
    assert "Balie wacht op plaats voor uw wijziging." in text(client.get(PLACED))
    assert lines(crowded) == [(first, 650)]
    swap = Swap.objects.get()
    assert (swap.state, swap.asked_by, swap.line_doses) == ("open", cast.owner, [710])
    assert acts()[-1] == "order.swap_asked"


def test_what_fits_or_cannot_be_does_not_wait(client: Client, crowded: Order, first: date):
    for doses, say in ((700, "Dit past nu."), (655, "655 kan niet"), (650, "Er verandert niets")):
        answer = wait(client, crowded, (first, home(crowded), doses))
        assert (answer.status_code, say in text(answer)) == (422, True)
    Campaign.objects.update(change_unit="days", change_limit=62)
    assert "Gratis wijzigen kan niet meer." in text(wait(client, crowded, (first, home(crowded), 710)))
    assert not Swap.objects.exists()


def test_a_new_wish_replaces_the_one_before(client: Client, crowded: Order, first: date):
    wait(client, crowded, (first, home(crowded), 710))
    wait(client, crowded, (first, home(crowded), 720))
    assert list(Swap.objects.order_by("pk").values_list("state", "line_doses")) == [
        ("withdrawn", [710]),
        ("open", [720]),
    ]


def test_a_wish_can_be_given_up(client: Client, crowded: Order, first: date):
    wait(client, crowded, (first, home(crowded), 710))
    assert "Balie wacht niet meer." in text(client.post(URL, {"do": "stop_waiting"}, follow=True))
    assert Swap.objects.get().state == "withdrawn"
    assert "Balie wacht hier niet meer op." in text(client.post(URL, {"do": "stop_waiting"}, follow=True))
    assert acts()[-1] == "order.swap_withdrawn"


def test_an_outsider_ends_no_wish(client: Client, cast: Cast, crowded: Order, first: date):
    wait(client, crowded, (first, home(crowded), 710))
    outsider = Client()
    outsider.force_login(cast.outsider)
    outsider.post(URL, {"do": "stop_waiting"})
    assert Swap.objects.get().state == "open"


def test_who_changes_by_hand_has_no_wish_left(client: Client, crowded: Order, first: date):
    wait(client, crowded, (first, home(crowded), 710))
    post(client, crowded, (first, home(crowded), 690))
    assert "Balie wacht" not in text(client.get(PLACED))
    assert "Balie wacht voor u op plaats" not in text(client.get(URL))


def test_a_mail_says_that_a_wish_came_to_nothing(client: Client, crowded: Order, first: date):
    wait(client, crowded, (first, home(crowded), 710))
    rendered = render_swap_lapsed(f"swap:{Swap.objects.get().pk}")
    assert rendered.subject == f"{crowded.number}: uw wens is niet gelukt, uw bestelling staat vast"
    for words in (rendered.text, rendered.html):
        assert "710 doses" in words.replace("<strong>", "")
        assert "Uw bestelling staat vast zoals zij was" in words
