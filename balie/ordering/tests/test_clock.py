"""The service clock catches up with the wall clock only while nobody is in a window."""

from datetime import timedelta

import pytest

from balie.ordering.clock import tick_or_catch_up
from balie.ordering.testing import make_campaign, make_hold
from balie.practices.testing import make_practice
from balie.runtime.hot import connect, fetch_one


@pytest.fixture
def held(installation):
    return make_hold(make_campaign(), make_practice(), [])


async def stood_for_an_hour(conn):
    await conn.execute(
        "update runtime_clock set shows = clock_timestamp() - interval '1 hour', advanced_at = clock_timestamp()"
    )


async def behind(conn):
    return (await fetch_one(conn, "select clock_timestamp() - service_now()"))[0]


async def test_it_catches_up_when_nobody_holds_anything(installation):
    async with await connect(installation.dsn, name="test") as conn:
        await stood_for_an_hour(conn)
        await tick_or_catch_up(conn, 1)
        assert await behind(conn) < timedelta(seconds=1)


async def test_it_ticks_on_from_where_it_stood_while_somebody_does(installation, held):
    async with await connect(installation.dsn, name="test") as conn:
        await stood_for_an_hour(conn)
        await tick_or_catch_up(conn, 1)
        assert await behind(conn) > timedelta(minutes=59)


async def test_it_waits_for_a_hold_that_is_being_made(installation):
    async with (
        await connect(installation.dsn, name="holds") as holds,
        await connect(installation.dsn, name="leads") as leads,
    ):
        await stood_for_an_hour(leads)
        async with holds.transaction():
            await holds.execute("lock table ordering_hold in row exclusive mode")
            await tick_or_catch_up(leads, 1)
            assert await behind(leads) > timedelta(minutes=59)
        await tick_or_catch_up(leads, 1)
        assert await behind(leads) < timedelta(seconds=1)


async def test_an_old_leader_does_not_move_it(installation):
    async with await connect(installation.dsn, name="test") as conn:
        await conn.execute("update runtime_clock set fence = 5")
        await stood_for_an_hour(conn)
        await tick_or_catch_up(conn, 4)
        assert await behind(conn) > timedelta(minutes=59)


async def test_a_standstill_that_ends_in_catching_up_is_noted_once(installation):
    async with await connect(installation.dsn, name="test") as conn:
        await conn.execute("truncate runtime_standstill")
        await conn.execute(
            "update runtime_clock set shows = clock_timestamp() - interval '1 hour',"
            " advanced_at = clock_timestamp() - interval '1 minute'"
        )
        for _ in range(2):
            await tick_or_catch_up(conn, 1)
        assert await behind(conn) < timedelta(seconds=1)
        query = "select count(*), max(ended_at - began_at) from runtime_standstill"
        count, lasted = (await fetch_one(conn, query))[:2]
        assert count == 1
        assert timedelta(seconds=58) <= lasted < timedelta(seconds=60)
