"""Standing swaps: served in the order of the waiting room as soon as they fit, and not a moment earlier."""

from datetime import UTC, datetime

import pytest

from balie.ordering import swapping
from balie.ordering.hot import Line
from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY, value
from balie.ordering.tests.test_cancelling import rows

PASSED = datetime(2020, 1, 1, tzinfo=UTC)


async def states(conn) -> dict[int, str]:
    """Of all swaps, by practice."""
    return {
        row["practice_id"]: row["state"] for row in await rows(conn, "select practice_id, state from ordering_swap")
    }


@pytest.fixture
async def full(desk, conn) -> dict[int, str]:
    """Monday is full with orders of two, and Tuesday has those of the others. Numbers of orders by practice."""
    numbers = {}
    for who, doses, day in (
        (desk.linde, 500, MONDAY),
        (desk.eik, 500, MONDAY),
        (desk.beuk, 300, TUESDAY),
        (desk.iep, 300, TUESDAY),
    ):
        numbers[who.practice] = await desk.order_flu(conn, who, doses, day)
    return numbers


async def test_what_does_not_fit_waits_and_keeps_what_it_has(desk, conn, full):
    await desk.wait_for(conn, desk.beuk, full[desk.beuk.practice], desk.flu_for(desk.beuk, 300, MONDAY))
    await swapping.serve_swaps(conn)
    assert await states(conn) == {desk.beuk.practice: "open"}
    assert await desk.taken(conn) == {MONDAY: (1000, 2), TUESDAY: (600, 2)}


async def test_what_comes_free_is_swapped_at_once(desk, conn, full):
    number = full[desk.beuk.practice]
    await desk.wait_for(conn, desk.beuk, number, desk.flu_for(desk.beuk, 400, MONDAY))
    await desk.cancel(conn, desk.eik, full[desk.eik.practice])
    await swapping.serve_swaps(conn)
    assert await states(conn) == {desk.beuk.practice: "served"}
    assert await desk.taken(conn) == {MONDAY: (900, 2), TUESDAY: (300, 1)}
    (order,) = await rows(conn, f"select revision, changed_by_id from ordering_order where number = '{number}'")
    assert order == {"revision": 1, "changed_by_id": None}
    (act,) = await rows(conn, "select actor_id, subject from practices_audit_event where action = 'order.changed'")
    assert act == {"actor_id": None, "subject": number}
    assert await value(conn, "select count(*) from mail_outbox where kind = 'order_changed'") == 1


async def test_the_smaller_number_goes_first_whoever_asked_first(desk, conn, full):
    await desk.wait_for(conn, desk.iep, full[desk.iep.practice], desk.flu_for(desk.iep, 300, MONDAY))
    await desk.wait_for(conn, desk.beuk, full[desk.beuk.practice], desk.flu_for(desk.beuk, 300, MONDAY))
    await desk.cancel(conn, desk.eik, full[desk.eik.practice])
    await swapping.serve_swaps(conn)
    assert await states(conn) == {desk.beuk.practice: "served", desk.iep.practice: "open"}
    assert await desk.taken(conn) == {MONDAY: (800, 2), TUESDAY: (300, 1)}


async def test_who_wants_too_much_does_not_hold_up_who_fits(desk, conn, full):
    await desk.wait_for(conn, desk.beuk, full[desk.beuk.practice], desk.flu_for(desk.beuk, 600, MONDAY))
    await desk.wait_for(conn, desk.iep, full[desk.iep.practice], desk.flu_for(desk.iep, 300, MONDAY))
    await desk.cancel(conn, desk.eik, full[desk.eik.practice])
    await swapping.serve_swaps(conn)
    assert await states(conn) == {desk.beuk.practice: "open", desk.iep.practice: "served"}


async def test_one_swap_makes_room_for_the_next(desk, conn, full):
    """De Linde wants more on Monday, and waits for De Eik, who wants Wednesday, which fills up; then it comes free."""
    await desk.wait_for(conn, desk.linde, full[desk.linde.practice], desk.flu_for(desk.linde, 1000, MONDAY))
    await desk.wait_for(conn, desk.eik, full[desk.eik.practice], desk.flu_for(desk.eik, 500, WEDNESDAY))
    await swapping.serve_swaps(conn)
    assert set((await states(conn)).values()) == {"served"}
    assert await desk.taken(conn) == {MONDAY: (1000, 1), TUESDAY: (600, 2), WEDNESDAY: (500, 1)}


async def test_addresses_count_as_doses_do(desk, conn, full):
    await conn.execute("update ordering_delivery_day set doses_limit = 2000")
    wanted = [desk.flu_for(desk.beuk, 150, MONDAY), Line(desk.flu, desk.beuk.home, 150, TUESDAY)]
    await desk.wait_for(conn, desk.beuk, full[desk.beuk.practice], *wanted)
    await swapping.serve_swaps(conn)
    assert await states(conn) == {desk.beuk.practice: "open"}
    await conn.execute("update ordering_delivery_day set addresses_limit = 3")
    await swapping.serve_swaps(conn)
    assert await states(conn) == {desk.beuk.practice: "served"}


async def test_more_room_by_the_organiser_is_used_too(desk, conn, full):
    await desk.wait_for(conn, desk.linde, full[desk.linde.practice], desk.flu_for(desk.linde, 600, MONDAY))
    await conn.execute("update ordering_delivery_day set doses_limit = 1100")
    await swapping.serve_swaps(conn)
    assert await states(conn) == {desk.linde.practice: "served"}


async def test_a_day_that_is_gone_never_fits(desk, conn, full):
    await desk.wait_for(conn, desk.linde, full[desk.linde.practice], desk.flu_for(desk.linde, 500, WEDNESDAY))
    await conn.execute("delete from ordering_delivery_day where day = %s", (WEDNESDAY,))
    await swapping.serve_swaps(conn)
    assert await states(conn) == {desk.linde.practice: "open"}


async def test_what_was_changed_or_cancelled_since_is_over(desk, conn, full):
    await desk.wait_for(conn, desk.beuk, full[desk.beuk.practice], desk.flu_for(desk.beuk, 310, MONDAY))
    await desk.wait_for(conn, desk.iep, full[desk.iep.practice], desk.flu_for(desk.iep, 310, MONDAY))
    await desk.change(conn, desk.beuk, full[desk.beuk.practice], desk.flu_for(desk.beuk, 200, TUESDAY))
    await desk.cancel(conn, desk.iep, full[desk.iep.practice])
    await desk.cancel(conn, desk.eik, full[desk.eik.practice])
    await swapping.serve_swaps(conn)
    await swapping.tidy_swaps(conn)
    assert set((await states(conn)).values()) == {"overtaken"}
    assert await desk.taken(conn) == {MONDAY: (500, 1), TUESDAY: (200, 1)}
    assert await value(conn, "select count(*) from mail_outbox where kind = 'swap_lapsed'") == 0


async def test_after_the_free_limit_nobody_waits_any_more_and_a_mail_says_so(desk, conn, full):
    await desk.wait_for(conn, desk.beuk, full[desk.beuk.practice], desk.flu_for(desk.beuk, 310, TUESDAY))
    await swapping.tidy_swaps(conn)
    assert await states(conn) == {desk.beuk.practice: "open"}
    await conn.execute("update ordering_campaign set change_unit = 'days', change_limit = 366")
    await swapping.tidy_swaps(conn)
    await swapping.tidy_swaps(conn)
    assert await states(conn) == {desk.beuk.practice: "lapsed"}
    assert await value(conn, "select count(*) from mail_outbox where kind = 'swap_lapsed'") == 1


async def test_what_a_new_rule_forbids_lapses(desk, conn, full):
    await desk.wait_for(conn, desk.linde, full[desk.linde.practice], desk.flu_for(desk.linde, 510, MONDAY))
    await conn.execute("update ordering_product set step = 50")
    await desk.cancel(conn, desk.eik, full[desk.eik.practice])
    await swapping.serve_swaps(conn)
    assert await states(conn) == {desk.linde.practice: "lapsed"}
    assert await desk.taken(conn) == {MONDAY: (500, 1), TUESDAY: (600, 2)}


async def test_a_fault_of_one_does_not_hold_up_the_others(desk, conn, full):
    await desk.wait_for(conn, desk.beuk, full[desk.beuk.practice], desk.flu_for(desk.beuk, 300, MONDAY))
    await desk.wait_for(conn, desk.iep, full[desk.iep.practice], desk.flu_for(desk.iep, 200, MONDAY))
    broken = (
        f"alter table ordering_order add constraint broken check (practice_id <> {desk.beuk.practice} or revision = 0)"
    )
    await conn.execute(broken.encode())
    await desk.cancel(conn, desk.eik, full[desk.eik.practice])
    await swapping.serve_swaps(conn)
    assert await states(conn) == {desk.beuk.practice: "lapsed", desk.iep.practice: "served"}


async def test_who_has_no_number_stands_behind_those_who_have(desk, conn, full):
    await conn.execute("delete from waitingroom_ticket where holder = %s", (desk.beuk.practice,))
    await desk.wait_for(conn, desk.beuk, full[desk.beuk.practice], desk.flu_for(desk.beuk, 300, MONDAY))
    await desk.wait_for(conn, desk.iep, full[desk.iep.practice], desk.flu_for(desk.iep, 300, MONDAY))
    await desk.cancel(conn, desk.eik, full[desk.eik.practice])
    await swapping.serve_swaps(conn)
    assert await states(conn) == {desk.beuk.practice: "open", desk.iep.practice: "served"}
