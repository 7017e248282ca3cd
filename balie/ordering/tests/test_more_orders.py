"""Orders beside the first: re-orders and a pre-delivery, by the same holding and confirming, each whole by itself."""

from uuid import uuid4

import psycopg
import pytest

from balie.ordering import hot
from balie.ordering.hot import Line
from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY, pass_time, value
from balie.ordering.tests.test_cancelling import rows

PRE_DELIVERY, REORDER, SECOND_REORDER, THIRD_REORDER = 1, 2, 3, 4


async def outcome(desk, conn, member, slot, *, doses=100, day=TUESDAY):
    return (await desk.hold_flu(conn, member, doses, day, slot=slot)).outcome


async def orders(conn):
    found = await conn.execute("select number, slot from judge.orders order by number")
    return await found.fetchall()


async def test_a_reorder_stands_beside_the_first_order(desk, conn):
    await desk.offer_more(conn)
    first = await desk.order_flu(conn, desk.linde)
    second = await desk.order_flu(conn, desk.linde, 100, TUESDAY, slot=REORDER)
    assert await orders(conn) == [(first, 0), (second, REORDER)]
    assert await desk.taken(conn) == {MONDAY: (500, 1), TUESDAY: (100, 1)}
    assert (
        await value(conn, "select detail->>'kind' from practices_audit_event where subject = %s", second) == "reorder"
    )
    assert await value(conn, "select count(*) from mail_outbox where reference = %s", second) == 1


async def test_where_a_practice_stands_is_told_for_each_order(desk, conn):
    await desk.offer_more(conn)
    first = await desk.order_flu(conn, desk.linde)
    held = await desk.hold_flu(conn, desk.linde, 100, TUESDAY, slot=REORDER)
    about_first = await hot.read_mine(conn, desk.campaign, desk.linde.practice)
    about_second = await hot.read_mine(conn, desk.campaign, desk.linde.practice, REORDER)
    assert (about_first.order.number, about_first.hold) == (first, None)
    assert (about_second.order, about_second.hold.key) == (None, held.key)


async def test_the_address_is_counted_once_for_both(desk, conn):
    await desk.offer_more(conn)
    await desk.order_flu(conn, desk.linde)
    number = await desk.order_flu(conn, desk.linde, 100, MONDAY, slot=REORDER)
    assert await desk.taken(conn) == {MONDAY: (600, 1)}
    await desk.cancel(conn, desk.linde, number)
    assert await desk.taken(conn) == {MONDAY: (500, 1)}


async def test_who_has_no_first_order_cannot_pass_the_queue(desk, conn):
    await desk.offer_more(conn)
    assert await outcome(desk, conn, desk.linde, REORDER) == "no_first"
    held = await desk.hold_flu(conn, desk.linde)
    assert await outcome(desk, conn, desk.linde, REORDER) == "no_first"
    await desk.confirm(conn, desk.linde, held.key)
    assert await outcome(desk, conn, desk.linde, REORDER) == "held"


async def test_a_campaign_without_reorders_has_none(desk, conn):
    await desk.order_flu(conn, desk.linde)
    assert await outcome(desk, conn, desk.linde, REORDER) == "not_offered"
    assert await outcome(desk, conn, desk.linde, PRE_DELIVERY) == "not_offered"


async def test_reorders_open_and_close_at_their_own_times(desk, conn):
    await desk.offer_more(conn)
    await desk.order_flu(conn, desk.linde)
    await conn.execute("update ordering_campaign set reorders_open_at = clock_timestamp() + interval '1 hour'")
    answer = await desk.hold_flu(conn, desk.linde, 100, TUESDAY, slot=REORDER)
    assert answer.outcome == "not_open"
    assert answer.detail["opens_at"] == await value(conn, "select to_jsonb(reorders_open_at) from ordering_campaign")
    await conn.execute(
        "update ordering_campaign set reorders_open_at = clock_timestamp() - interval '2 hours',"
        " reorders_close_at = clock_timestamp() - interval '1 hour'"
    )
    assert await outcome(desk, conn, desk.linde, REORDER) == "closed"


async def test_reorders_go_on_when_ordering_has_closed(desk, conn):
    await desk.offer_more(conn)
    await desk.order_flu(conn, desk.linde)
    await conn.execute("update ordering_campaign set closes_at = clock_timestamp()")
    assert await outcome(desk, conn, desk.linde, REORDER) == "held"
    assert await outcome(desk, conn, desk.eik, 0) == "closed"


async def test_reorders_come_one_after_the_other_and_no_more_than_there_may_be(desk, conn):
    await desk.offer_more(conn)
    await desk.order_flu(conn, desk.linde)
    assert await outcome(desk, conn, desk.linde, SECOND_REORDER) == "not_offered"
    await desk.order_flu(conn, desk.linde, 100, TUESDAY, slot=REORDER)
    await desk.order_flu(conn, desk.linde, 100, TUESDAY, slot=SECOND_REORDER)
    assert await outcome(desk, conn, desk.linde, THIRD_REORDER) == "not_offered"


async def test_a_colleague_who_looks_at_the_same_reorder_makes_no_second_one(desk, conn):
    await desk.offer_more(conn)
    await desk.order_flu(conn, desk.linde)
    number = await desk.order_flu(conn, desk.linde, 100, TUESDAY, slot=REORDER)
    answer = await desk.hold_flu(conn, desk.linde, 100, TUESDAY, slot=REORDER)
    assert (answer.outcome, answer.detail) == ("already_ordered", {"number": number})


async def test_the_database_keeps_one_order_in_a_slot(desk, conn):
    await desk.order_flu(conn, desk.linde)
    again = (
        "insert into ordering_order (number, campaign_id, campaign_version, practice_id, slot, hold_key, placed_at)"
        " select 'B27-9', campaign_id, 1, practice_id, %s, gen_random_uuid(), now() from ordering_order"
    )
    with pytest.raises(psycopg.errors.UniqueViolation, match="ordering_order_once_per_slot"):
        await conn.execute(again, (0,))
    with pytest.raises(psycopg.errors.CheckViolation, match="ordering_order_slot_is_known"):
        await conn.execute(again, (-1,))


async def test_a_click_on_a_key_of_another_slot_orders_nothing(desk, conn):
    await desk.offer_more(conn)
    await desk.order_flu(conn, desk.linde)
    held = await desk.hold_flu(conn, desk.linde, 100, TUESDAY, slot=REORDER)
    assert (await desk.confirm(conn, desk.linde, held.key)).outcome == "replaced"
    assert (await desk.confirm(conn, desk.linde, uuid4(), slot=SECOND_REORDER)).outcome == "no_hold"
    assert (await desk.confirm(conn, desk.linde, held.key, slot=REORDER)).outcome == "ordered"


async def test_what_is_given_back_or_lapses_leaves_the_first_order_alone(desk, conn):
    await desk.offer_more(conn)
    await desk.order_flu(conn, desk.linde)
    held = await desk.hold_flu(conn, desk.linde, 100, TUESDAY, slot=REORDER)
    assert (await desk.release(conn, desk.linde, held.key, slot=REORDER)).outcome == "released"
    assert await desk.taken(conn) == {MONDAY: (500, 1)}
    held = await desk.hold_flu(conn, desk.linde, 100, TUESDAY, slot=REORDER)
    await pass_time(conn, 301)
    assert await hot.sweep(conn, grace_s=0, limit=10) == 1
    assert await desk.taken(conn) == {MONDAY: (500, 1)}
    late = await desk.confirm(conn, desk.linde, held.key, elapsed_ms=2000, slot=REORDER)  # in time, and seen late
    assert late.outcome == "ordered"
    assert await desk.taken(conn) == {MONDAY: (500, 1), TUESDAY: (100, 1)}


async def test_each_is_changed_and_cancelled_by_itself(desk, conn):
    await desk.offer_more(conn)
    first = await desk.order_flu(conn, desk.linde)
    second = await desk.order_flu(conn, desk.linde, 100, TUESDAY, slot=REORDER)
    assert (await desk.change(conn, desk.linde, second, desk.flu_for(desk.linde, 200, WEDNESDAY)))[0] == "changed"
    assert await desk.taken(conn) == {MONDAY: (500, 1), WEDNESDAY: (200, 1)}
    assert (await desk.cancel(conn, desk.linde, first))[0] == "cancelled"
    assert await desk.taken(conn) == {WEDNESDAY: (200, 1)}
    assert (await rows(conn, "select number, slot from judge.cancelled"))[0] == {"number": first, "slot": 0}
    again = await desk.order_flu(conn, desk.linde, 300)
    assert await orders(conn) == [(second, REORDER), (again, 0)]


async def test_a_swap_moves_its_own_order(desk, conn):
    await desk.offer_more(conn)
    await desk.order_flu(conn, desk.linde)
    second = await desk.order_flu(conn, desk.linde, 100, TUESDAY, slot=REORDER)
    swap = await desk.wait_for(conn, desk.linde, second, desk.flu_for(desk.linde, 200, TUESDAY))
    assert await value(conn, "select ordering_fitting_swap_v1(%s)", desk.campaign) == swap
    assert await value(conn, "select ordering_serve_swap_v1(%s, 'balie.example')", swap) == "served"
    assert await desk.taken(conn) == {MONDAY: (500, 1), TUESDAY: (200, 1)}


async def test_the_cap_is_on_all_orders_together(desk, conn):
    await desk.offer_more(conn)
    await conn.execute("update ordering_campaign set cap_percent = 100")
    await conn.execute(
        "insert into practices_past_use (practice_id, year, product_code, ordered, administered)"
        " values (%s, (select year - 1 from ordering_campaign), 'flu', 600, 500)",
        (desk.linde.practice,),
    )
    first = await desk.order_flu(conn, desk.linde)
    answer = await desk.hold_flu(conn, desk.linde, 110, TUESDAY, slot=REORDER)
    assert answer.detail["errors"] == [
        {"at": "lines[0].doses", "code": "cap", "cap": 100, "ordered": 500, "suggest": [100]}
    ]
    await desk.order_flu(conn, desk.linde, 100, TUESDAY, slot=REORDER)
    assert (await desk.change(conn, desk.linde, first, desk.flu_for(desk.linde, 510)))[0] == "bad_lines"
    assert (await desk.change(conn, desk.linde, first, desk.flu_for(desk.linde, 490)))[0] == "changed"


async def test_a_pre_delivery_comes_on_the_early_days_and_nothing_else_does(desk, conn):
    await desk.offer_more(conn, early_until=MONDAY)
    assert await outcome(desk, conn, desk.linde, 0, day=MONDAY) == "bad_lines"
    await desk.order_flu(conn, desk.linde, 500, TUESDAY)
    assert await outcome(desk, conn, desk.linde, PRE_DELIVERY, day=TUESDAY) == "bad_lines"
    assert await outcome(desk, conn, desk.linde, REORDER, day=MONDAY) == "bad_lines"
    assert await outcome(desk, conn, desk.linde, PRE_DELIVERY, doses=110, day=MONDAY) == "bad_lines"
    await desk.order_flu(conn, desk.linde, 100, MONDAY, slot=PRE_DELIVERY)
    assert await outcome(desk, conn, desk.linde, PRE_DELIVERY, day=MONDAY) == "already_ordered"
    assert await desk.taken(conn) == {MONDAY: (100, 1), TUESDAY: (500, 1)}


async def test_wishes_for_days_of_another_kind_are_passed_over(desk, conn):
    await desk.offer_more(conn, early_until=MONDAY)
    (held,) = await desk.hold(
        conn, desk.wants(desk.linde, desk.flu_for(desk.linde, 500, None), ranking=[MONDAY, TUESDAY])
    )
    assert {line.day for line in held.lines} == {TUESDAY}
    (full,) = await desk.hold(conn, desk.wants(desk.eik, desk.flu_for(desk.eik, 600, None), ranking=[MONDAY, TUESDAY]))
    assert (full.outcome, full.detail) == ("full", {"days": ["2027-10-05"]})
    (none,) = await desk.hold(conn, desk.wants(desk.beuk, desk.flu_for(desk.beuk, 600, None), ranking=[MONDAY]))
    assert none.detail["errors"] == [{"at": "ranking", "code": "day"}]


async def test_first_and_further_orders_share_a_batch(desk, conn):
    await desk.offer_more(conn)
    await desk.order_flu(conn, desk.linde)
    answers = await desk.hold(
        conn,
        desk.wants(desk.linde, Line(desk.flu, desk.linde.annex, 100, TUESDAY), slot=REORDER),
        desk.wants(desk.eik, desk.flu_for(desk.eik, 100, TUESDAY)),
        desk.wants(desk.beuk, desk.flu_for(desk.beuk, 100, TUESDAY), slot=REORDER),
    )
    assert [answer.outcome for answer in answers] == ["held", "held", "no_first"]
    assert await desk.taken(conn) == {MONDAY: (500, 1), TUESDAY: (200, 2)}


async def test_rules_of_half_a_reorder_are_refused(desk, conn):
    for half in (
        "reorders_open_at = now()",
        "reorders_open_at = now(), reorders_close_at = now() - interval '1 day'",
        "early_opens_at = now(), early_closes_at = now() + interval '1 day'",
        "early_until = '2027-10-04'",
    ):
        with pytest.raises(psycopg.errors.CheckViolation):
            await conn.execute(f"update ordering_campaign set {half}".encode())


async def test_the_days_of_a_change_are_those_of_its_kind(desk, conn):
    await desk.offer_more(conn, early_until=MONDAY)
    await desk.order_flu(conn, desk.linde, 500, TUESDAY)
    early = await desk.order_flu(conn, desk.linde, 100, MONDAY, slot=PRE_DELIVERY)
    answer = await desk.change(conn, desk.linde, early, desk.flu_for(desk.linde, 100, WEDNESDAY))
    assert answer[0] == "bad_lines"
