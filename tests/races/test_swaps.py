"""Swaps are served while others click: in the order of the line, once, and never beyond a day (P2)."""

import asyncio
from dataclasses import dataclass
from datetime import date

import pytest

from balie.ordering import swapping
from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY, Desk, Member, value
from balie.runtime.hot import Connection
from tests.races.steps import miscounted, oversold, until_blocked, without

STATE = "select state from ordering_swap where practice_id = %s"
LOOKED_AGAIN_UNDER_LOCK = (
    "     is distinct from p_swap then\n    return 'again';",
    "     is distinct from p_swap and false then\n    return 'again';",
)
DAYS_OF_WHO_STANDS_BEFORE = (
    "           and (s.place, s.id) <= (swap.place, p_swap)",
    "           and (s.place, s.id) = (swap.place, p_swap)",
)


@dataclass(frozen=True)
class Crowd:
    """Monday is full; De Beuk stands before De Iep, and both have something on Tuesday."""

    desk: Desk
    watch: Connection
    numbers: dict[int, str]

    async def wish(self, who: Member, doses: int, day: date = MONDAY) -> int:
        """What waits from now on; the swap."""
        return await self.desk.wait_for(self.watch, who, self.numbers[who.practice], self.desk.flu_for(who, doses, day))

    async def change(self, conn: Connection, who: Member, doses: int, day: date = MONDAY) -> str:
        line = self.desk.flu_for(who, doses, day)
        return (await self.desk.change(conn, who, self.numbers[who.practice], line))[0]

    async def cancel(self, conn: Connection, who: Member) -> None:
        await self.desk.cancel(conn, who, self.numbers[who.practice])

    async def free_monday(self) -> None:
        """De Eik gives its half back."""
        await self.cancel(self.watch, self.desk.eik)

    async def state(self, who: Member) -> str:
        state: str = await value(self.watch, STATE, who.practice)
        return state


@pytest.fixture
async def crowd(desk, watch) -> Crowd:
    numbers = {}
    for who, doses, day in (
        (desk.linde, 500, MONDAY),
        (desk.eik, 500, MONDAY),
        (desk.beuk, 300, TUESDAY),
        (desk.iep, 300, TUESDAY),
    ):
        numbers[who.practice] = await desk.order_flu(watch, who, doses, day)
    return Crowd(desk, watch, numbers)


async def two_workers(crowd, one, two):
    """Both saw that De Beuk fits."""
    swap = await crowd.wish(crowd.desk.beuk, 300)
    await crowd.free_monday()
    async with one.transaction():
        first = await swapping.serve_swap(one, swap)
        going = asyncio.create_task(swapping.serve_swap(two, swap))
        await until_blocked(crowd.watch, two)
    return first, (await asyncio.gather(going, return_exceptions=True))[0]


async def test_two_workers_serve_it_once(crowd, one, two):
    assert await two_workers(crowd, one, two) == ("served", "gone")
    assert await crowd.desk.taken(crowd.watch) == {MONDAY: (800, 2), TUESDAY: (300, 1)}
    assert await miscounted(crowd.watch) == []
    assert await value(crowd.watch, "select count(*) from mail_outbox where kind = 'order_changed'") == 1


async def overtaken_on_the_way(crowd, one, two):
    """De Beuk wants all that is free of Monday and 100 more; De Iep fits. Those 100 come free meanwhile."""
    await crowd.free_monday()
    beuk = await crowd.wish(crowd.desk.beuk, 600)
    iep = await crowd.wish(crowd.desk.iep, 300)
    assert await value(crowd.watch, swapping.FITTING, crowd.desk.campaign) == iep
    async with one.transaction():
        assert await crowd.change(one, crowd.desk.linde, 400) == "changed"
        going = asyncio.create_task(swapping.serve_swap(two, iep))
        await until_blocked(crowd.watch, two)
    outcome = await going
    states = [await crowd.state(who) for who in (crowd.desk.beuk, crowd.desk.iep)]
    return beuk, outcome, states


async def test_who_begins_to_fit_meanwhile_goes_before(crowd, one, two):
    _, outcome, states = await overtaken_on_the_way(crowd, one, two)
    assert (outcome, states) == ("again", ["open", "open"])
    await swapping.serve_swaps(crowd.watch)
    assert [await crowd.state(who) for who in (crowd.desk.beuk, crowd.desk.iep)] == ["served", "open"]
    assert await oversold(crowd.watch) == await miscounted(crowd.watch) == []


async def test_control_without_the_second_look_who_stands_behind_is_served_first(crowd, one, two, monkeypatch):
    await without(crowd.watch, monkeypatch, LOOKED_AGAIN_UNDER_LOCK)
    _, outcome, states = await overtaken_on_the_way(crowd, one, two)
    assert (outcome, states) == ("served", ["open", "served"])


async def room_is_made(crowd, one, two):
    """De Beuk wants Wednesday, which is too small. De Iep moves to Monday, and before that commits, the organiser makes
    Wednesday larger. Whether the organiser waited.
    """
    await crowd.free_monday()
    await crowd.watch.execute("update ordering_delivery_day set doses_limit = 100 where day = %s", (WEDNESDAY,))
    await crowd.wish(crowd.desk.beuk, 400, WEDNESDAY)
    iep = await crowd.wish(crowd.desk.iep, 310, MONDAY)
    larger = "update ordering_delivery_day set doses_limit = 900 where day = %s"
    async with two.transaction():
        assert await swapping.serve_swap(two, iep) == "served"
        going = asyncio.create_task(one.execute(larger, (WEDNESDAY,)))
        looking = asyncio.create_task(until_blocked(crowd.watch, one))
        await asyncio.wait({going, looking}, return_when=asyncio.FIRST_COMPLETED)
        waited = not going.done()
        looking.cancel()
        await asyncio.gather(looking, return_exceptions=True)
    await going
    return waited


async def test_no_day_for_which_somebody_waits_before_gets_room_between_look_and_swap(crowd, one, two):
    assert await room_is_made(crowd, one, two)


async def test_control_without_the_lock_of_those_days_room_appears_that_was_not_looked_at(crowd, one, two, monkeypatch):
    await without(crowd.watch, monkeypatch, DAYS_OF_WHO_STANDS_BEFORE)
    assert not await room_is_made(crowd, one, two)


async def test_a_change_by_the_practice_comes_before_its_swap(crowd, one, two):
    swap = await crowd.wish(crowd.desk.beuk, 400)
    await crowd.free_monday()
    async with one.transaction():
        assert await crowd.change(one, crowd.desk.beuk, 200, TUESDAY) == "changed"
        going = asyncio.create_task(swapping.serve_swap(two, swap))
        await until_blocked(crowd.watch, two)
    assert await going == "again"
    await swapping.tidy_swaps(crowd.watch)
    assert await crowd.state(crowd.desk.beuk) == "overtaken"
    assert await crowd.desk.taken(crowd.watch) == {MONDAY: (500, 1), TUESDAY: (500, 2)}
    assert await miscounted(crowd.watch) == []


async def test_what_is_cancelled_meanwhile_is_not_swapped(crowd, one, two):
    swap = await crowd.wish(crowd.desk.beuk, 400)
    await crowd.free_monday()
    async with one.transaction():
        await crowd.cancel(one, crowd.desk.beuk)
        going = asyncio.create_task(swapping.serve_swap(two, swap))
        await until_blocked(crowd.watch, two)
    assert await going == "again"
    assert await crowd.desk.taken(crowd.watch) == {MONDAY: (500, 1), TUESDAY: (300, 1)}


async def test_a_practice_that_takes_the_room_is_not_pushed_out(crowd, one, two):
    """De Eik gives Monday back and takes it again before the worker comes."""
    swap = await crowd.wish(crowd.desk.beuk, 400)
    await crowd.free_monday()
    async with one.transaction():
        assert (await crowd.desk.hold_flu(one, crowd.desk.eik, 500)).outcome == "held"
        going = asyncio.create_task(swapping.serve_swap(two, swap))
        await until_blocked(crowd.watch, two)
    assert await going == "again"
    assert await crowd.state(crowd.desk.beuk) == "open"
    assert await oversold(crowd.watch) == await miscounted(crowd.watch) == []
