"""The organiser gives more time, or blocks, while practices click and the sweeper sweeps (P2, P3)."""

import asyncio
from datetime import timedelta

import pytest
from psycopg.errors import DeadlockDetected

from balie.ordering import hot
from balie.ordering.services import holds
from balie.ordering.tests.desk import TUESDAY, pass_time, value
from tests.races.steps import miscounted, until_blocked, without

EXTRA = timedelta(minutes=5)
LOOKED_AT_AGAIN = ("order by h.practice_id, h.slot for no key update) l;", "order by h.practice_id, h.slot) l;")
IN_ORDER = (
    "order by h.practice_id, h.slot for no key update) l;",
    "order by h.practice_id desc, h.slot for no key update) l;",
)
NO_INSERT = (  # which waits for whoever writes the row, too
    "values (p_campaign, p_practice, 'none', '{}', '{}', '{}', '{}', 0)",
    "select p_campaign, p_practice, 'none', '{}', '{}', '{}', '{}', 0 where false",
)
BLOCK_LOCK = (
    "h.campaign_id = p_campaign and h.practice_id = p_practice and h.slot = 0 for no key update;",
    "h.campaign_id = p_campaign and h.practice_id = p_practice and h.slot = 0;",
)


async def extend(conn, desk):
    return await value(conn, holds.EXTEND, desk.campaign, 5)


async def block(conn, desk, member):
    return await value(conn, holds.BLOCK, desk.campaign, member.practice)


async def end_of(conn, member):
    return await value(conn, "select expires_at from ordering_hold where practice_id = %s", member.practice)


async def while_going(watch, first, first_step, second, second_step):
    """The second begins when the first is done but not committed, and goes on after the commit."""
    async with first.transaction():
        before = await first_step
        going = asyncio.create_task(second_step)
        await until_blocked(watch, second)
    return before, await going


async def extended_while_confirmed(desk, one, two, watch):
    linde, eik = await desk.hold_flu(one, desk.linde), await desk.hold_flu(one, desk.eik, day=TUESDAY)
    answer, extended = await while_going(
        watch,
        one, desk.confirm(one, desk.linde, linde.key),
        two, extend(two, desk),
    )  # fmt: skip
    assert answer.outcome == "ordered"
    assert await end_of(watch, desk.eik) == eik.expires_at + EXTRA
    return extended


async def test_who_confirms_meanwhile_is_left_out(desk, one, two, watch):
    assert await extended_while_confirmed(desk, one, two, watch) == 1


async def test_control_without_the_second_look_an_order_is_said_to_have_more_time(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, LOOKED_AT_AGAIN)
    assert await extended_while_confirmed(desk, one, two, watch) == 2


async def test_a_click_after_the_end_that_waits_for_the_extension_counts(desk, one, two, watch):
    held = await desk.hold_flu(one, desk.linde)
    await pass_time(watch, 305)
    extended, answer = await while_going(
        watch,
        one, extend(one, desk),
        two, desk.confirm(two, desk.linde, held.key),
    )  # fmt: skip
    assert (extended, answer.outcome) == (1, "ordered")
    assert await miscounted(watch) == []


async def swept_while_extended(desk, one, two, watch):
    await desk.hold_flu(one, desk.linde)
    await pass_time(watch, 305)
    return await while_going(
        watch,
        one, hot.sweep(one, grace_s=0, limit=10),
        two, extend(two, desk),
    )  # fmt: skip


async def test_what_is_being_swept_gets_no_time(desk, one, two, watch):
    assert await swept_while_extended(desk, one, two, watch) == (1, 0)
    assert await miscounted(watch) == []


async def test_control_without_the_second_look_time_is_given_to_nobody(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, LOOKED_AT_AGAIN)
    assert await swept_while_extended(desk, one, two, watch) == (1, 1)


async def test_the_sweeper_passes_by_what_is_being_extended(desk, one, two, watch):
    await desk.hold_flu(one, desk.linde)
    await pass_time(watch, 305)
    async with one.transaction():
        assert await extend(one, desk) == 1
        assert await hot.sweep(two, grace_s=0, limit=10) == 0
    assert await hot.sweep(two, grace_s=0, limit=10) == 0
    assert await miscounted(watch) == []


async def test_a_replacement_that_is_under_way_gets_the_time_too(desk, one, two, watch):
    held = await desk.hold_flu(one, desk.linde)
    _, extended = await while_going(
        watch,
        one, desk.hold_flu(one, desk.linde, 300, TUESDAY),
        two, extend(two, desk),
    )  # fmt: skip
    assert extended == 1
    assert await end_of(watch, desk.linde) == held.expires_at + EXTRA


async def crossing(desk, one, two, watch):
    """A batch of two practices and an extension, both behind a third who has the first of their rows."""
    for member in (desk.linde, desk.eik):
        await desk.hold_flu(watch, member, 10)
    going = []
    async with watch.transaction():
        await watch.execute(
            "select from ordering_hold where practice_id = %s for no key update", (desk.linde.practice,)
        )
        wants = [desk.wants(member, desk.flu_for(member, 20)) for member in (desk.linde, desk.eik)]
        going.append(asyncio.create_task(desk.hold(one, *wants)))
        await until_blocked(watch, one)
        going.append(asyncio.create_task(extend(two, desk)))
        await until_blocked(watch, two)
    return await asyncio.gather(*going, return_exceptions=True)


async def test_an_extension_waits_in_line_with_the_batches(desk, one, two, watch):
    answers, extended = await crossing(desk, one, two, watch)
    assert [answer.outcome for answer in answers] == ["held", "held"]
    assert extended == 2


async def test_control_in_another_order_they_wait_for_each_other(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, IN_ORDER)
    assert any(isinstance(answer, DeadlockDetected) for answer in await crossing(desk, one, two, watch))


async def blocked_while_confirmed(desk, one, two, watch):
    held = await desk.hold_flu(one, desk.linde)
    return await while_going(
        watch,
        one, desk.confirm(one, desk.linde, held.key),
        two, block(two, desk, desk.linde),
    )  # fmt: skip


async def test_an_order_that_is_being_placed_is_not_given_back(desk, one, two, watch):
    answer, outcome = await blocked_while_confirmed(desk, one, two, watch)
    assert (answer.outcome, outcome) == ("ordered", "already_ordered")
    assert await miscounted(watch) == []


async def test_control_without_the_lock_of_the_practice_its_places_are_given_away(desk, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, NO_INSERT, BLOCK_LOCK)
    answer, outcome = await blocked_while_confirmed(desk, one, two, watch)
    assert (answer.outcome, outcome) == ("ordered", "blocked")
    assert await miscounted(watch) != []


@pytest.mark.parametrize("act", ["hold", "confirm"])
async def test_a_click_that_waits_for_the_block_is_refused(desk, one, two, watch, act):
    held = await desk.hold_flu(one, desk.linde)
    clicks = {
        "hold": lambda: desk.hold_flu(two, desk.linde, 300),
        "confirm": lambda: desk.confirm(two, desk.linde, held.key),
    }
    outcome, answer = await while_going(watch, one, block(one, desk, desk.linde), two, clicks[act]())
    assert (outcome, answer.outcome) == ("blocked", "blocked")
    assert await desk.taken(watch) == {}
