"""Two people of one practice ask for the same mail in the same moment."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connections, transaction

from balie.mail.models import OutboxMail
from balie.ordering.models import Order
from balie.ordering.rules import RulesError
from balie.ordering.services.mails import resend_confirmation
from balie.ordering.testing import make_campaign, make_day, make_order, make_product
from balie.practices.models import AuditEvent
from balie.practices.testing import Cast, make_cast


@pytest.fixture
def cast(installation) -> Cast:
    cast = make_cast()
    campaign = make_campaign()
    lines = [(make_product(campaign), cast.practice.locations.get(), 650, make_day(campaign, "2027-10-12").day)]
    make_order(campaign, cast.practice, lines, number="B27-01198")
    OutboxMail.objects.create(
        kind="order_confirmation",
        reference="B27-01198",
        recipient=cast.practice.email,
        message_id="b27-01198@x.example",
        state="failed",
        undelivered_at="2027-06-01T00:00Z",
    )
    return cast


def at_once(act) -> list:
    """What `act` gives to two threads that begin together, each on a connection of its own."""
    begin = threading.Barrier(2)

    def run(_: int):
        begin.wait(10)
        try:
            return act()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as pool:
        return list(pool.map(run, range(2)))


def test_two_clicks_send_one_mail(cast):
    def resend() -> str:
        order = Order.objects.select_related("practice", "campaign").get()
        try:
            resend_confirmation(order=order, recipient=cast.practice.email, actor=cast.owner)
        except RulesError as error:
            return error.findings[0].code
        return "sent"

    assert sorted(at_once(resend)) == ["on_its_way", "sent"]
    assert OutboxMail.objects.get().round == 2
    assert AuditEvent.objects.count() == 1


def test_control_without_the_lock_both_find_nothing_against_it(cast):
    looked = threading.Barrier(2)

    def look() -> int:
        with transaction.atomic():
            found = AuditEvent.objects.filter(action="mail.resent").count()
            looked.wait(10)
            AuditEvent.objects.create(at="2027-06-01T00:00Z", action="mail.resent", subject="B27-01198")
            return found

    assert at_once(look) == [0, 0]
    assert AuditEvent.objects.count() == 2
