"""“Bestel voor mij”: what the leader's turns leave behind, on a campaign whose clock stands unless it is made to go."""

import pytest

from balie.ordering import placing
from balie.ordering.hot import Line
from balie.ordering.placing import gather_sleepers, join_sleepers
from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY, Desk, pass_time, value
from balie.ordering.tests.sleeping import days_of, mails, order_of


async def test_the_whole_order_is_placed_on_the_first_day_that_has_room_for_all_of_it(desk: Desk, conn, leader):
    await desk.hold_flu(conn, desk.beuk, 600, MONDAY)
    lines = [Line(desk.flu, desk.linde.home, 300), Line(desk.pneumo, desk.linde.annex, 200)]
    await desk.prepare(conn, desk.linde, *lines, ranking=[MONDAY, WEDNESDAY, TUESDAY])
    await leader.turn()
    number, auto, ordered = await order_of(conn, desk.linde)
    assert auto
    assert ordered == [
        (WEDNESDAY, desk.flu, desk.linde.home, 300),
        (WEDNESDAY, desk.pneumo, desk.linde.annex, 200),
    ]
    assert await mails(conn) == [("order_confirmation", "praktijk1@voorbeeld.example")]
    event = await conn.execute(
        "select actor_id, detail ->> 'auto' from practices_audit_event where subject = %s", [number]
    )
    assert await event.fetchone() == (None, "true")
    assert await desk.state(conn, desk.linde) == "ordered"
    assert await desk.taken(conn) == {MONDAY: (600, 1), WEDNESDAY: (500, 2)}


async def test_smaller_numbers_are_served_first(desk: Desk, conn, leader):
    for member in (desk.iep, desk.beuk, desk.eik, desk.linde):
        await desk.prepare(conn, member, desk.flu_for(member, 500, None), ranking=[MONDAY, TUESDAY])
    await leader.turn()
    assert await days_of(conn, desk.linde, desk.eik, desk.beuk, desk.iep) == [[MONDAY], [MONDAY], [TUESDAY], [TUESDAY]]


async def test_an_order_goes_in_parts_only_where_that_is_allowed_and_one_day_will_not_do(desk: Desk, conn, leader):
    await desk.hold_flu(conn, desk.iep, 500, MONDAY)
    await desk.hold_flu(conn, desk.beuk, 600, TUESDAY)
    for member, how in ((desk.linde, "parts"), (desk.eik, "one_day")):
        lines = [
            Line(desk.flu, member.home, 300),
            Line(desk.pneumo, member.home, 100),
            Line(desk.flu, member.annex, 200),
        ]
        await desk.prepare(conn, member, *lines, ranking=[MONDAY, TUESDAY], auto=how)
    await leader.turn()
    _, _, lines = await order_of(conn, desk.linde)
    assert lines == [
        (MONDAY, desk.flu, desk.linde.home, 300),
        (MONDAY, desk.pneumo, desk.linde.home, 100),
        (TUESDAY, desk.flu, desk.linde.annex, 200),
    ]
    assert await order_of(conn, desk.eik) is None


async def test_an_address_that_no_day_can_take_goes_line_by_line(desk: Desk, conn, leader):
    await desk.hold_flu(conn, desk.iep, 700, MONDAY)
    await desk.hold_flu(conn, desk.beuk, 800, TUESDAY)
    lines = [Line(desk.flu, desk.linde.home, 300), Line(desk.pneumo, desk.linde.home, 200)]
    await desk.prepare(conn, desk.linde, *lines, ranking=[TUESDAY, MONDAY], auto="parts")
    await leader.turn()
    _, _, lines = await order_of(conn, desk.linde)
    assert lines == [(MONDAY, desk.flu, desk.linde.home, 300), (TUESDAY, desk.pneumo, desk.linde.home, 200)]


async def test_an_order_is_whole_or_there_is_none(desk: Desk, conn, leader):
    """Room for one of two lines: neither is ordered, nothing stays taken, and it is said once, to both addresses."""
    await conn.execute(
        "update practices_practice set second_email = 'twee@voorbeeld.example' where id = %s", (desk.linde.practice,)
    )
    await desk.hold_flu(conn, desk.iep, 700, MONDAY)
    lines = [Line(desk.flu, desk.linde.home, 300), Line(desk.pneumo, desk.linde.home, 200)]
    await desk.prepare(conn, desk.linde, *lines, ranking=[MONDAY], auto="parts")
    for _ in range(3):
        await leader.turn()
    assert await order_of(conn, desk.linde) is None
    assert await desk.taken(conn) == {MONDAY: (700, 1)}
    told = [
        ("prepared_not_placed", recipient) for recipient in ("praktijk1@voorbeeld.example", "twee@voorbeeld.example")
    ]
    assert await mails(conn) == told
    assert await value(conn, "select count(*) from practices_audit_event where action = 'prepared.not_placed'") == 1
    assert await value(conn, "select failed_at is not null from judge.prepared")


async def test_who_found_no_room_has_it_before_larger_numbers_when_it_comes_back(desk: Desk, conn, leader):
    held = await desk.hold_flu(conn, desk.iep, 900, MONDAY)
    await desk.prepare(conn, desk.linde, desk.flu_for(desk.linde, 600, None), ranking=[MONDAY])
    await leader.turn()
    assert await days_of(conn, desk.linde) == [None]
    await desk.release(conn, desk.iep, held.key)
    await desk.prepare(conn, desk.eik, desk.flu_for(desk.eik, 600, None), ranking=[MONDAY])
    await leader.look_back()
    assert await days_of(conn, desk.linde, desk.eik) == [[MONDAY], None]


async def test_who_cannot_be_helped_is_not_tried_in_vain(desk: Desk, conn, leader, monkeypatch):
    await desk.hold_flu(conn, desk.iep, 900, MONDAY)
    await desk.prepare(conn, desk.linde, desk.flu_for(desk.linde, 600, None), ranking=[MONDAY])
    await leader.turn()
    tried = []
    settle = placing.Campaign._settle

    async def noting(self, conn, fence, batch):
        tried.append([sleeper.practice for sleeper in batch])
        return await settle(self, conn, fence, batch)

    monkeypatch.setattr(placing.Campaign, "_settle", noting)
    await desk.hold_flu(conn, desk.beuk, 100, TUESDAY)
    await leader.turn()
    await desk.release(conn, desk.beuk, await value(conn, "select hold_key from judge.holds where day = %s", TUESDAY))
    await leader.turn()
    assert tried == []


async def test_a_change_of_the_order_is_tried_again(desk: Desk, conn, leader):
    await desk.hold_flu(conn, desk.iep, 900, MONDAY)
    await desk.prepare(conn, desk.linde, desk.flu_for(desk.linde, 600, None), ranking=[MONDAY])
    await leader.turn()
    await conn.execute("update ordering_ranked_day set day = %s", (TUESDAY,))
    await conn.execute("update ordering_prepared_order set saved_at = clock_timestamp()")
    await leader.look_back()
    assert await days_of(conn, desk.linde) == [[TUESDAY]]


async def test_an_order_that_breaks_a_rule_is_not_placed_and_holds_up_nobody(desk: Desk, conn, leader):
    await desk.prepare(conn, desk.linde, desk.flu_for(desk.linde, 605, None), ranking=[MONDAY])
    await desk.prepare(conn, desk.eik, desk.flu_for(desk.eik, 600, None), ranking=[MONDAY])
    await leader.turn()
    assert await days_of(conn, desk.linde, desk.eik) == [None, [MONDAY]]
    assert await value(conn, "select failure from ordering_prepared_order where failed_at is not null") == "bad_lines"


async def test_an_error_that_nobody_foresaw_is_its_own_orders_alone(desk: Desk, conn, leader):
    """A practice without an address to mail to: its order cannot be written."""
    await conn.execute("alter table mail_outbox add constraint odd check (recipient <> 'praktijk2@voorbeeld.example')")
    members = (desk.linde, desk.eik, desk.beuk, desk.iep)
    for member in members:
        await desk.prepare(conn, member, desk.flu_for(member, 500, None), ranking=[MONDAY, TUESDAY])
    for _ in members:  # each turn is short, and writing down the error takes its time
        await leader.turn()
    assert await days_of(conn, *members) == [[MONDAY], None, [MONDAY], [TUESDAY]]


async def test_who_came_itself_is_left_alone_until_its_window_has_passed(desk: Desk, conn, leader):
    held = await desk.hold_flu(conn, desk.linde, 100, TUESDAY)
    await desk.prepare(conn, desk.linde, desk.flu_for(desk.linde, 600, None), ranking=[MONDAY])
    await leader.turn()
    assert await days_of(conn, desk.linde) == [None]
    assert (await desk.confirm(conn, desk.linde, held.key)).outcome == "ordered"
    await leader.turn()
    assert await days_of(conn, desk.linde) == [[TUESDAY]]

    await desk.hold_flu(conn, desk.eik, 100, TUESDAY)
    await desk.prepare(conn, desk.eik, desk.flu_for(desk.eik, 400, None), ranking=[MONDAY])
    await pass_time(conn, 301)
    await leader.look_back()
    assert await days_of(conn, desk.eik) == [None], "a click that was in time may still be under way"
    await conn.execute("select ordering_sweep_v1('0 s', 10)")
    await leader.look_back()
    assert await days_of(conn, desk.eik) == [[MONDAY]]


@pytest.mark.parametrize(
    "hindrance",
    [
        "update waitingroom_room set called = 0",
        "update ordering_prepared_order set auto = 'off'",
        "update ordering_campaign set opens_at = clock_timestamp() + interval '1 minute'",
        "update waitingroom_round set drawn_at = null",
        "update runtime_lease set fence = fence + 1 where duty = 'placing'",
    ],
)
async def test_nothing_is_placed_out_of_turn(desk: Desk, conn, leader, hindrance):
    await desk.prepare(conn, desk.linde, desk.flu_for(desk.linde, 600, None), ranking=[MONDAY])
    await conn.execute(hindrance)
    await leader.turn()
    assert await days_of(conn, desk.linde) == [None]
    assert await mails(conn) == []


async def test_nothing_is_placed_while_the_services_clock_stands(desk: Desk, conn, leader):
    await desk.prepare(conn, desk.linde, desk.flu_for(desk.linde, 600, None), ranking=[MONDAY])
    await conn.execute("update runtime_clock set advanced_at = clock_timestamp() - interval '3 seconds'")
    await leader.duty.act(conn, leader.fence)
    assert await days_of(conn, desk.linde) == [None]
    await leader.turn()
    assert await days_of(conn, desk.linde) == [[MONDAY]]


async def test_a_pause_stops_calling_and_not_those_who_were_called(desk: Desk, conn, leader):
    await conn.execute("update waitingroom_room set called = 1, paused = true")
    for member in (desk.linde, desk.eik):
        await desk.prepare(conn, member, desk.flu_for(member, 500, None), ranking=[MONDAY])
    await leader.turn()
    assert await days_of(conn, desk.linde, desk.eik) == [[MONDAY], None]
    await conn.execute("update waitingroom_room set called = 2, paused = false")
    await leader.turn()
    assert await days_of(conn, desk.linde, desk.eik) == [[MONDAY], [MONDAY]]


async def test_who_sleeps_gets_a_ticket_once_the_doors_are_open(desk: Desk, conn, leader):
    await conn.execute("delete from waitingroom_ticket")
    await conn.execute("update waitingroom_room set doors_at = clock_timestamp() + interval '1 hour'")
    await desk.prepare(conn, desk.linde, desk.flu_for(desk.linde, 600, None), ranking=[MONDAY])
    await desk.prepare(conn, desk.eik, desk.flu_for(desk.eik, 600, None), ranking=[MONDAY], auto="off")
    await leader.turn()
    await join_sleepers(conn, desk.campaign, desk.room)
    assert await value(conn, "select count(*) from judge.tickets") == 0
    await conn.execute("update waitingroom_room set doors_at = clock_timestamp() - interval '1 second'")
    for _ in range(2):
        await leader.turn()
    assert await value(conn, "select array_agg(practice) from judge.tickets") == [desk.linde.practice]


async def test_they_are_let_in_before_the_list_freezes_whatever_became_of_the_leader(desk: Desk, conn):
    await conn.execute("delete from waitingroom_ticket")
    await desk.prepare(conn, desk.linde, desk.flu_for(desk.linde, 600, None), ranking=[MONDAY])
    await gather_sleepers(conn, desk.room)
    assert await value(conn, "select array_agg(practice) from judge.tickets") == [desk.linde.practice]
