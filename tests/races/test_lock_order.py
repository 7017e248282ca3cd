"""Practices by number, then days by date: who locks in one order waits in line, and never for each other."""

import asyncio
from dataclasses import dataclass

import psycopg
import pytest

from balie.ordering.tests.desk import MONDAY, TUESDAY
from tests.races.steps import DAYS_IN_ORDER, PRACTICES_IN_ORDER, until_blocked, without


@dataclass(frozen=True)
class Crossing:
    """Two batches that want the same rows in opposite orders, and queue behind a third who has the first of them."""

    practices: tuple[tuple[str, ...], tuple[str, ...]]
    lock: str
    guard: tuple[str, str]


PRACTICES = Crossing(
    (("linde", "eik"), ("eik", "linde")),
    "select from ordering_hold where practice_id = (select min(practice_id) from ordering_hold) for no key update",
    PRACTICES_IN_ORDER,
)
DAYS = Crossing(
    (("linde",), ("eik",)),
    "select from ordering_delivery_day where day = '2027-10-04' for no key update",
    DAYS_IN_ORDER,
)


@pytest.fixture
def racers(one, two, watch):
    return one, two, watch


@pytest.fixture(params=[PRACTICES, DAYS], ids=["practices", "days"])
def crossing(request):
    return request.param


async def cross(desk, racers, crossing, between=None):
    one, two, watch = racers
    for member in (desk.linde, desk.eik):
        await desk.hold_flu(watch, member, 10)
    going = []
    async with watch.transaction():
        await watch.execute(crossing.lock)
        for conn, names, days in (
            (one, crossing.practices[0], (MONDAY, TUESDAY)),
            (two, crossing.practices[1], (TUESDAY, MONDAY)),
        ):
            members = [getattr(desk, name) for name in names]
            requests = [desk.wants(member, *(desk.flu_for(member, 20, day) for day in days)) for member in members]
            going.append(asyncio.create_task(desk.hold(conn, *requests)))
            await until_blocked(watch, conn)
            if between and conn is one:
                await between()
    return await asyncio.gather(*going, return_exceptions=True)


async def test_in_one_order_both_are_settled(desk, racers, crossing):
    batches = await cross(desk, racers, crossing)
    assert {answer.outcome for batch in batches for answer in batch} == {"held"}


async def test_control_in_another_order_they_wait_for_each_other(desk, racers, crossing, monkeypatch):
    async with desk.line() as other:
        results = await cross(desk, racers, crossing, lambda: without(other, monkeypatch, crossing.guard))
    faults = [type(result) for result in results if isinstance(result, BaseException)]
    assert faults == [psycopg.errors.DeadlockDetected]
