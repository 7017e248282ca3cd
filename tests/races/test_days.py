"""The organiser lowers what a day carries while a practice takes some of it (P3)."""

import asyncio

import pytest
from django.db import IntegrityError, connections

from balie.ordering.models import Campaign
from balie.ordering.rules import RulesError
from balie.ordering.services import calendar
from balie.ordering.services.calendar import Limits, change_days
from balie.ordering.tests.desk import MONDAY, value
from balie.practices.testing import make_person
from tests.races.steps import oversold

BLOCKED = "select count(*) > 0 from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"


def lower(desk) -> None:
    """To 400 doses, on a connection of this thread's own."""
    try:
        campaign = Campaign.objects.get(pk=desk.campaign)
        actor = make_person()
        change_days(campaign=campaign, limits={MONDAY: Limits(400, 2)}, actor=actor, reason="Minder vaccin")
    finally:
        connections.close_all()


async def lowered_while_held(desk, one, watch) -> None:
    """500 doses are held, but not committed, when the day is lowered."""
    async with one.transaction():
        await desk.hold_flu(one, desk.linde, doses=500)
        going = asyncio.create_task(asyncio.to_thread(lower, desk))
        async with asyncio.timeout(20):
            while not await value(watch, BLOCKED):
                assert not going.done()
    await going


async def test_what_is_taken_meanwhile_stays_taken(desk, one, watch):
    with pytest.raises(RulesError) as refusal:
        await lowered_while_held(desk, one, watch)
    assert [finding.code for finding in refusal.value.findings] == ["taken"]
    assert await oversold(watch) == []


async def test_control_without_the_lock_the_constraint_refuses_in_its_own_words(desk, one, watch, monkeypatch):
    found = calendar.DeliveryDay.objects.filter
    monkeypatch.setattr(calendar, "_locked", lambda campaign, days: list(found(campaign=campaign, day__in=days)))
    with pytest.raises(IntegrityError):
        await lowered_while_held(desk, one, watch)
    assert await oversold(watch) == []


async def test_control_without_lock_and_constraint_the_day_is_oversold(desk, one, watch, monkeypatch):
    found = calendar.DeliveryDay.objects.filter
    monkeypatch.setattr(calendar, "_locked", lambda campaign, days: list(found(campaign=campaign, day__in=days)))
    await watch.execute("alter table ordering_delivery_day drop constraint ordering_delivery_day_doses_within_limit")
    await lowered_while_held(desk, one, watch)
    assert await oversold(watch) == [MONDAY]
