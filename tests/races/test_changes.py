"""An order is changed while others click: nothing is taken or given back twice, nothing is changed unseen (P2, P4)."""

import asyncio

import pytest

from balie.ordering.rules import RulesError
from balie.ordering.services import calendar
from balie.ordering.tests.desk import MONDAY, TUESDAY, value
from tests.races.steps import DAY_LOCK, miscounted, oversold, until_blocked, without
from tests.races.test_cancels import CANCEL_LOCK as ORDER_LOCK
from tests.races.test_cancels import meanwhile
from tests.races.test_days import BLOCKED, lower

THE_ORDER_SEEN = ("when p_revision <> placed.revision then 'outdated'", "when false then 'outdated'")
NO_LIMITS = (
    "alter table ordering_delivery_day drop constraint ordering_delivery_day_doses_within_limit,"
    " drop constraint ordering_delivery_day_addresses_within_limit"
)


async def double_click(desk, one, two, watch):
    """De Linde raises 300 to 500; De Eik has the other half of the day."""
    await desk.order_flu(watch, desk.eik)
    number = await desk.order_flu(watch, desk.linde, 300)
    wanted = desk.flu_for(desk.linde, 500)
    return await meanwhile(
        watch,
        one, desk.change(one, desk.linde, number, wanted),
        two, desk.change(two, desk.linde, number, wanted),
    )  # fmt: skip


async def test_a_double_click_changes_once(desk, one, two, watch):
    assert await double_click(desk, one, two, watch) == (("changed", 1, None), ("changed", 1, None))
    assert await desk.taken(watch) == {MONDAY: (1000, 2)}
    assert await miscounted(watch) == []
    assert await value(watch, "select count(*) from mail_outbox where kind = 'order_changed'") == 1


async def test_control_without_the_lock_of_the_order_a_double_click_is_done_twice(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, ORDER_LOCK)
    first, second = await double_click(desk, one, two, watch)
    assert first == ("changed", 1, None)
    assert second != first


async def two_colleagues(desk, one, two, watch):
    """One moves the order to Tuesday, while the other, who saw the same, makes it larger."""
    number = await desk.order_flu(watch, desk.linde, 300)
    return await meanwhile(
        watch,
        one, desk.change(one, desk.linde, number, desk.flu_for(desk.linde, 300, TUESDAY)),
        two, desk.change(two, desk.linde, number, desk.flu_for(desk.linde, 400, MONDAY)),
    )  # fmt: skip


async def test_of_two_colleagues_the_second_looks_again(desk, one, two, watch):
    moved, raised = await two_colleagues(desk, one, two, watch)
    assert (moved[0], raised[:2]) == ("changed", ("outdated", 1))
    assert await desk.taken(watch) == {TUESDAY: (300, 1)}
    assert await miscounted(watch) == []


async def test_control_whoever_does_not_say_what_they_saw_undoes_it_unseen(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, THE_ORDER_SEEN)
    moved, raised = await two_colleagues(desk, one, two, watch)
    assert (moved[0], raised[:2]) == ("changed", ("changed", 2))
    assert await desk.taken(watch) == {MONDAY: (400, 1)}


async def test_what_is_cancelled_meanwhile_is_not_changed(desk, one, two, watch):
    number = await desk.order_flu(watch, desk.linde)
    cancelled, changed = await meanwhile(
        watch,
        one, desk.cancel(one, desk.linde, number),
        two, desk.change(two, desk.linde, number, desk.flu_for(desk.linde, 600)),
    )  # fmt: skip
    assert (cancelled[0], changed[0]) == ("cancelled", "no_order")
    assert await desk.taken(watch) == {}


async def changed_and_cancelled(desk, one, two, watch):
    """De Linde moves to Tuesday and makes it larger; a colleague cancels meanwhile."""
    number = await desk.order_flu(watch, desk.linde, 300)
    return await meanwhile(
        watch,
        one, desk.change(one, desk.linde, number, desk.flu_for(desk.linde, 500, TUESDAY)),
        two, desk.cancel(two, desk.linde, number),
    )  # fmt: skip


async def test_what_is_changed_meanwhile_is_cancelled_as_it_is_now(desk, one, two, watch):
    changed, cancelled = await changed_and_cancelled(desk, one, two, watch)
    assert (changed[0], cancelled[0]) == ("changed", "cancelled")
    assert await desk.taken(watch) == {}
    assert await miscounted(watch) == []


async def test_control_without_the_lock_of_the_order_the_old_day_is_given_back_and_the_new_one_stays_taken(
    desk, one, two, watch, monkeypatch
):
    await without(watch, monkeypatch, ORDER_LOCK)
    changed, cancelled = await changed_and_cancelled(desk, one, two, watch)
    assert changed[0] == "changed"
    assert isinstance(cancelled, Exception) or await miscounted(watch) != []


async def raised_and_taken(desk, one, two, watch):
    """De Linde wants the rest of Monday too; De Eik takes it at that moment, and is not done yet."""
    number = await desk.order_flu(watch, desk.linde)
    held, raised = await meanwhile(
        watch,
        one, desk.hold_flu(one, desk.eik, 400),
        two, desk.change(two, desk.linde, number, desk.flu_for(desk.linde, 1000)),
    )  # fmt: skip
    return held.outcome, raised[0]


async def test_who_comes_second_keeps_what_it_has(desk, one, two, watch):
    assert await raised_and_taken(desk, one, two, watch) == ("held", "full")
    assert await desk.taken(watch) == {MONDAY: (900, 2)}
    assert await miscounted(watch) == []


async def test_control_without_the_lock_of_the_day_it_is_given_away_twice(desk, one, two, watch, monkeypatch):
    await watch.execute(NO_LIMITS)
    await without(watch, monkeypatch, DAY_LOCK)
    await raised_and_taken(desk, one, two, watch)
    assert await oversold(watch) == [MONDAY]


async def test_who_wants_what_a_change_frees_gets_it(desk, one, two, watch):
    await desk.order_flu(watch, desk.eik)
    number = await desk.order_flu(watch, desk.linde)
    changed, held = await meanwhile(
        watch,
        one, desk.change(one, desk.linde, number, desk.flu_for(desk.linde, 500, TUESDAY)),
        two, desk.hold_flu(two, desk.beuk),
    )  # fmt: skip
    assert (changed[0], held.outcome) == ("changed", "held")
    assert await desk.taken(watch) == {MONDAY: (1000, 2), TUESDAY: (500, 1)}
    assert await miscounted(watch) == []


async def lowered_while_changed(desk, one, watch) -> None:
    """300 become 500, not committed yet, when the organiser lowers the day to 400."""
    number = await desk.order_flu(watch, desk.linde, 300)
    async with one.transaction():
        assert (await desk.change(one, desk.linde, number, desk.flu_for(desk.linde, 500)))[0] == "changed"
        going = asyncio.create_task(asyncio.to_thread(lower, desk))
        async with asyncio.timeout(20):
            while not await value(watch, BLOCKED):
                assert not going.done()
    await going


async def test_the_organiser_does_not_go_below_what_is_changed_meanwhile(desk, one, watch):
    with pytest.raises(RulesError) as refusal:
        await lowered_while_changed(desk, one, watch)
    assert [finding.code for finding in refusal.value.findings] == ["taken"]
    assert await oversold(watch) == []


async def test_control_an_organiser_who_does_not_wait_oversells_the_day(desk, one, watch, monkeypatch):
    found = calendar.DeliveryDay.objects.filter
    monkeypatch.setattr(calendar, "_locked", lambda campaign, days: list(found(campaign=campaign, day__in=days)))
    await watch.execute(NO_LIMITS)
    await lowered_while_changed(desk, one, watch)
    assert await oversold(watch) == [MONDAY]


async def test_a_day_lowered_meanwhile_has_no_room_for_more(desk, one, two, watch):
    number = await desk.order_flu(watch, desk.linde, 300)
    async with one.transaction():
        await one.execute("select from ordering_delivery_day where day = %s for no key update", (MONDAY,))
        await one.execute("update ordering_delivery_day set doses_limit = 400 where day = %s", (MONDAY,))
        going = asyncio.create_task(desk.change(two, desk.linde, number, desk.flu_for(desk.linde, 500)))
        await until_blocked(watch, two)
    assert (await going)[0] == "full"
    assert await desk.taken(watch) == {MONDAY: (300, 1)}


async def crossing(desk, one, two, watch):
    """Two who swap days, each into the other's, behind a third who has the first of them."""
    numbers = [await desk.order_flu(watch, who, 100, day) for who, day in ((desk.linde, MONDAY), (desk.eik, TUESDAY))]
    going = []
    async with watch.transaction():
        await watch.execute("select from ordering_delivery_day where day = %s for no key update", (MONDAY,))
        for conn, who, number, day in (
            (one, desk.linde, numbers[0], TUESDAY),
            (two, desk.eik, numbers[1], MONDAY),
        ):
            going.append(asyncio.create_task(desk.change(conn, who, number, desk.flu_for(who, 100, day))))
            await until_blocked(watch, conn)
    return await asyncio.gather(*going, return_exceptions=True)


async def test_two_who_change_places_wait_in_line(desk, one, two, watch):
    assert [answer[0] for answer in await crossing(desk, one, two, watch)] == ["changed", "changed"]
    assert await desk.taken(watch) == {MONDAY: (100, 1), TUESDAY: (100, 1)}
    assert await miscounted(watch) == []
