"""A day is handed over while somebody changes what comes on it, and by two people at once."""

import asyncio
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connections

from balie.ordering.dayfile import read_file
from balie.ordering.models import Campaign, DayFile, DeliveryDay
from balie.ordering.services import consignments
from balie.ordering.services.consignments import hand_over_day
from balie.ordering.tests.desk import MONDAY, value
from balie.practices.testing import make_person

READY = datetime(2027, 9, 23, 8, tzinfo=UTC)
BLOCKED = "select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


@pytest.fixture(autouse=True)
def _late_enough(desk, monkeypatch):  # once its campaign has opened
    monkeypatch.setattr("django.utils.timezone.now", lambda: READY)


@pytest.fixture
def _unlocked(monkeypatch):
    """Control: the day is read, and not locked."""
    monkeypatch.setattr(
        consignments, "_lock", lambda campaign, day: DeliveryDay.objects.get(campaign=campaign, day=day)
    )


def hand_over(desk) -> DayFile:
    """On a connection of this thread's own."""
    try:
        campaign = Campaign.objects.get(pk=desk.campaign)
        return hand_over_day(campaign=campaign, day=MONDAY, actor=make_person(is_organiser=True))
    finally:
        connections.close_all()


async def handed_over_while_cancelled(desk, one, watch) -> dict[str, int]:
    """An order is cancelled, but that is not committed, when the day is handed over; the doses of the file."""
    gone = await desk.order_flu(one, desk.linde, doses=300)
    await desk.order_flu(one, desk.eik, doses=200)
    async with one.transaction():
        outcome, _at = await desk.cancel(one, desk.linde, gone, at=READY, granted=True)
        assert outcome == "cancelled"
        going = asyncio.create_task(asyncio.to_thread(hand_over, desk))
        async with asyncio.timeout(20):
            while not going.done() and not await value(watch, BLOCKED):
                pass
    return read_file((await going).content.encode()).doses


async def test_a_file_has_what_stands_after_whoever_was_first(desk, one, watch):
    assert await handed_over_while_cancelled(desk, one, watch) == {"flu": 200}


@pytest.mark.usefixtures("_unlocked")
async def test_control_without_the_lock_it_has_what_comes_no_more(desk, one, watch):
    assert await handed_over_while_cancelled(desk, one, watch) == {"flu": 500}


async def handed_over_twice_at_once(desk, one) -> list[object]:
    await desk.order_flu(one, desk.linde, doses=300)
    both = (asyncio.to_thread(hand_over, desk) for _ in range(2))
    return await asyncio.gather(*both, return_exceptions=True)


async def test_two_who_hand_over_at_once_make_one_version(desk, one):
    first, second = await handed_over_twice_at_once(desk, one)
    assert isinstance(first, DayFile)
    assert first == second


@pytest.mark.usefixtures("_unlocked")
async def test_control_without_lock_and_constraints_there_would_be_two_first_versions(desk, one, watch, monkeypatch):
    """Both read before either has written. With the constraint alone one would fail in words for nobody."""
    met = asyncio.Barrier(2)
    loop, write = asyncio.get_running_loop(), consignments._write_file

    def together(*given, **more):
        asyncio.run_coroutine_threadsafe(met.wait(), loop).result(20)
        return write(*given, **more)

    monkeypatch.setattr(consignments, "_write_file", together)
    monkeypatch.setattr(consignments, "_bring_up_to_date", lambda *_given: True)
    results = await handed_over_twice_at_once(desk, one)
    assert [type(each) for each in results if not isinstance(each, DayFile)] == [IntegrityError]
    await watch.execute("alter table ordering_day_file drop constraint ordering_day_file_version_once")
    await watch.execute("delete from ordering_day_file")
    both = (asyncio.to_thread(hand_over, desk) for _ in range(2))
    assert [each.version for each in await asyncio.gather(*both)] == [1, 1]
