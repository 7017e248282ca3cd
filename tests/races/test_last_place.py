"""The last place of a day goes to one practice, by doses and by addresses (P2)."""

import asyncio

from balie.ordering.hot import Line
from balie.ordering.tests.desk import MONDAY
from tests.races.steps import (
    DAY_LOCK,
    STOPS_AFTER_LOCKS,
    miscounted,
    oversold,
    until_blocked,
    without,
)


async def both_want(desk, one, two, watch, doses):
    """The first has taken its place and not committed when the second asks; what the second hears."""
    async with one.transaction():
        first = await desk.hold_flu(one, desk.linde, doses)
        asking = asyncio.create_task(desk.hold_flu(two, desk.eik, doses))
        await until_blocked(watch, two)
    assert first.outcome == "held"
    return (await asking).outcome


async def test_the_last_doses_are_given_once(desk, one, two, watch):
    assert await both_want(desk, one, two, watch, 600) == "full"
    assert await miscounted(watch) == []


async def test_control_without_the_lock_of_the_day_its_doses_are_given_twice(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, DAY_LOCK)
    assert await both_want(desk, one, two, watch, 600) == "held"
    assert await oversold(watch) == [MONDAY]


async def test_the_last_address_is_given_once(desk, one, two, watch):
    await desk.hold_flu(watch, desk.beuk, 10)
    assert await both_want(desk, one, two, watch, 10) == "full"
    assert await miscounted(watch) == []


async def test_control_without_the_lock_of_the_day_its_addresses_are_given_twice(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, DAY_LOCK)
    await desk.hold_flu(watch, desk.beuk, 10)
    assert await both_want(desk, one, two, watch, 10) == "held"
    assert await oversold(watch) == [MONDAY]


async def place_changes_hands(desk, one, two, watch):
    """De Eik takes over a place of De Linde, and holds for it while De Linde is letting go of its hold there."""
    held = await desk.hold_flu(one, desk.linde, 10)
    await one.execute(
        "update practices_location set practice_id = %s, name = 'Derde' where id = %s",
        (desk.eik.practice, desk.linde.home),
    )
    line = Line(desk.flu, desk.linde.home, 20, MONDAY)
    async with one.transaction():
        await desk.release(one, desk.linde, held.key)
        asking = asyncio.create_task(desk.hold(two, desk.wants(desk.eik, line)))
        await until_blocked(watch, two)
    assert (await asking)[0].outcome == "held"


async def test_an_address_is_counted_by_what_is_true_under_the_lock(desk, one, two, watch):
    await place_changes_hands(desk, one, two, watch)
    assert await desk.taken(watch) == {MONDAY: (20, 1)}
    assert await miscounted(watch) == []


async def test_control_addresses_read_before_the_lock_are_not_counted(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, *STOPS_AFTER_LOCKS)
    await place_changes_hands(desk, one, two, watch)
    assert await desk.taken(watch) == {MONDAY: (20, 0)}
    assert await miscounted(watch) == [MONDAY]
