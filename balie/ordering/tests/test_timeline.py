"""The log of the night tells what happened by itself: turns of the night, full days, slow mail, a clock that stood."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from balie.mail.models import MailState, OutboxMail
from balie.ordering.models import Order
from balie.ordering.queries.night import read_log
from balie.ordering.queries.timeline import SLOW_FROM, slow_mail
from balie.ordering.testing import make_campaign, make_day, make_order, make_product, make_ticket
from balie.practices.testing import make_location, make_practice
from balie.runtime.models import Standstill

pytestmark = pytest.mark.django_db
DAY = "2027-10-12"


@pytest.fixture
def campaign():
    """Its service clock ticks."""
    tick()
    return make_campaign(slug="2027", opens_at=timezone.now() - timedelta(minutes=30))


def tick(seconds_ago: float = 0) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "update runtime_clock set advanced_at = clock_timestamp() - make_interval(secs => %s)", [seconds_ago]
        )


def said(campaign) -> list[str]:
    """Oldest first."""
    return [entry.say for entry in reversed(read_log(campaign))]


def order_for(campaign, flu, *, doses, at, number="B27-00001"):
    practice = make_practice()
    order = make_order(campaign, practice, [(flu, make_location(practice), doses, DAY)], number=number)
    Order.objects.filter(pk=order.pk).update(placed_at=at)
    return order


def test_an_empty_night_tells_of_its_doors_only(campaign):
    assert said(campaign) == ["De wachtkamer is open en het zegel is gepubliceerd"]


def test_the_first_call_and_the_first_order(campaign):
    flu = make_product(campaign)
    make_day(campaign, DAY)
    for number in (1, 2):
        make_ticket(campaign, make_practice(), number=number)
    order_for(campaign, flu, doses=100, at=timezone.now())
    assert said(campaign)[1:] == ["De eerste praktijken zijn aan de beurt", "De eerste bestelling staat vast"]


def test_a_day_is_full_when_nobody_can_order_of_it_any_more(campaign):
    """By doses, with less than the smallest amount left; or by addresses. A day that is nearly full is not told."""
    flu = make_product(campaign)
    make_day(campaign, DAY, doses=305, addresses=3)
    now = timezone.now()
    order_for(campaign, flu, doses=200, at=now - timedelta(minutes=5))
    assert not any("helemaal besteld" in say for say in said(campaign))
    order_for(campaign, flu, doses=100, at=now - timedelta(minutes=3), number="B27-00002")
    full = [entry for entry in read_log(campaign) if "helemaal besteld" in entry.say]
    assert [(entry.say, entry.at) for entry in full] == [
        ("Dinsdag 12 oktober is helemaal besteld", now - timedelta(minutes=3))
    ]
    campaign.days.update(doses_limit=9000, addresses_limit=2)
    assert any("helemaal besteld" in say for say in said(campaign))
    campaign.days.update(addresses_limit=3)
    assert not any("helemaal besteld" in say for say in said(campaign))


def test_every_thousandth_order(campaign):
    practice, now = make_practice(), timezone.now()
    Order.objects.bulk_create(
        Order(
            number=f"B27-{number:05}",
            campaign=campaign,
            campaign_version=1,
            practice=practice,
            slot=number,
            hold_key="00000000-0000-0000-0000-000000000001",
            placed_at=now - timedelta(seconds=2100 - number),
        )
        for number in range(1, 2051)
    )
    thousands = [entry for entry in read_log(campaign) if entry.say.endswith("bestellingen staan vast")]
    assert [entry.say for entry in thousands] == ["2.000 bestellingen staan vast", "1.000 bestellingen staan vast"]
    assert thousands[0].at == now - timedelta(seconds=100)


def test_when_the_clock_stood_still_and_that_it_does(campaign):
    now = timezone.now()
    long_ago = campaign.room.doors_at - timedelta(minutes=1)
    for began_at, seconds in ((now - timedelta(minutes=9), 70), (now - timedelta(minutes=8), 0.4), (long_ago, 30)):
        Standstill.objects.create(began_at=began_at, ended_at=began_at + timedelta(seconds=seconds))
    stood = [say for say in said(campaign) if "klok" in say]
    assert len(stood) == 1
    assert stood[0].startswith("De klok stond stil tot ")
    tick(seconds_ago=10)
    assert said(campaign)[-1] == "De klok staat stil; niemand verliest tijd"


def test_slow_mail_is_told_once_and_when_it_is_over(campaign):
    flu, now = make_product(campaign), timezone.now()
    make_day(campaign, DAY)
    order = order_for(campaign, flu, doses=100, at=now - timedelta(minutes=20))
    mails = [
        OutboxMail(kind="order_confirmation", reference=order.number, recipient=f"a{n}@b.example", message_id=f"{n}@b")
        for n in range(SLOW_FROM)
    ]
    OutboxMail.objects.bulk_create(mails)
    OutboxMail.objects.update(created_at=now - timedelta(minutes=10))
    mail = [say for say in said(campaign) if "mail" in say]
    assert mail == ["De mail is traag: bevestigingen komen later. Bestellen gaat gewoon door"]
    OutboxMail.objects.update(state=MailState.SENT, sent_at=now - timedelta(minutes=2))
    mail = [say for say in said(campaign) if "mail" in say]
    assert mail[1:] == [f"De mail is weer op tijd; hooguit {SLOW_FROM} bevestigingen waren te laat"]
    OutboxMail.objects.update(sent_at=now - timedelta(minutes=9, seconds=30))
    assert not any("mail" in say for say in said(campaign))


def test_a_backlog_that_comes_and_goes_is_told_as_one():
    now = timezone.now()
    late = [(now + timedelta(seconds=n), count) for n, count in enumerate([5, 19, 20, 30, 5, 25, 0, 3, 0])]
    assert [(happening.at - now).seconds for happening in slow_mail(late)] == [2, 6]
