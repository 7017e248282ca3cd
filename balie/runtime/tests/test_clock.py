"""The service clock runs while it is advanced, runs on for two seconds at most, and then stands still."""

from datetime import timedelta

import pytest

from balie.runtime.duties import tick_clock
from balie.runtime.hot import advance_clock, beat, connect, drop_lease, fetch_one, take_lease

pytestmark = pytest.mark.every_postgres


async def shows(conn):
    return (await fetch_one(conn, "select service_now(), service_still()"))[:2]


async def let_pass(conn, seconds):
    """As if the last tick was so long ago; the clock of the test machine is left alone."""
    await conn.execute(
        "update runtime_clock set advanced_at = clock_timestamp() - make_interval(secs => %s)", (seconds,)
    )


async def test_it_stands_still_after_two_seconds_without_a_tick(installation):
    async with await connect(installation.dsn, name="test") as conn:
        await let_pass(conn, 3)
        first, still = await shows(conn)
        await let_pass(conn, 3600)
        second, _ = await shows(conn)
        assert still
        assert second == first


async def test_the_next_leader_goes_on_from_where_it_stood(installation):
    async with await connect(installation.dsn, name="test") as conn:
        await let_pass(conn, 600)
        stood, _ = await shows(conn)
        assert await advance_clock(conn, fence=1)
        resumed, still = await shows(conn)
        assert not still
        assert timedelta(0) <= resumed - stood < timedelta(seconds=1)


async def test_the_tick_that_ends_a_standstill_notes_it(installation):
    """From two seconds after the last tick until now, in wall time; other ticks note nothing."""
    async with await connect(installation.dsn, name="test") as conn:
        await let_pass(conn, 1)
        assert await advance_clock(conn, fence=1)
        await conn.execute("truncate runtime_standstill")
        await let_pass(conn, 1.5)
        assert await advance_clock(conn, fence=1)
        await let_pass(conn, 62)
        assert not await advance_clock(conn, fence=0)
        assert await advance_clock(conn, fence=1)
        query = "select ended_at - began_at, clock_timestamp() - ended_at from runtime_standstill"
        noted = await (await conn.execute(query)).fetchall()
        assert len(noted) == 1
        assert timedelta(seconds=60) <= noted[0][0] < timedelta(seconds=62)
        assert noted[0][1] < timedelta(seconds=2)


async def test_a_leader_with_an_old_fence_changes_nothing(installation):
    async with await connect(installation.dsn, name="test") as conn:
        assert await advance_clock(conn, fence=7)
        await let_pass(conn, 1)
        before = await (await conn.execute("select shows, advanced_at, fence from runtime_clock")).fetchone()
        assert not await advance_clock(conn, fence=6)
        assert await (await conn.execute("select shows, advanced_at, fence from runtime_clock")).fetchone() == before


async def test_control_without_the_limit_an_hour_of_illness_expires_every_hold(installation):
    """The harm that the limit of two seconds prevents: the plain difference jumps by the whole hour."""
    async with await connect(installation.dsn, name="test") as conn:
        stood = (await shows(conn))[0]
        await let_pass(conn, 3600)
        jumped = (await fetch_one(conn, "select shows + (clock_timestamp() - advanced_at) from runtime_clock"))[0]
        assert jumped - stood > timedelta(minutes=59)


async def test_it_stands_while_the_hot_paths_are_ill(installation):
    async with await connect(installation.dsn, name="test") as conn:
        await beat(conn, process="live@here:1", role="live", detail={})
        await let_pass(conn, 10)
        await tick_clock(conn, 1)
        assert not (await shows(conn))[1]
        await conn.execute("update runtime_heartbeat set beat_at = clock_timestamp() - interval '4 seconds'")
        await let_pass(conn, 10)
        await tick_clock(conn, 1)
        assert (await shows(conn))[1]


async def test_a_lease_has_one_owner_and_a_growing_fence(installation):
    async with await connect(installation.dsn, name="test") as conn:
        assert await take_lease(conn, duty="night", owner="a", seconds=60) == 1
        assert await take_lease(conn, duty="night", owner="b", seconds=60) is None
        assert await take_lease(conn, duty="night", owner="a", seconds=60) == 1
        await drop_lease(conn, duty="night", owner="a")
        assert await take_lease(conn, duty="night", owner="b", seconds=60) == 2
        assert await take_lease(conn, duty="night", owner="a", seconds=60) is None


async def test_a_lease_that_ran_out_goes_to_whoever_asks(installation):
    async with await connect(installation.dsn, name="test") as conn:
        assert await take_lease(conn, duty="night", owner="a", seconds=-1) == 1
        assert await take_lease(conn, duty="night", owner="b", seconds=60) == 2
