"""Joining, freezing, drawing and calling, on real connections."""

import asyncio
from uuid import UUID

import psycopg
import pytest

from balie.runtime.hot import beat, connect, take_lease
from balie.waitingroom.draw import draw_numbers, hash_list
from balie.waitingroom.hot import call_numbers, freeze, join_batch, read_room, read_tickets, write_draw
from balie.waitingroom.models import Room
from balie.waitingroom.night import Night
from balie.waitingroom.testing import make_room

pytestmark = pytest.mark.every_postgres


@pytest.fixture
def room(installation, request):
    return make_room(**getattr(request, "param", {}))


@pytest.fixture
def early_and_late(installation):
    return make_room(doors_in_s=60, draws_in_s=120), make_room(doors_in_s=-60, draws_in_s=-50, closes_in_s=-1)


async def lead(conn):
    fence = await take_lease(conn, duty="night", owner="test", seconds=60)
    assert fence
    return fence


@pytest.mark.parametrize("room", [{"draws_in_s": 600}], indirect=True)
async def test_a_holder_has_one_ticket_however_often_it_joins(installation, room):
    async with await connect(installation.dsn, name="test") as conn:
        first = await join_batch(conn, room.pk, [7, 8, 7])
        again = await join_batch(conn, room.pk, [8])
        tickets = await read_tickets(conn, room.pk, 0)
    assert [answer.outcome for answer in first] == ["joined"] * 3
    assert first[0].ticket == first[2].ticket
    assert first[1].ticket == again[0].ticket
    assert [(ticket.holder, ticket.arrival, ticket.number) for ticket in tickets] == [(7, 1, None), (8, 2, None)]


async def test_doors_before_and_after(installation, early_and_late):
    early, late = early_and_late
    async with await connect(installation.dsn, name="test") as conn:
        assert [answer.outcome for answer in await join_batch(conn, early.pk, [1, 2])] == ["not_open", "not_open"]
        assert [answer.outcome for answer in await join_batch(conn, late.pk, [1])] == ["closed"]
        assert await read_tickets(conn, early.pk, 0) == []


async def test_who_has_a_ticket_still_hears_it_after_the_end(installation, room):
    async with await connect(installation.dsn, name="test") as conn:
        joined = await join_batch(conn, room.pk, [1])
        await conn.execute("update waitingroom_room set closes_at = clock_timestamp()")
        assert [(a.outcome, a.ticket) for a in await join_batch(conn, room.pk, [1])] == [("joined", joined[0].ticket)]


async def test_the_draw_numbers_the_frozen_list_and_newcomers_follow_in_order(installation, room):
    async with await connect(installation.dsn, name="test") as conn:
        fence = await lead(conn)
        early = await join_batch(conn, room.pk, range(1, 101))
        assert await freeze(conn, room=room.pk, fence=fence)
        assert not await freeze(conn, room=room.pk, fence=fence)
        late = await join_batch(conn, room.pk, [201, 202])
        frozen = (await read_room(conn, room.pk)).rounds[0]
        listed = [str(answer.ticket) for answer in early]
        assert frozen.list_hash == hash_list(listed)
        assert frozen.drawn_count == 100
        order = draw_numbers(seed=frozen.seed, beacon=b"", tickets=listed)
        assert await write_draw(conn, room=room.pk, fence=fence, round_=1, tickets=order, beacon=None)
        assert not await write_draw(conn, room=room.pk, fence=fence, round_=1, tickets=order[::-1], beacon=None)
        tickets = {str(ticket.id): ticket.number for ticket in await read_tickets(conn, room.pk, 0)}
    assert [tickets[ticket] for ticket in order] == list(range(1, 101))
    assert [answer.number for answer in late] == [101, 102]


async def test_numbers_are_called_in_order_and_never_past_the_last(installation, room):
    async with await connect(installation.dsn, name="test") as conn:
        fence = await lead(conn)
        await join_batch(conn, room.pk, range(1, 11))
        assert await call_numbers(conn, room=room.pk, fence=fence, count=3) == 0, "nobody is called before the draw"
        await Night(beacon_url="").act(conn, fence)
        assert await call_numbers(conn, room=room.pk, fence=fence, count=4) == 4
        assert await call_numbers(conn, room=room.pk, fence=fence, count=100) == 6
        await conn.execute("update waitingroom_room set paused = true")
        await join_batch(conn, room.pk, [50])
        assert await call_numbers(conn, room=room.pk, fence=fence, count=1) == 0
        tickets = sorted(await read_tickets(conn, room.pk, 0), key=lambda ticket: ticket.number)
    called = [ticket.called_at for ticket in tickets]
    assert called[:10] == sorted(called[:10])
    assert called[10] is None


async def test_a_wave_is_called_at_one_moment_in_whatever_order_the_database_finds_it(installation, room):
    async with await connect(installation.dsn, name="test") as conn:
        fence = await lead(conn)
        await join_batch(conn, room.pk, range(1, 101))
        await Night(beacon_url="").act(conn, fence)
        await conn.execute("set enable_seqscan = on; set enable_indexscan = off; set enable_bitmapscan = off")
        assert await call_numbers(conn, room=room.pk, fence=fence, count=100) == 100
        tickets = await read_tickets(conn, room.pk, 0)
    assert len({ticket.called_at for ticket in tickets}) == 1


async def test_a_leader_with_an_old_fence_neither_freezes_nor_calls(installation, room):
    async with await connect(installation.dsn, name="test") as conn:
        old = await take_lease(conn, duty="night", owner="a", seconds=-1)
        new = await take_lease(conn, duty="night", owner="b", seconds=60)
        await join_batch(conn, room.pk, [1, 2])
        assert not await freeze(conn, room=room.pk, fence=old)
        await Night(beacon_url="").act(conn, new)
        assert await call_numbers(conn, room=room.pk, fence=old, count=1) == 0


async def test_joins_at_the_moment_of_the_draw_are_in_the_list_or_behind_it(installation, room):
    """P6: eight connections join while the list freezes; whoever is not in the frozen list has a number behind it."""

    async def join_some(first):
        async with await connect(installation.dsn, name=f"test {first}") as conn:
            for holder in range(first, first + 20):
                await join_batch(conn, room.pk, [holder])

    async def draw():
        async with await connect(installation.dsn, name="leader") as conn:
            await Night(beacon_url="").act(conn, await lead(conn))

    await asyncio.gather(
        *(join_some(first * 100) for first in range(1, 5)), draw(), *(join_some(n * 100) for n in range(5, 9))
    )
    async with await connect(installation.dsn, name="test") as conn:
        row, tickets = (await read_room(conn, room.pk)).rounds[0], await read_tickets(conn, room.pk, 0)
    inside, behind = tickets[: row.drawn_count], tickets[row.drawn_count :]
    assert len(tickets) == 160
    assert hash_list(str(ticket.id) for ticket in inside) == row.list_hash
    assert sorted(ticket.number for ticket in inside) == list(range(1, row.drawn_count + 1))
    assert [ticket.number for ticket in behind] == list(range(row.drawn_count + 1, 161))


async def test_control_without_the_rooms_lock_a_join_slips_behind_the_freeze_without_a_number(installation, room):
    """The harm: the list is counted while another transaction's ticket is not yet committed, so it is nowhere."""
    async with (
        await connect(installation.dsn, name="joins") as joins,
        await connect(installation.dsn, name="leads") as leads,
    ):
        body = (
            await (await joins.execute("select pg_get_functiondef('waitingroom_join_batch_v1'::regproc)")).fetchone()
        )[0]
        unlocked = body.replace("waitingroom_join_batch_v1", "join_unlocked").replace(" for no key update", "")
        # The update of the counter is a lock too; the control must do without it.
        unlocked = unlocked.replace("update waitingroom_room r", "update pg_temp.counter r")
        assert unlocked.count("for no key update") == 0
        assert "pg_temp.counter" in unlocked
        await joins.execute("create temp table counter as select * from waitingroom_room")
        await joins.execute(unlocked)
        async with joins.transaction():
            await joins.execute("select * from join_unlocked(%s, array[1::bigint])", (room.pk,))
            assert await freeze(leads, room=room.pk, fence=await lead(leads))
        row, tickets = (await read_room(leads, room.pk)).rounds[0], await read_tickets(leads, room.pk, 0)
    assert row.drawn_count == 0
    assert [ticket.number for ticket in tickets] == [None], "it is in no list and has no number"


async def test_the_freeze_waits_for_a_join_that_is_under_way(installation, room):
    async with (
        await connect(installation.dsn, name="joins") as joins,
        await connect(installation.dsn, name="leads") as leads,
    ):
        fence = await lead(leads)
        async with joins.transaction():
            await join_batch(joins, room.pk, [1])
            with pytest.raises(psycopg.errors.LockNotAvailable):
                await freeze(leads, room=room.pk, fence=fence)
        assert await freeze(leads, room=room.pk, fence=fence)
        assert (await read_room(leads, room.pk)).rounds[0].drawn_count == 1


@pytest.mark.parametrize("room", [{"pace": 600}], indirect=True)
async def test_the_pace_is_kept_and_slow_commits_only_slow_it(installation, room, monkeypatch):
    moment = [1000.0]
    monkeypatch.setattr("balie.waitingroom.night.time.monotonic", lambda: moment[0])
    async with await connect(installation.dsn, name="test") as conn:
        fence, night = await lead(conn), Night(beacon_url="")
        await join_batch(conn, room.pk, range(1, 201))
        await night.act(conn, fence)

        async def after(seconds):
            moment[0] += seconds
            await conn.execute("update runtime_clock set advanced_at = clock_timestamp()")
            await night.act(conn, fence)
            return (await read_room(conn, room.pk)).called

        assert await after(0) == 0
        assert await after(1) == 10
        assert await after(0.25) == 12
        assert await after(0.25) == 15
        assert await after(3600) == 45, "a leader that comes back makes up for three seconds, not for an hour"
        await beat(conn, process="live@here:1", role="live", detail={"commit_ms": 500})
        assert await after(1) == 50
        await beat(conn, process="live@here:1", role="live", detail={"commit_ms": 1})
        assert await after(1) == 60
        await conn.execute("update runtime_clock set advanced_at = clock_timestamp() - interval '3 seconds'")
        moment[0] += 1
        await night.act(conn, fence)
        assert (await read_room(conn, room.pk)).called == 60, "nobody is called while the service clock stands"


async def test_a_beacon_that_stays_away_delays_the_draw_and_then_is_done_without(installation, room):
    async with await connect(installation.dsn, name="test") as conn:
        fence, night = await lead(conn), Night(beacon_url="http://localhost:1")
        await join_batch(conn, room.pk, [1, 2, 3])
        await night.act(conn, fence)
        row = (await read_room(conn, room.pk)).rounds[0]
        assert row.frozen_at is not None
        assert row.drawn_at is None
        await conn.execute("update waitingroom_round set frozen_at = frozen_at - interval '61 seconds'")
        await night.act(conn, fence)
        row = (await read_room(conn, room.pk)).rounds[0]
        assert row.drawn_at is not None
        assert row.beacon is None


def test_the_database_refuses_a_second_ticket_and_a_second_number(installation):
    room = make_room()
    with installation.connect() as conn:
        columns = "(id, holder, round, arrival, arrived_at, number, called_at, room_id)"
        insert = f"insert into waitingroom_ticket {columns} values (%s, %s, 1, %s, now(), %s, null, %s)"
        conn.execute(insert, (UUID(int=1), 1, 1, 5, room.pk))
        for row in [(UUID(int=2), 1, 2, 6), (UUID(int=2), 2, 2, 5), (UUID(int=2), 2, 1, 6)]:
            with pytest.raises(psycopg.errors.UniqueViolation):
                conn.execute(insert, (*row, room.pk))


def test_a_room_has_its_times_in_order(installation):
    with pytest.raises(Exception, match="times_in_order"):
        make_room(doors_in_s=10, closes_in_s=5)
    assert not Room.objects.exists()
