"""Balie orders for who sleeps, while somebody of the practice, or another practice, does something too."""

import asyncio

import pytest

from balie.ordering.models import Campaign
from balie.ordering.placing import Campaign as Night
from balie.ordering.services.placing import order_yourself
from balie.ordering.tests.desk import MONDAY, Desk, value
from balie.ordering.tests.web import off_loop
from balie.practices.models import Person, Practice
from balie.runtime.hot import Connection, take_lease
from tests.races.steps import (
    FENCE,
    PRACTICE_LOCK,
    PREPARED_UNDER_LOCK,
    ROOM_SEEN_UNDER_LOCK,
    miscounted,
    until_blocked,
    without,
)

ORDERS = "select practice from judge.orders order by number"


class Leader:
    """Who places; a `turn` is over all who were called."""

    def __init__(self, desk: Desk, fence: int) -> None:
        self.desk, self.fence = desk, fence
        self.night = Night(desk.campaign, desk.room)

    async def turn(self, conn: Connection) -> None:
        await self.night.place(conn, fence=self.fence, called=4)


@pytest.fixture
async def leader(desk: Desk, watch: Connection) -> Leader:
    await watch.execute("update runtime_clock set shows = clock_timestamp(), advanced_at = clock_timestamp()")
    return Leader(desk, await take_lease(watch, duty="placing", owner="test", seconds=600))


async def orders(watch) -> list[int]:
    return [row[0] for row in await (await watch.execute(ORDERS)).fetchall()]


async def take_back(desk) -> bool:
    """Somebody of De Linde orders itself from now on."""

    def act() -> bool:
        practice = Practice.objects.get(pk=desk.linde.practice)
        return order_yourself(
            campaign=Campaign.objects.get(), practice=practice, actor=Person.objects.get(pk=desk.linde.person)
        )

    return await off_loop(act)


async def taken_back_while_placing(leader, one, watch):
    """The leader has begun on De Linde's order and waits for a day when De Linde takes its wish back."""
    desk = leader.desk
    await desk.prepare(watch, desk.linde, desk.flu_for(desk.linde, 500, None), ranking=[MONDAY])
    async with watch.transaction():
        await watch.execute("select from ordering_delivery_day for no key update")
        placing = asyncio.create_task(leader.turn(one))
        await until_blocked(watch, one)
        taking = asyncio.create_task(take_back(desk))
        await until_two_wait(watch)
    return (await asyncio.gather(placing, taking))[1]


async def until_two_wait(watch) -> None:
    """Returns when two connections wait for another's lock."""
    count = "select count(distinct pid) from pg_locks where not granted"
    async with asyncio.timeout(20):
        while await value(watch, count) < 2:
            pass


async def test_who_takes_it_back_too_late_hears_so(leader, one, watch):
    desk = leader.desk
    assert await taken_back_while_placing(leader, one, watch) is False
    assert await orders(watch) == [desk.linde.practice]
    assert await value(watch, "select auto from judge.prepared") == "one_day"


async def taking_back_first(leader, one, two, watch):
    """De Linde takes its wish back, not committed yet, when the leader comes."""
    desk = leader.desk
    await desk.prepare(watch, desk.linde, desk.flu_for(desk.linde, 500, None), ranking=[MONDAY])
    async with two.transaction():
        await two.execute(
            "insert into ordering_hold (campaign_id, practice_id, state, line_product, line_location, line_doses,"
            " line_day, version) values (%s, %s, 'none', '{}', '{}', '{}', '{}', 0)",
            (desk.campaign, desk.linde.practice),
        )
        await two.execute("update ordering_prepared_order set auto = 'off'")
        placing = asyncio.create_task(leader.turn(one))
        await until_blocked(watch, one)
    await placing


async def test_who_takes_it_back_first_orders_itself(leader, one, two, watch):
    await taking_back_first(leader, one, two, watch)
    assert await orders(watch) == []


async def test_control_what_was_read_before_the_lock_is_ordered_against_the_practices_will(
    leader, one, two, watch, monkeypatch
):
    desk = leader.desk
    await without(watch, monkeypatch, *PREPARED_UNDER_LOCK)
    await taking_back_first(leader, one, two, watch)
    assert await orders(watch) == [desk.linde.practice]


async def holding_itself_first(leader, one, two, watch):
    """De Linde presses, not committed yet, when the leader comes."""
    desk = leader.desk
    await desk.prepare(watch, desk.linde, desk.flu_for(desk.linde, 500, None), ranking=[MONDAY])
    async with two.transaction():
        held = await desk.hold_flu(two, desk.linde, 100)
        placing = asyncio.create_task(leader.turn(one))
        await until_blocked(watch, one)
    await placing
    return held


async def test_who_presses_first_is_left_alone(leader, one, two, watch):
    desk = leader.desk
    held = await holding_itself_first(leader, one, two, watch)
    assert await orders(watch) == []
    assert (await desk.confirm(two, desk.linde, held.key)).outcome == "ordered"
    assert await desk.taken(watch) == {MONDAY: (100, 1)}


async def pressing_while_placing(leader, one, two, watch):
    """The leader has De Linde's row and waits for the day when De Linde presses."""
    desk = leader.desk
    await desk.prepare(watch, desk.linde, desk.flu_for(desk.linde, 500, None), ranking=[MONDAY])
    await desk.hold_flu(watch, desk.linde, 10)  # so that it has a row already
    await desk.release(watch, desk.linde, await value(watch, "select hold_key from judge.holds"))
    async with watch.transaction():
        await watch.execute("select from ordering_delivery_day for no key update")
        placing = asyncio.create_task(leader.turn(one))
        await until_blocked(watch, one)
        pressing = asyncio.create_task(desk.hold_flu(two, desk.linde, 100))
        await until_blocked(watch, two)
    await placing
    return (await asyncio.gather(pressing, return_exceptions=True))[0]


async def test_who_presses_too_late_hears_that_the_order_is_there(leader, one, two, watch):
    desk = leader.desk
    answer = await pressing_while_placing(leader, one, two, watch)
    assert answer.outcome == "already_ordered"
    assert await orders(watch) == [desk.linde.practice]
    assert await miscounted(watch) == []


async def test_control_without_the_lock_of_the_practice_it_holds_beside_its_order(leader, one, two, watch, monkeypatch):
    await without(watch, monkeypatch, PRACTICE_LOCK)
    await pressing_while_placing(leader, one, two, watch)
    assert await miscounted(watch) == [MONDAY]


async def room_comes_back_unseen(leader, one, two, watch, monkeypatch):
    """De Linde found Monday full. De Eik is to be placed there when, unseen by the leader, room for both comes back."""
    desk = leader.desk
    held = await desk.hold_flu(two, desk.iep, 1000)
    await desk.prepare(watch, desk.linde, desk.flu_for(desk.linde, 600, None), ranking=[MONDAY])
    await leader.turn(one)
    await desk.prepare(watch, desk.eik, desk.flu_for(desk.eik, 600, None), ranking=[MONDAY])
    night = leader.night
    night._look_back_at = 0.0
    settle = night._settle

    async def settle_behind(conn, fence, batch):
        """What to ask for is decided on; before the leader has the day, its room comes back."""
        monkeypatch.setattr(night, "_settle", settle)
        async with two.transaction():
            await two.execute("select from ordering_delivery_day for no key update")
            settling = asyncio.create_task(settle(conn, fence, batch))
            await until_blocked(watch, conn)
            await desk.release(two, desk.iep, held.key)
        return await settling

    monkeypatch.setattr(night, "_settle", settle_behind)
    await leader.turn(one)
    return await orders(watch)


async def test_room_that_comes_back_goes_to_the_smaller_number(leader, one, two, watch, monkeypatch):
    desk = leader.desk
    assert await room_comes_back_unseen(leader, one, two, watch, monkeypatch) == [desk.linde.practice]


async def test_control_a_leader_that_does_not_look_again_under_the_locks_serves_the_larger_number(
    leader, one, two, watch, monkeypatch
):
    desk = leader.desk
    await without(watch, monkeypatch, ROOM_SEEN_UNDER_LOCK)
    assert await room_comes_back_unseen(leader, one, two, watch, monkeypatch) == [desk.eik.practice]


async def slept_through_its_lease(leader, one, two, watch):
    """A leader whose lease another took while it was away comes back with what it was about to do."""
    desk = leader.desk
    await desk.prepare(watch, desk.linde, desk.flu_for(desk.linde, 500, None), ranking=[MONDAY])
    await watch.execute("update runtime_lease set expires_at = '-infinity' where duty = 'placing'")
    assert await take_lease(two, duty="placing", owner="another", seconds=600) == leader.fence + 1
    await leader.turn(one)
    return await orders(watch)


async def test_a_leader_that_lost_its_lease_places_nothing(leader, one, two, watch):
    assert await slept_through_its_lease(leader, one, two, watch) == []


async def test_control_without_the_fence_two_leaders_place(leader, one, two, watch, monkeypatch):
    desk = leader.desk
    await without(watch, monkeypatch, FENCE)
    assert await slept_through_its_lease(leader, one, two, watch) == [desk.linde.practice]
