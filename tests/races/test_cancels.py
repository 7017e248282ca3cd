"""An order is cancelled while others click: nothing goes back twice, to nobody, or from under a new order (P2, P4)."""

import asyncio

from balie.ordering.tests.desk import MONDAY, TUESDAY, value
from tests.races.steps import DAY_LOCK, miscounted, oversold, until_blocked, without

CANCEL_LOCK = (
    """perform from ordering_hold h
    where h.campaign_id = p_campaign and h.practice_id = p_practice order by h.slot for no key update;""",
    "",
)
THE_ORDER_MEANT = (
    "where o.campaign_id = p_campaign and o.practice_id = p_practice and o.number = p_number;",
    "where o.campaign_id = p_campaign and o.practice_id = p_practice;",
)

# What the database would refuse besides: one number kept twice, one mail twice.
KEPT_ONCE = ("(placed.id, p_number, p_campaign,", "(placed.id, p_number || placed.id, p_campaign,")
MAILED_ONCE = ("lower(p_number) || '.cancelled.'", "lower(p_number) || placed.id || '.cancelled.'")


async def meanwhile(watch, first, first_step, second, second_step):
    """The second step begins when the first is done but not committed, and goes on after the commit."""
    async with first.transaction():
        before = await first_step
        going = asyncio.create_task(second_step)
        await until_blocked(watch, second)
    return before, (await asyncio.gather(going, return_exceptions=True))[0]


async def double_click(desk, one, two, watch):
    """De Eik has the other half of the day, so that what goes back twice is seen."""
    await desk.order_flu(watch, desk.eik)
    number = await desk.order_flu(watch, desk.linde)
    return await meanwhile(
        watch,
        one, desk.cancel(one, desk.linde, number),
        two, desk.cancel(two, desk.linde, number),
    )  # fmt: skip


async def test_a_double_click_gives_back_once(desk, one, two, watch):
    first, second = await double_click(desk, one, two, watch)
    assert (first[0], first) == ("cancelled", second)
    assert await desk.taken(watch) == {MONDAY: (500, 1)}
    assert await miscounted(watch) == []
    assert await value(watch, "select count(*) from mail_outbox where kind = 'order_cancelled'") == 1


async def test_control_without_the_lock_of_the_practice_it_fails_or_gives_back_twice(
    desk, one, two, watch, monkeypatch
):
    await without(watch, monkeypatch, CANCEL_LOCK)
    first, second = await double_click(desk, one, two, watch)
    assert first[0] == "cancelled"
    assert first != second


async def freed_and_taken(desk, one, two, watch):
    """Monday is full; De Linde gives its half back while De Beuk asks for it."""
    await desk.order_flu(watch, desk.eik)
    number = await desk.order_flu(watch, desk.linde)
    cancelled, held = await meanwhile(
        watch,
        one, desk.cancel(one, desk.linde, number),
        two, desk.hold_flu(two, desk.beuk),
    )  # fmt: skip
    return cancelled[0], held.outcome


async def test_who_waits_for_the_day_gets_what_was_freed(desk, one, two, watch):
    assert await freed_and_taken(desk, one, two, watch) == ("cancelled", "held")
    assert await desk.taken(watch) == {MONDAY: (1000, 2)}
    assert await miscounted(watch) == []


async def taken_while_freeing(desk, one, two, watch):
    """De Beuk takes what is left of Monday, and De Linde gives its part back meanwhile."""
    number = await desk.order_flu(watch, desk.linde, 300)
    held, cancelled = await meanwhile(
        watch,
        one, desk.hold_flu(one, desk.beuk, 700),
        two, desk.cancel(two, desk.linde, number),
    )  # fmt: skip
    return held.outcome, cancelled[0]


async def test_giving_back_waits_for_who_takes(desk, one, two, watch):
    assert await taken_while_freeing(desk, one, two, watch) == ("held", "cancelled")
    assert await desk.taken(watch) == {MONDAY: (700, 1)}
    assert await miscounted(watch) == []


async def test_control_without_the_lock_of_the_day_the_taking_is_forgotten(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, DAY_LOCK)
    await taken_while_freeing(desk, one, two, watch)
    assert await miscounted(watch) == [MONDAY]


async def late_click_after_a_new_order(desk, one, two, watch):
    """De Linde cancels, orders anew, and the second click of the cancelling comes while that is being confirmed."""
    number = await desk.order_flu(watch, desk.linde)
    await desk.cancel(watch, desk.linde, number)
    held = await desk.hold_flu(watch, desk.linde, 300, TUESDAY)
    return await meanwhile(
        watch,
        one, desk.confirm(one, desk.linde, held.key),
        two, desk.cancel(two, desk.linde, number),
    )  # fmt: skip


async def test_a_late_click_leaves_the_new_order_alone(desk, one, two, watch):
    answer, cancelled = await late_click_after_a_new_order(desk, one, two, watch)
    assert (answer.outcome, cancelled[0]) == ("ordered", "cancelled")
    assert await value(watch, "select number from judge.orders") == answer.number
    assert await desk.taken(watch) == {TUESDAY: (300, 1)}


async def test_control_whoever_names_no_order_cancels_the_new_one(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, THE_ORDER_MEANT, KEPT_ONCE, MAILED_ONCE)
    await late_click_after_a_new_order(desk, one, two, watch)
    assert await value(watch, "select count(*) from judge.orders") == 0


async def test_a_click_to_confirm_that_comes_again_during_the_cancelling_orders_nothing(desk, one, two, watch):
    held = await desk.hold_flu(watch, desk.linde)
    number = (await desk.confirm(watch, desk.linde, held.key)).number
    cancelled, answer = await meanwhile(
        watch,
        one, desk.cancel(one, desk.linde, number),
        two, desk.confirm(two, desk.linde, held.key),
    )  # fmt: skip
    assert (cancelled[0], answer.outcome) == ("cancelled", "no_hold")
    assert await desk.taken(watch) == {}


async def crossing(desk, one, two, watch):
    """Two who cancel the same two days from either end, behind a third who has the first of them."""
    lines = [[desk.flu_for(who, 10, day) for day in (MONDAY, TUESDAY)] for who in (desk.linde, desk.eik)]
    numbers = []
    for who, wanted in zip((desk.linde, desk.eik), (lines[0], lines[1][::-1]), strict=True):
        (held,) = await desk.hold(watch, desk.wants(who, *wanted))
        numbers.append((await desk.confirm(watch, who, held.key)).number)
    going = []
    async with watch.transaction():
        await watch.execute("select from ordering_delivery_day where day = '2027-10-04' for no key update")
        for conn, who, number in ((one, desk.linde, numbers[0]), (two, desk.eik, numbers[1])):
            going.append(asyncio.create_task(desk.cancel(conn, who, number)))
            await until_blocked(watch, conn)
    return await asyncio.gather(*going, return_exceptions=True)


async def test_two_who_cancel_wait_in_line(desk, one, two, watch):
    assert [answer[0] for answer in await crossing(desk, one, two, watch)] == ["cancelled", "cancelled"]
    assert await desk.taken(watch) == {}
    assert await oversold(watch) == []
