"""Connections that come back, and a listener that knows when it may have missed something."""

import asyncio
from contextlib import asynccontextmanager

import pytest

from balie.runtime import link as module
from balie.runtime.hot import connect, fetch_one, notify
from balie.runtime.link import Link, Listener

KILL = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'balie listen'"


@asynccontextmanager
async def under_way(run):
    task = asyncio.create_task(run)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_a_connection_comes_back_after_a_loss(installation):
    used, link = asyncio.Queue(), Link(installation.dsn, name="test")

    async def use(conn):
        used.put_nowait(conn)
        await conn.execute("select pg_sleep(600)")

    async with under_way(link.run(use)):
        first = await used.get()
        assert link.conn is first
        with installation.connect() as other:
            other.execute("select pg_terminate_backend(%s)", (first.info.backend_pid,))
        second = await used.get()
        assert second is not first
        assert link.up.is_set()


async def test_what_goes_wrong_in_use_does_not_end_it(installation, monkeypatch):
    monkeypatch.setattr(module, "LONGEST_PAUSE_S", 0.05)
    turns, link = asyncio.Queue(), Link(installation.dsn, name="test")

    async def use(conn):
        turns.put_nowait(conn)
        raise RuntimeError("planted")

    async with under_way(link.run(use)):
        await turns.get()
        await turns.get()


async def test_while_the_database_is_away_there_is_no_connection():
    link = Link("postgresql:///none?host=/nonexistent", name="test")

    async def use(_conn):
        raise AssertionError

    async with under_way(link.run(use)):
        await asyncio.sleep(0.2)
        assert link.conn is None
        assert not link.up.is_set()


@pytest.fixture
async def ears(installation):
    """What a listener hears of rooms."""
    heard = asyncio.Queue()
    listener = Listener(installation.dsn)
    listener.on("room", heard.put_nowait)
    async with under_way(listener.run()):
        yield heard


async def test_it_hears_ids_of_its_topics_only(installation, ears):
    assert await ears.get() is None  # it has just begun: anything may have happened before
    async with await connect(installation.dsn, name="test") as conn:
        await notify(conn, "days:1", "room:x", "room:", "room", "room:3")
    assert await ears.get() == 3
    assert ears.empty()


async def test_after_an_interruption_it_says_that_it_may_have_missed_something(installation, ears):
    assert await ears.get() is None
    async with await connect(installation.dsn, name="test") as conn:
        await conn.execute(KILL)
        async with asyncio.timeout(10):
            assert await ears.get() is None
        await notify(conn, "room:4")
    assert await ears.get() == 4


async def test_silence_is_told_from_death(installation, monkeypatch):
    """In a quiet night nothing is heard for hours; the connection is asked now and then whether it lives."""
    monkeypatch.setattr(module, "LISTEN_CHECK_S", 0.05)
    heard = asyncio.Queue()
    listener = Listener(installation.dsn)
    listener.on("room", heard.put_nowait)
    async with under_way(listener.run()), await connect(installation.dsn, name="test") as conn:
        await heard.get()
        await asyncio.sleep(0.3)
        await notify(conn, "room:5")
        assert await heard.get() == 5


async def test_telling_waits_for_no_disk_and_leaves_what_comes_after_as_it_was(installation):
    async with (
        await connect(installation.dsn, name="test") as conn,
        await connect(installation.dsn, name="ears") as ears,
    ):
        await ears.execute("listen balie")
        await conn.execute("set synchronous_commit = on")
        async with conn.transaction():
            await notify(conn, "days:1", "room:2")
            during = await fetch_one(conn, "show synchronous_commit")
        after = await fetch_one(conn, "show synchronous_commit")
        heard = [each.payload async for each in ears.notifies(timeout=30, stop_after=2)]
    assert (during, after, set(heard)) == (("off",), ("on",), {"days:1", "room:2"})
