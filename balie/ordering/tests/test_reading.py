"""What the pictures are read from, and what a judge may see."""

from datetime import timedelta

import psycopg
import pytest

from balie.lib.sqlfiles import read_sql
from balie.ordering import hot
from balie.ordering.hot import Line
from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY, pass_time


async def test_days_tell_held_from_ordered(desk, conn):
    first = await desk.hold_flu(conn, desk.linde, 300)
    await desk.confirm(conn, desk.linde, first.key)
    lines = [Line(product, desk.eik.home, 100, MONDAY) for product in (desk.flu, desk.pneumo)]
    await desk.hold(conn, desk.wants(desk.eik, *lines))
    await desk.hold_flu(conn, desk.beuk, 50, TUESDAY)
    assert await hot.read_days(conn, desk.campaign) == [
        hot.DayRow(MONDAY, 1000, 500, 200, 2, 2, 1),
        hot.DayRow(TUESDAY, 1000, 50, 50, 2, 1, 1),
        hot.DayRow(WEDNESDAY, 1000, 0, 0, 2, 0, 0),
    ]


async def test_what_has_lapsed_counts_as_held_until_it_is_swept(desk, conn):
    await desk.hold_flu(conn, desk.linde, 300)
    await pass_time(conn, 400)
    assert (await hot.read_days(conn, desk.campaign))[0].doses_held == 300
    await hot.sweep(conn, grace_s=0, limit=10)
    assert (await hot.read_days(conn, desk.campaign))[0] == hot.DayRow(MONDAY, 1000, 0, 0, 2, 0, 0)


async def test_mine_goes_from_ticket_to_hold_to_order(desk, conn):
    async def mine():
        return await hot.read_mine(conn, desk.campaign, desk.eik.practice)

    first = await mine()
    assert (first.still, first.window_s, first.version, first.hold, first.order) == (True, 300, 0, None, None)
    assert (first.ticket.number, first.ticket.called) == (2, True)
    held = await desk.hold_flu(conn, desk.eik)
    await pass_time(conn, 73)
    hold = (await mine()).hold
    assert (hold.key, hold.lines, hold.expires_at) == (held.key, held.lines, held.expires_at)
    assert (hold.remaining_ms, hold.live) == (227_000, True)
    await pass_time(conn, 228)
    assert ((await mine()).hold.remaining_ms, (await mine()).hold.live) == (0, False)
    await hot.sweep(conn, grace_s=0, limit=10)
    lapsed = (await mine()).hold
    assert (lapsed.key, lapsed.lines, lapsed.live) == (held.key, held.lines, False)
    again = await desk.hold_flu(conn, desk.eik)
    order = await desk.confirm(conn, desk.eik, again.key)
    last = await mine()
    assert (last.hold, last.order, last.auto) == (None, hot.MyOrder(order.number, order.placed_at), None)
    assert last.now - first.now == timedelta(seconds=301)


async def test_mine_tells_whether_balie_orders(desk, conn):
    async def auto():
        return (await hot.read_mine(conn, desk.campaign, desk.eik.practice)).auto

    await desk.prepare(conn, desk.eik, desk.flu_for(desk.eik, 500, None), ranking=[MONDAY], auto="parts")
    await desk.prepare(conn, desk.linde, desk.flu_for(desk.linde, 500, None), ranking=[MONDAY])
    assert await auto() == hot.MyAuto(parts=True, failed_at=None)
    await conn.execute("update ordering_prepared_order set failed_at = clock_timestamp()")
    assert (await auto()).failed_at is not None
    await conn.execute("update ordering_prepared_order set auto = 'off'")
    assert await auto() is None


async def test_mine_without_a_ticket(desk, conn):
    await conn.execute("update waitingroom_ticket set number = null where holder = %s", (desk.linde.practice,))
    await conn.execute("delete from waitingroom_ticket where holder = %s", (desk.eik.practice,))
    ticket = (await hot.read_mine(conn, desk.campaign, desk.linde.practice)).ticket
    assert (ticket.number, ticket.called) == (None, False)
    assert (await hot.read_mine(conn, desk.campaign, desk.eik.practice)).ticket is None


async def test_mine_of_an_unknown_campaign(desk, conn):
    with pytest.raises(LookupError):
        await hot.read_mine(conn, 999, desk.linde.practice)


VIEWS = {
    "orders": "campaign practice number hold_key placed_at auto slot",
    "order_lines": "campaign number day product doses location address",
    "days": "campaign day doses_limit addresses_limit doses_taken addresses_taken",
    "holds": "campaign practice hold_key state expires_at day product doses location slot",
    "tickets": "campaign ticket practice arrived_at number called_at round",
    "mail": "reference recipient message_id state attempts created_at sent_at",
    "prepared": "campaign practice auto auto_since failed_at",
    "prepared_lines": "campaign practice product location doses",
    "wishes": "campaign practice rank day",
    "clock": "service_now wall_now",
}


@pytest.mark.every_postgres
async def test_a_judge_reads_the_views_and_nothing_else(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    await desk.confirm(conn, desk.linde, held.key)
    await desk.hold_flu(conn, desk.eik)
    await desk.prepare(conn, desk.beuk, desk.flu_for(desk.beuk, 500, None), ranking=[MONDAY])
    for _ in range(2):  # it may be run again
        await conn.execute(read_sql("ordering", "judge_role"))
    async with await psycopg.AsyncConnection.connect(desk.dsn, user="balie_judge", autocommit=True) as judge:
        for view, columns in VIEWS.items():
            cursor = await judge.execute(f"select * from judge.{view}")
            assert [column.name for column in cursor.description] == columns.split()
            assert await cursor.fetchone(), view
        states = await judge.execute("select state, doses from judge.holds order by practice")
        assert await states.fetchall() == [("ordered", 500), ("held", 500)]
        for forbidden in (
            "select 1 from practices_person",
            "delete from judge.orders",
            "update runtime_clock set id=1",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                await judge.execute(forbidden)


async def test_a_practice_without_lines_is_one_row_for_the_judge(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    await desk.release(conn, desk.linde, held.key)
    cursor = await conn.execute("select state, hold_key, day, doses from judge.holds")
    assert await cursor.fetchall() == [("none", None, None, None)]
