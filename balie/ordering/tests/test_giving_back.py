"""Releasing a hold, and sweeping those whose time has passed."""

from uuid import uuid4

from balie.ordering import hot
from balie.ordering.tests.desk import MONDAY, TUESDAY, pass_time


async def test_a_released_hold_gives_everything_back(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    assert (await desk.release(conn, desk.linde, held.key)).outcome == "released"
    assert await desk.taken(conn) == {}
    assert await desk.state(conn, desk.linde) == "none"
    assert (await desk.release(conn, desk.linde, held.key)).outcome == "released"
    assert (await hot.read_mine(conn, desk.campaign, desk.linde.practice)).hold is None


async def test_another_hold_is_left_alone(desk, conn):
    first = await desk.hold_flu(conn, desk.linde, 500)
    await desk.hold_flu(conn, desk.linde, 300)
    for member, key in ((desk.linde, first.key), (desk.eik, first.key), (desk.linde, uuid4())):
        assert (await desk.release(conn, member, key)).outcome == "released"
    assert await desk.taken(conn) == {MONDAY: (300, 1)}


async def test_an_order_is_not_released(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    order = await desk.confirm(conn, desk.linde, held.key)
    answer = await desk.release(conn, desk.linde, held.key)
    assert (answer.outcome, answer.number) == ("already_ordered", order.number)
    assert await desk.taken(conn) == {MONDAY: (500, 1)}


async def test_a_swept_hold_is_released_without_giving_back_twice(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    await desk.hold_flu(conn, desk.eik, 200)
    await pass_time(conn, 301)
    await desk.hold_flu(conn, desk.eik, 300)
    assert await hot.sweep(conn, grace_s=0, limit=10) == 1
    assert (await desk.release(conn, desk.linde, held.key)).outcome == "released"
    assert await desk.taken(conn) == {MONDAY: (300, 1)}


async def test_an_address_is_given_back_with_its_last_line(desk, conn):
    first = await desk.hold_flu(conn, desk.linde, 100)
    lines = [desk.flu_for(desk.eik, 100), hot.Line(desk.pneumo, desk.eik.home, 100, MONDAY)]
    await desk.hold(conn, desk.wants(desk.eik, *lines))
    assert await desk.taken(conn) == {MONDAY: (300, 2)}
    await desk.hold(conn, desk.wants(desk.eik, lines[0]))
    assert await desk.taken(conn) == {MONDAY: (200, 2)}
    await desk.release(conn, desk.linde, first.key)
    assert await desk.taken(conn) == {MONDAY: (100, 1)}


async def test_the_sweeper_waits_for_the_grace(desk, conn):
    await desk.hold_flu(conn, desk.linde)
    await pass_time(conn, 315)
    assert await hot.sweep(conn, grace_s=15, limit=10) == 0
    await pass_time(conn, 0.001)
    assert await hot.sweep(conn, grace_s=15, limit=10) == 1
    assert await desk.taken(conn) == {}
    assert await desk.state(conn, desk.linde) == "lapsed"
    assert await hot.sweep(conn, grace_s=15, limit=10) == 0


async def test_the_sweeper_takes_no_more_than_it_is_told(desk, conn):
    for member, day in ((desk.linde, MONDAY), (desk.eik, MONDAY), (desk.beuk, TUESDAY)):
        await desk.hold_flu(conn, member, 100, day)
    await pass_time(conn, 301)
    assert [await hot.sweep(conn, grace_s=0, limit=2) for _ in range(3)] == [2, 1, 0]
    assert await desk.taken(conn) == {}


async def test_the_sweeper_leaves_orders_and_running_windows_alone(desk, conn):
    held = await desk.hold_flu(conn, desk.linde, 100)
    await desk.confirm(conn, desk.linde, held.key)
    await pass_time(conn, 200)
    await desk.hold_flu(conn, desk.eik, 100)
    await pass_time(conn, 200)
    assert await hot.sweep(conn, grace_s=0, limit=10) == 0
    assert await desk.taken(conn) == {MONDAY: (200, 2)}


async def test_while_the_clock_stands_nothing_is_swept(desk, conn):
    """The desk's clock is advanced by nobody: whatever the wall clock says, no window ends."""
    held = await desk.hold_flu(conn, desk.linde)
    await conn.execute("update runtime_clock set advanced_at = advanced_at - interval '1 day'")
    assert await hot.sweep(conn, grace_s=0, limit=10) == 0
    assert (await desk.confirm(conn, desk.linde, held.key)).outcome == "ordered"
