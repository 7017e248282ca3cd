"""The batcher: who shares a transaction, who fails alone, and what callers hear when the database does not answer."""

import asyncio
import time
from contextlib import asynccontextmanager
from uuid import uuid4

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from balie.ordering.bodies import HoldBody, KeyBody
from balie.ordering.hot import ConfirmRequest, confirm_batch, hold_batch
from balie.ordering.live import KINDS
from balie.ordering.tests.desk import MONDAY, TUESDAY, value
from balie.runtime import batcher as module
from balie.runtime.batcher import BATCH_MOST, Batcher, FaultError, Kind
from balie.runtime.hot import CHANNEL, connect
from balie.runtime.link import AwayError

NOBODY = 999_999


@asynccontextmanager
async def running(dsn, kinds=KINDS):
    batcher = Batcher(dsn, kinds, process="live@test")
    life = asyncio.create_task(batcher.run())
    await batcher.link.up.wait()
    try:
        yield batcher
    finally:
        life.cancel()
        await asyncio.wait({life})


@pytest.fixture
async def batcher(desk):
    async with running(desk.dsn) as batcher:
        yield batcher


def body(desk, member, day=MONDAY, *, doses=100, key=None):
    return HoldBody(member.practice, key or uuid4(), [desk.flu_for(member, doses, day)])


async def hold(batcher, desk, member, asked=None, *, arrived=None):
    asked = asked or body(desk, member)
    return await batcher.submit(
        "hold", desk.campaign, member.practice, (member.person, asked), arrived or time.monotonic()
    )


async def confirm(batcher, desk, member, key, *, person=None):
    asked = (person or member.person, KeyBody(member.practice, key))
    return await batcher.submit("confirm", desk.campaign, member.practice, asked, time.monotonic())


def members(desk):
    return [desk.linde, desk.eik, desk.beuk, desk.iep]


@asynccontextmanager
async def days_locked(desk):
    """Somebody else holds the lock of every day; yields what lets go of it."""
    async with desk.line() as other, other.transaction():
        await other.execute("select from ordering_delivery_day for update")
        yield other


async def test_requests_that_arrive_together_share_one_transaction(desk, batcher, conn):
    await conn.execute("update ordering_delivery_day set addresses_limit = 4")
    answers = await asyncio.gather(*(hold(batcher, desk, member) for member in members(desk)))
    assert {answer.outcome for answer in answers} == {"held"}
    assert await value(conn, "select count(distinct xmin::text) from ordering_hold") == 1
    assert batcher.settled == {4: 1}


async def test_each_gets_the_answer_to_its_own_request(desk, batcher):
    doses = {member: 100 * number for number, member in enumerate(members(desk)[:2], start=1)}
    answers = await asyncio.gather(
        *(hold(batcher, desk, member, body(desk, member, doses=many)) for member, many in doses.items())
    )
    assert [answer.lines[0].doses for answer in answers] == [100, 200]


async def test_a_practices_second_request_waits_for_the_next_batch(desk, batcher, conn):
    asked = [body(desk, desk.linde, MONDAY), body(desk, desk.linde, TUESDAY)]
    answers = await asyncio.gather(
        hold(batcher, desk, desk.eik), *(hold(batcher, desk, desk.linde, each) for each in asked)
    )
    assert [answer.outcome for answer in answers] == ["held"] * 3
    assert batcher.settled == {2: 1, 1: 1}
    assert (
        await value(conn, "select hold_key from judge.holds where practice = %s", desk.linde.practice) == asked[1].key
    )


async def test_control_in_one_batch_both_requests_of_a_practice_would_fail(desk, conn):
    requests = [desk.wants(desk.linde, desk.flu_for(desk.linde)) for _ in range(2)]
    with pytest.raises(psycopg.errors.CardinalityViolation):
        await hold_batch(conn, desk.campaign, requests)


async def test_a_batch_has_64_requests_at_most(desk):
    sizes = []

    async def settle(_conn, _about, jobs):
        sizes.append(len(jobs))
        return [job.subject for job in jobs]

    async with running(desk.dsn, {"hold": Kind(settle, "days")}) as batcher:
        asked = range(1, 151)
        answers = await asyncio.gather(*(batcher.submit("hold", 1, each, None, time.monotonic()) for each in asked))
    assert answers == list(asked)
    assert sizes == [BATCH_MOST, BATCH_MOST, 150 - 2 * BATCH_MOST]


async def test_one_bad_request_fails_alone(desk, batcher, conn):
    """Its person does not exist, which the database finds out only when it commits."""
    await conn.execute("update ordering_delivery_day set addresses_limit = 4")
    held = [await hold(batcher, desk, member) for member in members(desk)]
    clicks = [
        confirm(batcher, desk, member, answer.key, person=NOBODY if member is desk.beuk else None)
        for member, answer in zip(members(desk), held, strict=True)
    ]
    answers = await asyncio.gather(*clicks, return_exceptions=True)
    assert [getattr(answer, "outcome", type(answer)) for answer in answers] == [
        "ordered",
        "ordered",
        FaultError,
        "ordered",
    ]
    assert await value(conn, "select count(*) from judge.orders") == 3
    assert (await confirm(batcher, desk, desk.beuk, held[2].key)).outcome == "ordered"


async def test_control_without_bisecting_all_of_them_fail(desk, batcher, conn):
    held = [await hold(batcher, desk, member) for member in members(desk)[:2]]
    requests = [
        ConfirmRequest(member.practice, answer.key, person, 0)
        for member, answer, person in zip(members(desk), held, [desk.linde.person, NOBODY], strict=False)
    ]
    with pytest.raises(psycopg.errors.ForeignKeyViolation):
        await confirm_batch(conn, desk.campaign, requests)
    assert await value(conn, "select count(*) from judge.orders") == 0


async def test_a_lost_connection_is_heard_by_every_caller_and_comes_back(desk, batcher, conn):
    asked = {member: body(desk, member) for member in members(desk)[:2]}
    async with days_locked(desk):
        waiting = [asyncio.create_task(hold(batcher, desk, member, each)) for member, each in asked.items()]
        await until(conn, "select count(*) = 1 from pg_stat_activity where wait_event_type = 'Lock'")
        queued = asyncio.create_task(hold(batcher, desk, desk.beuk))
        await asyncio.sleep(0)
        await conn.execute("select pg_terminate_backend(pid) from pg_stat_activity where wait_event_type = 'Lock'")
        lost = await asyncio.gather(*waiting, queued, return_exceptions=True)
    assert [type(answer) for answer in lost] == [AwayError] * 3
    await batcher.link.up.wait()
    answers = [await hold(batcher, desk, member, each) for member, each in asked.items()]
    assert [answer.outcome for answer in answers] == ["held", "held"]
    assert await desk.taken(conn) == {MONDAY: (200, 2)}


async def test_without_a_database_nobody_waits(desk, batcher, conn):
    async with await connect(make_conninfo(desk.dsn, dbname="postgres"), name="test") as outside:
        await outside.execute(f"alter database {conn.info.dbname} allow_connections false".encode())
        await conn.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name like '% batch'"
        )
        await until_true(lambda: not batcher.link.up.is_set())
        began = time.monotonic()
        with pytest.raises(AwayError):
            await hold(batcher, desk, desk.linde)
        assert time.monotonic() - began < 0.1
        await outside.execute(f"alter database {conn.info.dbname} allow_connections true".encode())
    await batcher.link.up.wait()
    assert (await hold(batcher, desk, desk.linde)).outcome == "held"


async def test_a_lock_that_is_held_for_half_a_second_is_waited_for_twice(desk, batcher, conn):
    async with days_locked(desk):
        waiting = asyncio.create_task(hold(batcher, desk, desk.linde))
        await until(conn, "select count(*) = 1 from pg_stat_activity where wait_event_type = 'Lock'")
        await asyncio.sleep(0.6)  # past the lock's own limit of half a second
        assert not waiting.done()
    assert (await waiting).outcome == "held"


async def test_a_lock_that_is_held_for_longer_is_told(desk, batcher):
    async with days_locked(desk):
        began = time.monotonic()
        with pytest.raises(AwayError):
            await hold(batcher, desk, desk.linde)
        assert 0.9 < time.monotonic() - began < 3
    assert batcher.link.up.is_set()
    assert (await hold(batcher, desk, desk.linde)).outcome == "held"


async def test_time_is_judged_at_receipt_however_long_it_took_to_get_there(desk):
    seen, begun = [], asyncio.Event()

    async def settle(_conn, _about, jobs):
        seen.append([job.elapsed_ms for job in jobs])
        begun.set()
        await asyncio.sleep(0.2)
        return jobs

    async with running(desk.dsn, {"hold": Kind(settle, "days")}) as batcher:
        now = time.monotonic()
        first = asyncio.create_task(batcher.submit("hold", 1, 1, None, now - 5))
        await begun.wait()
        await asyncio.gather(first, batcher.submit("hold", 1, 2, None, time.monotonic()))
    assert 5000 <= seen[0][0] < 7000
    assert 100 <= seen[1][0] < 2000  # it waited for the batch before it


async def test_a_request_that_took_too_long_to_get_here_is_not_settled(desk, batcher, conn):
    """Its body came eleven seconds after its first line: it may not claim a window that was given back since."""
    with pytest.raises(AwayError):
        await hold(batcher, desk, desk.linde, arrived=time.monotonic() - 11)
    assert await desk.taken(conn) == {}
    assert (await hold(batcher, desk, desk.linde, arrived=time.monotonic() - 9)).outcome == "held"


async def test_nobody_waits_longer_than_the_deadline(desk, monkeypatch):
    monkeypatch.setattr(module, "DEADLINE_S", 0.3)
    monkeypatch.setattr(module, "DEADLINE_LOOK_S", 0.05)
    stuck = asyncio.Event()

    async def settle(_conn, _about, jobs):
        await stuck.wait()
        return jobs

    async with running(desk.dsn, {"hold": Kind(settle, "days")}) as batcher:
        began = time.monotonic()
        asked = [asyncio.create_task(batcher.submit("hold", 1, each, None, began)) for each in range(1, 100)]
        answers = await asyncio.gather(*asked, return_exceptions=True)
        assert {type(answer) for answer in answers} == {AwayError}
        assert time.monotonic() - began < 2


async def test_who_comes_when_too_many_wait_is_told_at_once(desk, monkeypatch):
    monkeypatch.setattr(module, "WAITING_MOST", 3)
    stuck = asyncio.Event()

    async def settle(_conn, _about, jobs):
        await stuck.wait()
        return jobs

    async with running(desk.dsn, {"hold": Kind(settle, "days")}) as batcher:
        waiting = [asyncio.create_task(batcher.submit("hold", 1, each, None, time.monotonic())) for each in (1, 2, 3)]
        await asyncio.sleep(0)
        with pytest.raises(AwayError):
            await batcher.submit("hold", 1, 4, None, time.monotonic())
        stuck.set()
        await asyncio.gather(*waiting)


async def test_news_is_told_after_the_commit_and_not_for_every_batch(desk, batcher):
    async with await connect(desk.dsn, name="test") as ears:
        await ears.execute(f"listen {CHANNEL}".encode())
        began = time.monotonic()
        for _ in range(20):
            await hold(batcher, desk, desk.linde)
        took = time.monotonic() - began
        heard = [each.payload async for each in ears.notifies(timeout=0.5)]
    assert set(heard) == {f"days:{desk.campaign}"}
    assert 1 <= len(heard) <= took / module.NOTIFY_EVERY_S + 2


async def test_a_request_that_comes_while_others_are_told_does_not_wait_for_the_next_time(desk, monkeypatch):
    monkeypatch.setattr(module, "BEAT_EVERY_S", 60.0)
    telling, told = asyncio.Event(), asyncio.Event()

    async def slow_beat(*_args, **_kwargs):
        telling.set()
        await told.wait()

    monkeypatch.setattr(module, "beat", slow_beat)
    async with running(desk.dsn) as batcher, asyncio.timeout(10):
        await telling.wait()
        waiting = asyncio.create_task(hold(batcher, desk, desk.linde))
        await asyncio.sleep(0)
        told.set()
        assert (await waiting).outcome == "held"


async def test_it_says_that_it_lives_and_how_long_batches_take(desk, batcher, conn):
    await hold(batcher, desk, desk.linde)
    await until(conn, "select (detail ->> 'commit_ms')::float > 0 from runtime_heartbeat where process = 'live@test'")
    assert await value(conn, "select role from runtime_heartbeat") == "live"
    assert 0 < batcher.commit_ms < 5000


async def test_a_batch_under_way_counts_while_it_lasts(desk, batcher):
    async with days_locked(desk):
        waiting = asyncio.create_task(hold(batcher, desk, desk.linde))
        await until_true(lambda: batcher.commit_ms > 200)
    await waiting


async def until(conn, query):
    """Until the query says true."""
    async with asyncio.timeout(10):
        while not await value(conn, query):  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0.01)


async def until_true(condition):
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - nothing else tells
            await asyncio.sleep(0.01)
