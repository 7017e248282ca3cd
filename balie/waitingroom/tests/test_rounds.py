"""A room with several rounds: each has its own freeze and draw, and they meet in one line of numbers."""

import asyncio
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from balie.runtime.hot import connect, take_lease
from balie.waitingroom.draw import draw_numbers, hash_list
from balie.waitingroom.hot import call_numbers, freeze, join_batch, read_room, read_tickets, write_draw
from balie.waitingroom.models import Placement, Round
from balie.waitingroom.night import Night
from balie.waitingroom.services import Opening, set_openings
from balie.waitingroom.testing import make_room

pytestmark = pytest.mark.every_postgres


@pytest.fixture
def room(installation, request):
    """Two rounds, of which the first is about to open; odd holders belong in it, and even ones in the second."""
    made = make_room(draws_in_s=getattr(request, "param", (-1, 600)))
    Placement.objects.bulk_create(Placement(room=made, holder=holder, round=1) for holder in range(1, 1000, 2))
    return made


@pytest.fixture
async def conn(installation):
    async with await connect(installation.dsn, name="test") as conn:
        yield conn


async def lead(conn, owner="test"):
    fence = await take_lease(conn, duty="night", owner=owner, seconds=60)
    assert fence
    return fence


async def open_second(conn):
    await conn.execute("update waitingroom_round set draw_at = clock_timestamp() where position = 2")


def by_holder(tickets):
    return {ticket.holder: ticket for ticket in tickets}


async def test_a_ticket_knows_its_round_and_whoever_has_no_place_is_in_the_last(conn, room):
    answers = await join_batch(conn, room.pk, [1, 2, 5000])
    assert [answer.round for answer in answers] == [1, 2, 2]
    assert [answer.round for answer in await join_batch(conn, room.pk, [2, 1])] == [2, 1]


async def test_rounds_open_one_after_the_other_and_their_numbers_go_on(conn, room):
    fence, night = await lead(conn), Night(beacon_url="")
    await join_batch(conn, room.pk, range(1, 41))
    await night.act(conn, fence)
    first, second = (await read_room(conn, room.pk)).rounds
    assert (first.first_number, first.drawn_count, second.frozen_at) == (1, 20, None)
    late = await join_batch(conn, room.pk, [41, 42])
    assert [answer.number for answer in late] == [21, None], "late for the first round, in time for the second"
    assert await call_numbers(conn, room=room.pk, fence=fence, count=100) == 21

    await open_second(conn)
    await night.act(conn, fence)
    second = (await read_room(conn, room.pk)).rounds[1]
    tickets = by_holder(await read_tickets(conn, room.pk, 0))
    assert (second.first_number, second.drawn_count) == (22, 21)
    drawn = [tickets[holder] for holder in range(2, 43, 2)]
    assert second.list_hash == hash_list(str(ticket.id) for ticket in drawn)
    order = draw_numbers(seed=second.seed, beacon=b"", tickets=[str(ticket.id) for ticket in drawn])
    assert {str(ticket.id): ticket.number for ticket in drawn} == {each: n for n, each in enumerate(order, start=22)}
    assert [answer.number for answer in await join_batch(conn, room.pk, [43, 44])] == [43, 44]


async def test_the_rounds_have_seals_of_their_own(conn, room):
    first, second = (await read_room(conn, room.pk)).rounds
    assert first.seed != second.seed
    assert first.seed_hash != second.seed_hash


async def test_nobody_is_called_past_a_draw_that_waits_for_its_beacon(conn, room):
    """Late-comers of the first round after the second's freeze have numbers behind it; they wait for its draw."""
    fence = await lead(conn)
    await join_batch(conn, room.pk, [1, 3, 2, 4])
    await Night(beacon_url="").act(conn, fence)
    await open_second(conn)
    assert await freeze(conn, room=room.pk, fence=fence) == 2
    assert [answer.number for answer in await join_batch(conn, room.pk, [5])] == [5]
    assert await call_numbers(conn, room=room.pk, fence=fence, count=100) == 2
    away = Night(beacon_url="http://localhost:1")
    await away.act(conn, fence)
    assert (await read_room(conn, room.pk)).rounds[1].drawn_at is None
    await Night(beacon_url="").act(conn, fence)
    assert await call_numbers(conn, room=room.pk, fence=fence, count=100) == 3


async def test_control_without_that_limit_numbers_would_be_called_that_nobody_has_yet(conn, room):
    fence = await lead(conn)
    body = (await (await conn.execute("select pg_get_functiondef('waitingroom_call_v1'::regproc)")).fetchone())[0]
    unlimited = body.replace(", min(w.first_number) filter (where w.drawn_at is null) - 1", "")
    assert unlimited != body
    await conn.execute(unlimited)
    await join_batch(conn, room.pk, [1, 3, 2, 4])
    await Night(beacon_url="").act(conn, fence)
    await open_second(conn)
    await freeze(conn, room=room.pk, fence=fence)
    assert await call_numbers(conn, room=room.pk, fence=fence, count=100) == 4
    await Night(beacon_url="").act(conn, fence)
    tickets = by_holder(await read_tickets(conn, room.pk, 0))
    assert tickets[2].called_at is None, "its number is called, and it is not"


@pytest.mark.parametrize("room", [(600, -1)], indirect=True)
async def test_a_later_round_never_freezes_before_an_earlier_one(conn, room):
    assert await freeze(conn, room=room.pk, fence=await lead(conn)) is None


async def test_the_draw_of_one_round_gives_no_numbers_to_another(conn, room):
    fence = await lead(conn)
    await join_batch(conn, room.pk, [1, 3, 2, 4])
    await freeze(conn, room=room.pk, fence=fence)
    tickets = by_holder(await read_tickets(conn, room.pk, 0))
    of_second = [str(tickets[holder].id) for holder in (2, 4)]
    assert not await write_draw(conn, room=room.pk, fence=fence, round_=2, tickets=of_second, beacon=None)
    assert await write_draw(conn, room=room.pk, fence=fence, round_=1, tickets=of_second, beacon=None)
    assert by_holder(await read_tickets(conn, room.pk, 0))[2].number is None


async def test_another_leader_goes_on_between_the_rounds(installation, conn, room):
    """One leader freezes the first and dies; the next draws it; a third opens the second; the first is too late."""
    first = await take_lease(conn, duty="night", owner="a", seconds=-1)
    assert first
    await conn.execute("update runtime_lease set expires_at = clock_timestamp() + interval '1 minute'")
    await join_batch(conn, room.pk, range(1, 11))
    assert await freeze(conn, room=room.pk, fence=first) == 1
    await conn.execute("update runtime_lease set expires_at = clock_timestamp() - interval '1 second'")
    second = await lead(conn, owner="b")
    await Night(beacon_url="").act(conn, second)
    assert (await read_room(conn, room.pk)).drawn == 1
    await open_second(conn)
    assert await freeze(conn, room=room.pk, fence=first) is None
    await conn.execute("update runtime_lease set expires_at = clock_timestamp() - interval '1 second'")
    async with await connect(installation.dsn, name="another") as other:
        third = await lead(other, owner="c")
        await Night(beacon_url="").act(other, third)
        row, tickets = await read_room(other, room.pk), await read_tickets(other, room.pk, 0)
    assert (row.drawn, row.last) == (2, 10)
    assert sorted(ticket.number for ticket in tickets) == list(range(1, 11))


async def test_joins_at_the_moment_of_each_freeze_are_in_its_list_or_behind_it(installation, conn, room):
    """P6: eight connections join, both rounds at once, while two lists freeze one after the other."""

    async def join_some(first):
        async with await connect(installation.dsn, name=f"test {first}") as joins:
            for holder in range(first, first + 30):
                await join_batch(joins, room.pk, [holder])

    async def draw_both():
        async with await connect(installation.dsn, name="leader") as leads:
            fence, night = await lead(leads), Night(beacon_url="")
            await night.act(leads, fence)
            while len(await read_tickets(leads, room.pk, 0)) < 60:
                await night.act(leads, fence)
            await open_second(leads)
            await night.act(leads, fence)

    await asyncio.gather(draw_both(), *(join_some(first) for first in range(1, 801, 100)))
    row, tickets = await read_room(conn, room.pk), await read_tickets(conn, room.pk, 0)
    assert len(tickets) == 240
    assert sorted(ticket.number for ticket in tickets) == list(range(1, 241))
    for each in row.rounds:
        drawn = [ticket for ticket in tickets if each.drew(ticket)]
        assert hash_list(str(ticket.id) for ticket in drawn) == each.list_hash
        others = [ticket for ticket in tickets if ticket.round == each.position and not each.drew(ticket)]
        assert all(ticket.arrival > max((t.arrival for t in drawn), default=0) for ticket in others)
    late = [ticket.number for ticket in tickets if not any(each.drew(ticket) for each in row.rounds)]
    assert late == sorted(late), "whoever is in no draw is numbered in order of arrival"


@pytest.mark.django_db
def test_a_room_keeps_the_seals_of_rounds_that_move_and_makes_new_ones_for_those_that_come():
    made = make_room(draws_in_s=(60, 120))
    before = {each.position: bytes(each.seed) for each in made.rounds.all()}
    later = made.rounds.last().draw_at + timedelta(hours=1)
    set_openings(room=made, openings=[Opening(later + timedelta(hours=n), f"Groep {n}") for n in range(3)])
    after = {each.position: each for each in made.rounds.all()}
    assert {position: bytes(after[position].seed) for position in (1, 2)} == before
    assert [(each.name, each.draw_at - later) for each in after.values()] == [
        (f"Groep {n}", timedelta(hours=n)) for n in range(3)
    ]
    assert len({bytes(each.seed_hash) for each in after.values()}) == 3
    set_openings(room=made, openings=[Opening(later)])
    assert made.rounds.count() == 1


@pytest.mark.django_db
def test_the_database_refuses_a_round_twice_and_a_freeze_without_its_list():
    made = make_room()
    for changes in ({"position": 1}, {"position": 0}, {"position": 2, "frozen_at": made.doors_at}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Round.objects.create(room=made, draw_at=made.closes_at, **changes)
    Placement.objects.create(room=made, holder=1, round=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        Placement.objects.create(room=made, holder=1, round=2)
