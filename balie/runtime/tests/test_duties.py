"""Duties go on after a fault, and a single duty is done by one process at a time."""

import asyncio

from balie.runtime.duties import process_name, repeat, repeat_single


async def test_a_duty_begins_again_after_its_act_failed(installation):
    stop, turns = asyncio.Event(), []

    async def act(_conn):
        turns.append(1)
        if len(turns) == 1:
            raise RuntimeError("planted")
        stop.set()

    await asyncio.wait_for(repeat(dsn=installation.dsn, name="test", interval_s=0.01, act=act, stop=stop), 10)
    assert len(turns) == 2


async def test_a_duty_begins_again_after_its_connection_was_killed(installation):
    stop, backends = asyncio.Event(), []

    async def act(conn):
        backends.append(conn.info.backend_pid)
        if len(backends) == 1:
            with installation.connect() as other:
                other.execute("select pg_terminate_backend(%s)", (backends[0],))
            await conn.execute("select 1")
        stop.set()

    await asyncio.wait_for(repeat(dsn=installation.dsn, name="test", interval_s=0.01, act=act, stop=stop), 10)
    assert len(backends) == 2
    assert backends[0] != backends[1]


async def test_a_duty_begins_again_when_its_database_says_nothing_more(installation):
    """Without an error that says so: the machine is gone, and the connection knows nothing of it."""
    stop, backends = asyncio.Event(), []

    async def act(conn):
        backends.append(conn.info.backend_pid)
        if len(backends) == 1:
            await asyncio.Event().wait()
        stop.set()

    duty = repeat(dsn=installation.dsn, name="test", interval_s=0.01, act=act, stop=stop, within_s=0.05)
    await asyncio.wait_for(duty, 10)
    assert len(set(backends)) == 2


async def test_a_single_duty_passes_on_when_its_owner_stops(installation):
    first, second, acted = asyncio.Event(), asyncio.Event(), []

    def single(owner, stop):
        async def act(_conn, fence):
            acted.append((owner, fence))
            stop.set()

        return repeat_single(
            dsn=installation.dsn, duty="test", owner=owner, interval_s=0.01, lease_s=60, act=act, stop=stop
        )

    await asyncio.wait_for(single("a", first), 10)
    await asyncio.wait_for(single("b", second), 10)
    assert acted == [("a", 1), ("b", 2)]


def test_processes_that_share_host_and_number_still_have_names_of_their_own():
    """As in two containers, where each process is number 1."""
    assert process_name("work") != process_name("work")
