"""A hold that meets the clock catching up has its whole window (P3)."""

import asyncio

from balie.ordering.tests.desk import pass_time, value
from tests.races.steps import CLOCK_AFTER_LOCK, until_blocked, without


async def held_while_the_clock_jumps(desk, one, two, watch):
    """The clock catches up with an hour while a hold waits for it; how many seconds the hold has left afterwards."""
    async with one.transaction():
        await one.execute("lock table ordering_hold in exclusive mode")
        holding = asyncio.create_task(desk.hold_flu(two, desk.linde))
        await until_blocked(watch, two)
        await pass_time(one, 3600)
    answer = await holding
    assert answer.outcome == "held"
    return (answer.expires_at - await value(watch, "select service_now()")).total_seconds()


async def test_it_has_its_whole_window(desk, one, two, watch):
    assert await held_while_the_clock_jumps(desk, one, two, watch) == 300


async def test_control_with_the_clock_read_before_the_lock_it_has_lapsed(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, *CLOCK_AFTER_LOCK)
    assert await held_while_the_clock_jumps(desk, one, two, watch) == 300 - 3600
