"""The waiting list: who has no order is offered room in the order of the waiting room, and has some time to take it."""

from datetime import UTC, datetime

import pytest

from balie.ordering import swapping
from balie.ordering.tests.desk import MONDAY, TUESDAY, value
from balie.ordering.tests.test_cancelling import rows
from balie.ordering.tests.waiting import Queue, make_queue
from tests.races.steps import miscounted

END = "select ordering_offer_end_v1(%s, %s)"
MAILS = "select count(*) from mail_outbox where kind = %s"


@pytest.fixture
async def queue(desk, conn) -> Queue:
    return await make_queue(desk, conn)


async def test_what_comes_free_is_taken_and_offered_and_a_mail_says_so(queue, desk, conn):
    await queue.offered(desk.beuk)
    assert await desk.taken(conn) == {MONDAY: (800, 2)}
    assert await miscounted(conn) == []
    assert await value(conn, MAILS, "wish_offered") == 1
    (act,) = await rows(conn, "select actor_id, practice_id from practices_audit_event where action = 'order.offered'")
    assert act == {"actor_id": None, "practice_id": desk.beuk.practice}


async def test_the_offer_becomes_an_order_by_one_click(queue, desk, conn):
    wish = await queue.offered(desk.beuk)
    outcome, number = await queue.accept(conn, desk.beuk, wish)
    assert outcome == "ordered"
    assert await queue.accept(conn, desk.beuk, wish) == ("ordered", number)
    assert await queue.state(desk.beuk) == "served"
    assert await desk.taken(conn) == {MONDAY: (800, 2)}
    assert await miscounted(conn) == []
    assert await value(conn, "select count(*) from ordering_order where practice_id = %s", desk.beuk.practice) == 1
    assert await value(conn, "select count(*) from mail_outbox where reference = %s", number) == 1


async def test_swaps_and_wishes_stand_in_one_line(queue, desk, conn):
    """De Iep has an order on Tuesday and waits for Monday; De Beuk has none, and the smaller number."""
    number = await desk.order_flu(conn, desk.iep, 300, TUESDAY)
    await desk.wait_for(conn, desk.iep, number, desk.flu_for(desk.iep, 300, MONDAY))
    await queue.wish(desk.beuk)
    await queue.free_monday()
    await swapping.serve_swaps(conn)
    assert (await queue.state(desk.beuk), await queue.state(desk.iep)) == ("offered", "open")
    assert await desk.taken(conn) == {MONDAY: (800, 2), TUESDAY: (300, 1)}


async def test_what_is_refused_goes_to_the_next(queue, desk, conn):
    wish = await queue.offered(desk.beuk)
    await queue.wish(desk.iep, 500)
    await swapping.serve_swaps(conn)
    assert await queue.state(desk.iep) == "open"
    assert await queue.end(conn, wish, "withdrawn")
    await swapping.serve_swaps(conn)
    assert (await queue.state(desk.beuk), await queue.state(desk.iep)) == ("withdrawn", "offered")
    assert await desk.taken(conn) == {MONDAY: (1000, 2)}
    assert await miscounted(conn) == []


async def test_what_is_not_taken_in_time_goes_to_the_next_and_a_mail_says_so(queue, desk, conn):
    wish = await queue.offered(desk.beuk)
    await queue.wish(desk.iep, 500)
    await conn.execute("update ordering_swap set offer_ends_at = clock_timestamp() where id = %s", (wish,))
    await swapping.serve_swaps(conn)
    assert await queue.state(desk.beuk) == "offered"  # a click that was in time may still be under way
    await conn.execute(
        "update ordering_swap set offer_ends_at = clock_timestamp() - interval '61 s' where id = %s", (wish,)
    )
    await swapping.serve_swaps(conn)
    assert (await queue.state(desk.beuk), await queue.state(desk.iep)) == ("lapsed", "offered")
    assert await value(conn, MAILS, "offer_lapsed") == 1
    assert await queue.accept(conn, desk.beuk, wish) == ("gone", None)


async def test_a_late_click_counts_as_long_as_nobody_else_has_it(queue, desk, conn):
    wish = await queue.offered(desk.beuk)
    await conn.execute(
        "update ordering_swap set offer_ends_at = clock_timestamp() - interval '1 h' where id = %s", (wish,)
    )
    assert (await queue.accept(conn, desk.beuk, wish))[0] == "ordered"


async def test_who_ordered_in_another_way_meanwhile_gives_the_offer_back(queue, desk, conn):
    await queue.offered(desk.beuk)
    await desk.order_flu(conn, desk.beuk, 100, TUESDAY)
    await swapping.serve_swaps(conn)
    assert await queue.state(desk.beuk) == "overtaken"
    assert await desk.taken(conn) == {MONDAY: (500, 1), TUESDAY: (100, 1)}
    assert await miscounted(conn) == []


async def test_who_holds_something_else_gives_that_back_for_the_offer(queue, desk, conn):
    wish = await queue.offered(desk.beuk)
    await desk.hold_flu(conn, desk.beuk, 100, TUESDAY)
    assert (await queue.accept(conn, desk.beuk, wish))[0] == "ordered"
    assert await desk.taken(conn) == {MONDAY: (800, 2)}
    assert await miscounted(conn) == []


async def test_who_is_ordering_is_passed_over(queue, desk, conn):
    await queue.wish(desk.beuk)
    await queue.wish(desk.iep)
    await desk.hold_flu(conn, desk.beuk, 100, TUESDAY)
    await queue.free_monday()
    await swapping.serve_swaps(conn)
    assert (await queue.state(desk.beuk), await queue.state(desk.iep)) == ("open", "offered")


async def test_who_has_ordered_or_may_not_gets_no_offer(queue, desk, conn):
    await queue.wish(desk.beuk)
    await queue.wish(desk.iep)
    await desk.order_flu(conn, desk.beuk, 100, TUESDAY)
    await conn.execute("update ordering_hold set blocked = true where practice_id = %s", (desk.iep.practice,))
    await queue.free_monday()
    await swapping.serve_swaps(conn)
    assert (await queue.state(desk.beuk), await queue.state(desk.iep)) == ("overtaken", "overtaken")
    assert await desk.taken(conn) == {MONDAY: (500, 1), TUESDAY: (100, 1)}


async def test_what_a_rule_forbids_by_now_or_comes_too_late_lapses(queue, desk, conn):
    await queue.wish(desk.beuk, 310)
    await queue.wish(desk.iep)
    await conn.execute("update ordering_product set step = 20")
    await queue.free_monday()
    await swapping.serve_swaps(conn)
    assert await queue.state(desk.beuk) == "lapsed"
    await conn.execute(
        "update ordering_swap set state = 'open', settled_at = null where practice_id = %s", (desk.iep.practice,)
    )
    await conn.execute("update ordering_campaign set change_unit = 'days', change_limit = 366")
    await swapping.tidy_swaps(conn)
    assert await value(conn, MAILS, "wish_lapsed") >= 1


async def test_needs_are_kept_while_a_wish_is_open(queue, desk, conn):
    wish = await queue.wish(desk.beuk)
    (need,) = await rows(conn, "select swap_id, day, doses, addresses, days from ordering_swap_need")
    assert need == {"swap_id": wish, "day": MONDAY, "doses": 300, "addresses": 1, "days": 1}
    await queue.free_monday()
    await swapping.serve_swaps(conn)
    assert await rows(conn, "select swap_id from ordering_swap_need") == []


@pytest.mark.parametrize(
    ("hours", "offered", "ends"),
    [
        (24, datetime(2027, 6, 1, 13, tzinfo=UTC), datetime(2027, 6, 2, 13, tzinfo=UTC)),
        (24, datetime(2027, 6, 4, 13, tzinfo=UTC), datetime(2027, 6, 7, 13, tzinfo=UTC)),  # from Friday to Monday
        (24, datetime(2027, 6, 5, 13, tzinfo=UTC), datetime(2027, 6, 7, 22, tzinfo=UTC)),  # all of Monday, Dutch time
        (2, datetime(2027, 6, 4, 21, tzinfo=UTC), datetime(2027, 6, 6, 23, tzinfo=UTC)),
        (48, datetime(2027, 6, 1, 13, tzinfo=UTC), datetime(2027, 6, 4, 13, tzinfo=UTC)),  # the 3rd is a holiday
    ],
)
async def test_an_offer_lasts_the_hours_of_working_days(desk, conn, hours, offered, ends):
    await conn.execute("update ordering_campaign set offer_hours = %s, holidays = '{2027-06-03}'", (hours,))
    assert await value(conn, END, desk.campaign, offered) == ends


async def test_an_offer_ends_before_its_day_can_no_longer_be_changed(queue, desk, conn):
    await queue.wish(desk.beuk)
    await queue.free_monday()
    today = await value(conn, "select (clock_timestamp() at time zone 'Europe/Amsterdam')::date")
    rules = "update ordering_campaign set change_unit = 'days', change_limit = %s, offer_hours = 240"
    await conn.execute(rules.encode(), ((MONDAY - today).days,))
    await swapping.serve_swaps(conn)
    ends = "select (offer_ends_at - interval '1 s') at time zone 'Europe/Amsterdam' from ordering_swap"
    assert (await value(conn, ends)).date() == today
