"""Late requests: asked once, decided once, whoever clicks at the same moment."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connections, transaction
from django.utils import timezone

from balie.ordering.models import Campaign, DeliveryDay, LateRequest, Order
from balie.ordering.rules import RulesError
from balie.ordering.services.requests import ask_to_cancel, grant_request, refuse_request, withdraw_request
from balie.ordering.testing import make_campaign, make_day, make_product, place_order
from balie.practices.models import AuditEvent
from balie.practices.testing import Cast, make_cast

OPEN = LateRequest.State.OPEN


@pytest.fixture
def cast(installation) -> Cast:
    """The practice has ordered, and the free limit of its campaign is past."""
    cast = make_cast()
    campaign = make_campaign()
    day = make_day(campaign, timezone.localdate() + timedelta(days=60)).day
    place_order(campaign, cast.practice, [(make_product(campaign), cast.practice.locations.get(), 650, day)])
    Campaign.objects.update(change_unit="days", change_limit=61)
    return cast


def at_once(*acts: Callable[[], object]) -> list[str]:
    """How each ended: they begin together, each in a thread with a connection of its own."""
    begin = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> str:
        begin.wait(10)
        try:
            act()
        except RulesError as error:
            return error.findings[0].code
        except IntegrityError:
            return "refused by the database"
        finally:
            connections.close_all()
        return "done"

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def ask(cast: Cast) -> LateRequest:
    order = Order.objects.select_related("campaign").get()
    return ask_to_cancel(
        campaign=order.campaign,
        practice=cast.practice,
        number=order.number,
        reason="Te veel besteld",
        fee_cents=4000,
        actor=cast.owner,
        at=timezone.now(),
    )


def test_two_who_ask_have_one_request(cast):
    assert at_once(lambda: ask(cast), lambda: ask(cast)) == ["done", "done"]
    assert LateRequest.objects.count() == 1
    assert AuditEvent.objects.filter(action="order.cancel_asked").count() == 1


def test_control_without_the_lock_only_the_database_refuses_the_second(cast):
    order, looked = Order.objects.get(), threading.Barrier(2)

    def look_and_ask() -> None:
        with transaction.atomic():
            assert not LateRequest.objects.filter(number=order.number, state=OPEN).exists()
            looked.wait(10)
            LateRequest.objects.create(
                campaign_id=order.campaign_id,
                practice=cast.practice,
                number=order.number,
                kind="cancel",
                fee_cents=4000,
                reason="x",
                asked_at=timezone.now(),
                asked_by=cast.owner,
            )

    assert sorted(at_once(look_and_ask, look_and_ask)) == ["done", "refused by the database"]


@pytest.mark.parametrize("other", ["refuse", "withdraw", "grant"])
def test_one_of_two_decisions_counts(cast, other):
    asked = ask(cast)

    def grant() -> None:
        grant_request(request=asked, answer="", actor=cast.organiser, at=timezone.now())

    acts = {
        "grant": grant,
        "refuse": lambda: refuse_request(request=asked, answer="Nee", actor=cast.organiser),
        "withdraw": lambda: withdraw_request(
            campaign=asked.campaign, practice=cast.practice, request=asked, actor=cast.owner
        ),
    }
    ends = at_once(grant, acts[other])
    assert sorted(ends) == ["decided", "done"]
    granted = LateRequest.objects.get().state == "granted"
    assert granted == (other == "grant" or ends[0] == "done")
    assert Order.objects.exists() == (not granted)
    assert DeliveryDay.objects.get().doses_taken == (0 if granted else 650)


def test_control_who_looks_first_and_then_writes_decides_twice(cast):
    asked, looked = ask(cast), threading.Barrier(2)

    def look_and_decide() -> None:
        with transaction.atomic():
            assert LateRequest.objects.get(pk=asked.pk).state == OPEN
            looked.wait(10)
            LateRequest.objects.filter(pk=asked.pk).update(state="refused", decided_at=timezone.now())

    assert at_once(look_and_decide, look_and_decide) == ["done", "done"]
