"""Offers of the waiting list are made, taken and ended while others do the same: once, and never beyond a day (P2)."""

import asyncio

import pytest

from balie.ordering import swapping
from balie.ordering.tests.desk import MONDAY, value
from balie.ordering.tests.waiting import Queue, make_queue
from tests.races.steps import miscounted, oversold, until_blocked, without

OFFER_LOCK = (
    "offer.practice_id and h.slot = 0 for no key update;",
    "offer.practice_id and h.slot = 0;",
)
STILL_OFFERED = ("  elsif offer.state <> 'offered' then", "  elsif false then")
STILL_AN_OFFER = ("   where s.id = p_swap and s.state = 'offered';\n  if offer", "   where s.id = p_swap;\n  if offer")
STILL_OPEN = (
    "s where s.id = p_swap and s.state = 'open') then\n    return 'gone'",
    "s where s.id = p_swap) then\n    return 'gone'",
)


@pytest.fixture
async def queue(desk, watch) -> Queue:
    return await make_queue(desk, watch)


async def orders_of(queue, who) -> int:
    return await value(queue.conn, "select count(*) from ordering_order where practice_id = %s", who.practice)


async def taken_while_it_lapses(queue, one, two):
    """De Beuk clicks; before that commits, its time is over for the worker."""
    wish = await queue.offered(queue.desk.beuk)
    async with one.transaction():
        accepted, _ = await queue.accept(one, queue.desk.beuk, wish)
        going = asyncio.create_task(queue.end(two, wish))
        await until_blocked(queue.conn, two)
    return accepted, (await asyncio.gather(going, return_exceptions=True))[0]


async def test_an_offer_that_is_being_taken_does_not_lapse(queue, one, two):
    assert await taken_while_it_lapses(queue, one, two) == ("ordered", False)
    assert await queue.desk.taken(queue.conn) == {MONDAY: (800, 2)}
    assert await miscounted(queue.conn) == []
    assert await orders_of(queue, queue.desk.beuk) == 1


async def test_control_whoever_does_not_look_again_gives_away_what_was_ordered(queue, one, two, monkeypatch):
    await without(queue.conn, monkeypatch, STILL_AN_OFFER)
    accepted, ended = await taken_while_it_lapses(queue, one, two)
    assert accepted == "ordered"
    assert ended is True
    assert await miscounted(queue.conn) == [MONDAY]


async def lapses_while_it_is_taken(queue, one, two):
    wish = await queue.offered(queue.desk.beuk)
    async with one.transaction():
        assert await queue.end(one, wish)
        going = asyncio.create_task(queue.accept(two, queue.desk.beuk, wish))
        await until_blocked(queue.conn, two)
    return (await asyncio.gather(going, return_exceptions=True))[0]


async def test_an_offer_that_has_just_lapsed_is_not_ordered(queue, one, two):
    assert await lapses_while_it_is_taken(queue, one, two) == ("gone", None)
    assert await queue.desk.taken(queue.conn) == {MONDAY: (500, 1)}
    assert await orders_of(queue, queue.desk.beuk) == 0


async def test_control_whoever_does_not_look_again_orders_what_was_given_back(queue, one, two, monkeypatch):
    await without(queue.conn, monkeypatch, STILL_OFFERED)
    outcome = await lapses_while_it_is_taken(queue, one, two)
    assert outcome[0] == "ordered"
    assert await miscounted(queue.conn) == [MONDAY]


async def test_a_double_click_orders_once(queue, one, two):
    wish = await queue.offered(queue.desk.beuk)
    async with one.transaction():
        first = await queue.accept(one, queue.desk.beuk, wish)
        going = asyncio.create_task(queue.accept(two, queue.desk.beuk, wish))
        await until_blocked(queue.conn, two)
    assert await going == first
    assert await orders_of(queue, queue.desk.beuk) == 1
    assert await value(queue.conn, "select count(*) from mail_outbox where reference = %s", first[1]) == 1


async def two_workers(queue, one, two):
    wish = await queue.wish(queue.desk.beuk)
    await queue.free_monday()
    async with one.transaction():
        first = await swapping.serve_swap(one, wish)
        going = asyncio.create_task(swapping.serve_swap(two, wish))
        await until_blocked(queue.conn, two)
    return first, await going


async def test_two_workers_offer_it_once(queue, one, two):
    assert await two_workers(queue, one, two) == ("offered", "gone")
    assert await queue.desk.taken(queue.conn) == {MONDAY: (800, 2)}
    assert await value(queue.conn, "select count(*) from mail_outbox where kind = 'wish_offered'") == 1


async def test_control_a_worker_that_does_not_look_again_takes_the_room_twice(queue, one, two, monkeypatch):
    await queue.conn.execute("update ordering_delivery_day set doses_limit = 2000")
    await queue.conn.execute("alter table mail_outbox drop constraint mail_outbox_once_per_recipient")
    looked = (
        "     is distinct from p_swap then\n    return 'again';",
        "     is distinct from p_swap and false then\n    return 'again';",
    )
    await without(queue.conn, monkeypatch, STILL_OPEN, looked)
    assert await two_workers(queue, one, two) == ("offered", "offered")
    assert await miscounted(queue.conn) == [MONDAY]


async def given_up_while_it_is_offered(queue, one, two):
    """De Beuk wants nothing any more, at the moment at which there is room."""
    wish = await queue.wish(queue.desk.beuk)
    await queue.free_monday()
    async with one.transaction():
        await one.execute(
            "select from ordering_hold where practice_id = %s for no key update", (queue.desk.beuk.practice,)
        )
        await one.execute("update ordering_swap set state = 'withdrawn', settled_at = now() where id = %s", (wish,))
        going = asyncio.create_task(swapping.serve_swap(two, wish))
        await until_blocked(queue.conn, two)
    return await going


async def test_what_is_given_up_meanwhile_is_not_offered(queue, one, two):
    assert await given_up_while_it_is_offered(queue, one, two) == "gone"
    assert await queue.desk.taken(queue.conn) == {MONDAY: (500, 1)}


async def ordered_while_it_is_taken(queue, one, two):
    """De Beuk orders on Monday by the calendar, and a colleague takes the offer."""
    wish = await queue.offered(queue.desk.beuk)
    held = await queue.desk.hold_flu(queue.conn, queue.desk.beuk, 100)
    async with one.transaction():
        await queue.desk.confirm(one, queue.desk.beuk, held.key)
        going = asyncio.create_task(queue.accept(two, queue.desk.beuk, wish))
        await until_blocked(queue.conn, two)
    return (await asyncio.gather(going, return_exceptions=True))[0]


async def test_who_orders_and_takes_the_offer_has_one_order(queue, one, two):
    assert (await ordered_while_it_is_taken(queue, one, two))[0] == "already_ordered"
    assert await orders_of(queue, queue.desk.beuk) == 1
    assert await queue.desk.taken(queue.conn) == {MONDAY: (600, 2)}
    assert await oversold(queue.conn) == await miscounted(queue.conn) == []


async def test_control_without_the_lock_of_the_practice_it_ends_in_a_fault_or_a_miscount(queue, one, two, monkeypatch):
    await without(queue.conn, monkeypatch, OFFER_LOCK)
    outcome = await ordered_while_it_is_taken(queue, one, two)
    assert isinstance(outcome, Exception) or await miscounted(queue.conn) != []
