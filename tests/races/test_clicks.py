"""Clicks of one practice that meet each other or the sweeper: nothing is doubled, lost or refused for time (P3, P4)."""

import asyncio
from uuid import uuid4

import psycopg

from balie.ordering import hot
from balie.ordering.hot import ConfirmRequest
from balie.ordering.tests.desk import MONDAY, TUESDAY, pass_time, value
from tests.races.steps import (
    ONE_CLICK_PER_HOLD,
    PRACTICE_LOCK,
    SWEEP_LOCK,
    miscounted,
    until_blocked,
    without,
)


async def meanwhile(watch, first, first_step, second, second_step):
    """The second step begins when the first is done but not committed, and goes on after the commit."""
    async with first.transaction():
        before = await first_step
        going = asyncio.create_task(second_step)
        await until_blocked(watch, second)
    return before, (await asyncio.gather(going, return_exceptions=True))[0]


async def behind_the_days(watch, first, first_step, second, second_step):
    """The second step begins while the first, its practice's row locked, waits for the days."""
    async with watch.transaction():
        await watch.execute("select from ordering_delivery_day for no key update")
        going = []
        for conn, step in ((first, first_step), (second, second_step)):
            going.append(asyncio.create_task(step))
            await until_blocked(watch, conn)
    return await asyncio.gather(*going, return_exceptions=True)


async def double_click_on_a_change(desk, one, two, watch):
    """De Linde changes its hold with one click that arrives twice; De Eik has the rest of Monday."""
    await desk.hold_flu(one, desk.linde, 500, MONDAY)
    await desk.hold_flu(one, desk.eik, 500, MONDAY)
    key = uuid4()
    return await behind_the_days(
        watch,
        one, desk.hold_flu(one, desk.linde, 300, TUESDAY, key=key),
        two, desk.hold_flu(two, desk.linde, 300, TUESDAY, key=key),
    )  # fmt: skip


async def test_a_double_click_holds_once(desk, one, two, watch):
    first, second = await double_click_on_a_change(desk, one, two, watch)
    assert first == second
    assert await desk.taken(watch) == {MONDAY: (500, 1), TUESDAY: (300, 1)}


async def test_control_without_the_lock_of_the_practice_a_double_click_gives_back_twice(
    desk, one, two, watch, monkeypatch
):
    """Only the constraint on the stops saves De Eik's 500; the whole batch pays for it."""
    await without(watch, monkeypatch, PRACTICE_LOCK)
    _, second = await double_click_on_a_change(desk, one, two, watch)
    assert isinstance(second, psycopg.errors.CheckViolation)


async def test_a_first_double_click_holds_once(desk, one, two, watch):
    """Before the practice has a row, it is the row's key that makes the second wait."""
    key = uuid4()
    first, second = await meanwhile(
        watch,
        one, desk.hold_flu(one, desk.linde, key=key),
        two, desk.hold_flu(two, desk.linde, key=key),
    )  # fmt: skip
    assert first == second
    assert await desk.taken(watch) == {MONDAY: (500, 1)}


async def test_of_two_tabs_the_later_one_holds(desk, one, two, watch):
    first, second = await meanwhile(
        watch,
        one, desk.hold_flu(one, desk.linde, 500, MONDAY),
        two, desk.hold_flu(two, desk.linde, 300, TUESDAY),
    )  # fmt: skip
    assert await desk.taken(watch) == {TUESDAY: (300, 1)}
    told = await desk.confirm(watch, desk.linde, first.key)
    assert (told.outcome, told.key) == ("replaced", second.key)


async def test_a_double_click_orders_once(desk, one, two, watch):
    held = await desk.hold_flu(one, desk.linde)
    first, second = await meanwhile(
        watch,
        one, desk.confirm(one, desk.linde, held.key),
        two, desk.confirm(two, desk.linde, held.key),
    )  # fmt: skip
    assert first == second
    assert await value(watch, "select count(*) from judge.orders") == 1
    assert await value(watch, "select count(*) from judge.mail") == 1


async def test_control_without_the_lock_of_the_practice_a_double_click_breaks_the_batch(
    desk, one, two, watch, monkeypatch
):
    await without(watch, monkeypatch, PRACTICE_LOCK)
    held = await desk.hold_flu(one, desk.linde)
    _, second = await meanwhile(
        watch,
        one, desk.confirm(one, desk.linde, held.key),
        two, desk.confirm(two, desk.linde, held.key),
    )  # fmt: skip
    assert isinstance(second, psycopg.errors.UniqueViolation)


async def test_a_click_at_the_last_millisecond_is_not_swept_away(desk, one, two, watch):
    """It reached us as the window ended and is being confirmed when the sweeper comes: the sweeper passes it by."""
    held = await desk.hold_flu(one, desk.linde)
    await pass_time(watch, 300)
    async with one.transaction():
        assert (await desk.confirm(one, desk.linde, held.key)).outcome == "ordered"
        await pass_time(watch, 60)
        assert await hot.sweep(two, grace_s=0, limit=10) == 0
    assert await hot.sweep(two, grace_s=0, limit=10) == 0
    assert await miscounted(watch) == []


async def test_control_a_sweeper_without_locks_gives_away_what_is_ordered(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, SWEEP_LOCK)
    held = await desk.hold_flu(one, desk.linde)
    await pass_time(watch, 300)
    async with one.transaction():
        await desk.confirm(one, desk.linde, held.key)
        await pass_time(watch, 60)
        sweeping = asyncio.create_task(hot.sweep(two, grace_s=0, limit=10))
        await until_blocked(watch, two)
    await sweeping
    assert await desk.taken(watch) == {}
    assert await miscounted(watch) == [MONDAY]


async def swept_under_the_click(desk, one, two, watch):
    """The click reached us in time and waits for a sweep that has given the hold back and not committed."""
    held = await desk.hold_flu(one, desk.linde)
    await pass_time(watch, 301)
    return await meanwhile(
        watch,
        one, hot.sweep(one, grace_s=0, limit=10),
        two, desk.confirm(two, desk.linde, held.key, elapsed_ms=1000),
    )  # fmt: skip


async def test_a_click_in_time_takes_back_what_is_being_swept(desk, one, two, watch):
    swept, answer = await swept_under_the_click(desk, one, two, watch)
    assert (swept, answer.outcome) == (1, "ordered")
    assert await miscounted(watch) == []


async def test_control_without_the_lock_of_the_practice_it_orders_what_is_no_longer_its_own(
    desk, one, two, watch, monkeypatch
):
    await without(watch, monkeypatch, PRACTICE_LOCK)
    _, answer = await swept_under_the_click(desk, one, two, watch)
    assert answer.outcome == "ordered"
    assert await miscounted(watch) == [MONDAY]


async def replaced_while_swept(desk, one, two, watch):
    """De Linde begins again while the sweeper gives its hold back; De Eik has the rest of Monday."""
    await desk.hold_flu(one, desk.linde, 500, MONDAY)
    await pass_time(watch, 200)
    await desk.hold_flu(one, desk.eik, 500, MONDAY)
    await pass_time(watch, 101)
    return await behind_the_days(
        watch,
        one, hot.sweep(one, grace_s=0, limit=10),
        two, desk.hold_flu(two, desk.linde, 300, TUESDAY),
    )  # fmt: skip


async def test_replacing_while_lapsing_gives_back_once(desk, one, two, watch):
    swept, answer = await replaced_while_swept(desk, one, two, watch)
    assert (swept, answer.outcome, answer.remaining_ms) == (1, "held", 300_000)
    assert await desk.taken(watch) == {MONDAY: (500, 1), TUESDAY: (300, 1)}


async def test_control_without_the_lock_of_the_practice_lapsing_and_replacing_give_back_twice(
    desk, one, two, watch, monkeypatch
):
    await without(watch, monkeypatch, PRACTICE_LOCK)
    _, answer = await replaced_while_swept(desk, one, two, watch)
    assert isinstance(answer, psycopg.errors.CheckViolation)


async def test_the_sweeper_passes_by_who_is_replacing(desk, one, two, watch):
    await desk.hold_flu(one, desk.linde, 500, MONDAY)
    await pass_time(watch, 301)
    async with one.transaction():
        await desk.hold_flu(one, desk.linde, 300, TUESDAY)
        assert await hot.sweep(two, grace_s=0, limit=10) == 0
    assert await desk.taken(watch) == {TUESDAY: (300, 1)}


async def swept_before_a_double_click(desk, one):
    held = await desk.hold_flu(one, desk.linde)
    await pass_time(one, 301)
    assert await hot.sweep(one, grace_s=0, limit=10) == 1
    return held


async def test_a_double_click_on_a_swept_hold_takes_its_places_once(desk, one, two, watch):
    held = await swept_before_a_double_click(desk, one)
    first, second = await meanwhile(
        watch,
        one, desk.confirm(one, desk.linde, held.key, elapsed_ms=2000),
        two, desk.confirm(two, desk.linde, held.key, elapsed_ms=2000),
    )  # fmt: skip
    assert first == second
    assert await miscounted(watch) == []


async def twins_in_a_batch(desk, one):
    held = await swept_before_a_double_click(desk, one)
    twin = ConfirmRequest(desk.linde.practice, held.key, desk.linde.person, 2000)
    return await hot.confirm_batch(one, desk.campaign, [twin, twin])


async def test_a_double_click_in_one_batch_takes_its_places_once(desk, one, watch):
    first, second = await twins_in_a_batch(desk, one)
    assert (first.outcome, first) == ("ordered", second)
    assert await desk.taken(watch) == {MONDAY: (500, 1)}


async def test_control_each_click_for_itself_takes_them_twice(desk, one, watch, monkeypatch):
    await without(watch, monkeypatch, ONE_CLICK_PER_HOLD)
    await twins_in_a_batch(desk, one)
    assert await desk.taken(watch) == {MONDAY: (1000, 1)}
    assert await miscounted(watch) == [MONDAY]
