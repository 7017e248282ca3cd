"""No page about ordering asks more of the database because there are more rows in it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from balie.mail.models import OutboxMail
from balie.ordering.models import Campaign, LateRequest, Order, OrderLine, Swap
from balie.ordering.testing import make_campaign, make_day, make_order, make_prepared, make_product, make_ticket
from balie.ordering.tests.desk import MONDAY
from balie.ordering.urls import urlpatterns
from balie.practices.models import Practice
from balie.practices.services import record
from balie.practices.testing import Cast, make_cast, make_location, make_membership, make_person, make_practice
from tests.pages.addresses import address
from tests.pages.stages import STAGES

MORE = 12
# What programs ask is no page, and has tests of its own.
OURS = [pattern.name for pattern in urlpatterns if pattern.name and not pattern.name.startswith("api_")]
PAGES = [*OURS, "practices", "practice", "people", "imports"]


def grow(campaign: Campaign, cast: Cast) -> None:
    """More of everything that a list could have a row of."""
    product = campaign.products.get()
    for n in range(1, MORE + 1):
        practice = make_practice(f"Praktijk {n}")
        place = make_location(practice)
        make_membership(make_person(f"Persoon {n}"), practice)
        make_membership(make_person(f"Collega {n}"), cast.practice)
        make_ticket(campaign, practice, number=100 + n)
        make_day(campaign, MONDAY + timedelta(days=n))
        make_location(cast.practice, f"Plaats {n}")
        make_prepared(campaign, practice, lines=[(product, place, 10)], ranking=[MONDAY])
        lines = [(product, place, 10, MONDAY), (product, place, 10, MONDAY + timedelta(days=n))]
        order = make_order(campaign, practice, lines, number=f"B27-1{n:04}", placed_by=cast.outsider)
        ask(order, cast)
        wait(order, cast)
        lose_mail(order)
        for subject in (f"campaign:{campaign.slug}", f"room:{campaign.room_id}", order.number):
            record(actor=cast.organiser, practice=practice, action="campaign.rules_changed", subject=subject)
        other = make_campaign(opens_at=timezone.now() - timedelta(days=400 + n), closes_at=timezone.now())
        make_product(other)
    own = Order.objects.get(campaign=campaign, practice=cast.practice)
    OrderLine.objects.bulk_create(
        OrderLine(order=own, day=MONDAY, product=product, doses=10, location=place, address=place.address)
        for place in cast.practice.locations.all()
    )


def wait(order: Order, cast: Cast) -> None:
    """For more on its first day."""
    line = order.lines.order_by("day")[0]
    assert line.location_id
    Swap.objects.create(
        campaign=order.campaign,
        practice=order.practice,
        number=order.number,
        revision=order.revision,
        line_day=[line.day],
        line_product=[line.product_id],
        line_doses=[line.doses + 10],
        line_location=[line.location_id],
        asked_at=timezone.now(),
        asked_by=cast.outsider,
    )


def ask(order: Order, cast: Cast) -> None:
    LateRequest.objects.create(
        campaign=order.campaign,
        practice=order.practice,
        number=order.number,
        kind=LateRequest.Kind.CANCEL,
        fee_cents=4000,
        reason="De praktijk sluit.",
        asked_at=timezone.now(),
        asked_by=cast.outsider,
    )


def lose_mail(order: Order) -> None:
    """Its confirmation came back."""
    OutboxMail.objects.create(
        kind="order_confirmation",
        reference=order.number,
        recipient=order.practice.email,
        message_id=f"{order.number}@balie.example",
        state="bounced",
        answer="5.1.1",
        sent_at=timezone.now(),
        undelivered_at=timezone.now(),
    )


def queries(client: Client, path: str) -> tuple[int, int]:
    """What a GET answers, and how many queries that took. Once before, so that nothing is learned meanwhile."""
    client.get(path)
    with CaptureQueriesContext(connection) as captured:
        answer = client.get(path)
    return answer.status_code, len(captured)


def walk(cast: Cast, campaign: Campaign) -> dict[tuple[str, str], tuple[int, int]]:
    """By role and page."""
    found = {}
    for role in ("owner", "organiser"):
        client = Client()
        client.force_login(getattr(cast, role))
        for page in PAGES:
            found[role, page] = queries(client, address(page, campaign))
    return found


@pytest.mark.slow
@pytest.mark.django_db
def test_more_rows_ask_no_more_of_the_database():
    cast = make_cast()
    campaign = STAGES["ordered"](cast)
    assert campaign is not None
    own = Order.objects.get(campaign=campaign)
    ask(own, cast)
    wait(own, cast)
    lose_mail(own)
    make_prepared(campaign, cast.practice)
    few = walk(cast, campaign)
    grow(campaign, cast)
    many = walk(cast, campaign)
    worse = {where: (few[where], many[where]) for where in few if many[where] > few[where]}
    assert worse == {}
    shown = [page for (role, page), (status, _) in many.items() if status == 200 and role == "organiser"]
    assert {
        "orders",
        "practices",
        "night",
        "night_practices",
        "late_requests",
        "lost_mails",
        "days",
        "night_line",
    } <= set(shown)


@pytest.mark.django_db
def test_a_page_that_asks_for_each_row_would_be_seen():
    """The walk counts what a page really asks."""
    for n in range(3):
        make_practice(f"Praktijk {n}")
    with CaptureQueriesContext(connection) as captured:
        assert [practice.locations.count() for practice in Practice.objects.all()] == [0, 0, 0]
    assert len(captured) == 4
