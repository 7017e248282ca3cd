"""Cancelling a whole order: everything goes back at once, or nothing happens."""

from datetime import UTC, date, datetime

import psycopg
import pytest

from balie.ordering import hot
from balie.ordering.hot import Line
from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY, value

AT_NIGHT = datetime(2027, 9, 22, 22, 1, tzinfo=UTC)  # in the Netherlands it is Thursday the 23rd


async def rows(conn, query: str):
    cursor = await conn.execute(query)
    names = [column.name for column in cursor.description]
    return [dict(zip(names, row, strict=True)) for row in await cursor.fetchall()]


async def set_limit(conn, limit: int, unit: str = "working_days", holidays: str = "{}") -> None:
    await conn.execute(
        "update ordering_campaign set change_limit = %s, change_unit = %s, holidays = %s::date[]",
        (limit, unit, holidays),
    )


async def test_doses_and_addresses_of_all_days_go_back(desk, conn):
    await desk.order_flu(conn, desk.eik, 200, MONDAY)
    lines = [desk.flu_for(desk.linde), Line(desk.pneumo, desk.linde.annex, 100, TUESDAY)]
    (held,) = await desk.hold(conn, desk.wants(desk.linde, *lines))
    number = (await desk.confirm(conn, desk.linde, held.key)).number
    assert await desk.taken(conn) == {MONDAY: (700, 2), TUESDAY: (100, 1)}
    outcome, at = await desk.cancel(conn, desk.linde, number)
    assert (outcome, at is not None) == ("cancelled", True)
    assert await desk.taken(conn) == {MONDAY: (200, 1)}
    assert await desk.state(conn, desk.linde) == "none"
    assert [order["number"] for order in await rows(conn, "select number from judge.orders")] == ["B27-00001"]
    (kept,) = await rows(conn, "select * from ordering_cancelled_order")
    assert (kept["number"], kept["line_day"], kept["line_doses"]) == (number, [MONDAY, TUESDAY], [500, 100])
    assert kept["line_address"] == ["Hoofdweg 1, 1234 AB Ons Dorp", "Bijweg 1, 1234 AB Ons Dorp"]
    assert (kept["placed_by_id"], kept["cancelled_by_id"]) == (desk.linde.person, desk.linde.person)
    assert await rows(conn, "select number from judge.cancelled") == [{"number": number}]


async def test_the_act_and_the_mail_are_written_with_it(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    await conn.execute("update mail_outbox set state = 'sent', sent_at = now()")
    await desk.cancel(conn, desk.linde, number)
    (act,) = await rows(
        conn,
        "select actor_id, practice_id, subject, detail from practices_audit_event where action = 'order.cancelled'",
    )
    assert (act["actor_id"], act["practice_id"], act["subject"]) == (desk.linde.person, desk.linde.practice, number)
    assert act["detail"]["before"] == [
        {"day": "2027-10-04", "product": desk.flu, "doses": 500, "address": "Hoofdweg 1, 1234 AB Ons Dorp"}
    ]
    mails = await rows(conn, "select kind, reference, state, message_id from mail_outbox order by id")
    assert [(mail["kind"], mail["state"]) for mail in mails] == [
        ("order_confirmation", "sent"),
        ("order_cancelled", "queued"),
    ]
    assert mails[1]["message_id"] == "b27-00001.cancelled.griep-2027@balie.example"


async def test_a_confirmation_that_has_not_left_does_not_leave(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    await conn.execute(
        "insert into sms_outbox (kind, reference, once, recipient) values ('order_placed', %s, 'x', '+31612345678')",
        (number,),
    )
    await desk.cancel(conn, desk.linde, number)
    assert await rows(conn, "select kind from mail_outbox") == [{"kind": "order_cancelled"}]
    assert await value(conn, "select count(*) from sms_outbox") == 0


async def test_a_mail_about_a_change_that_has_not_left_does_not_leave(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    (outcome, *_) = await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 300, MONDAY))
    assert outcome == "changed"
    await desk.cancel(conn, desk.linde, number)
    assert await rows(conn, "select kind from mail_outbox") == [{"kind": "order_cancelled"}]


async def test_a_repeat_gets_the_same_answer_and_changes_nothing(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    first = await desk.cancel(conn, desk.linde, number)
    assert await desk.cancel(conn, desk.linde, number) == first
    assert await value(conn, "select count(*) from practices_audit_event where action = 'order.cancelled'") == 1
    assert await value(conn, "select count(*) from mail_outbox") == 1
    assert await desk.taken(conn) == {}


async def test_a_late_repeat_leaves_the_next_order_alone(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    first = await desk.cancel(conn, desk.linde, number)
    again = await desk.order_flu(conn, desk.linde, 300, TUESDAY)
    assert again != number
    assert await desk.cancel(conn, desk.linde, number) == first
    assert await desk.taken(conn) == {TUESDAY: (300, 1)}
    assert (await hot.read_mine(conn, desk.campaign, desk.linde.practice)).order.number == again
    assert (await desk.cancel(conn, desk.linde, again))[0] == "cancelled"
    assert await desk.taken(conn) == {}


async def test_an_order_of_another_or_of_nobody_is_none(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    assert await desk.cancel(conn, desk.eik, number) == ("no_order", None)
    assert await desk.cancel(conn, desk.linde, "B27-99999") == ("no_order", None)
    assert await desk.taken(conn) == {MONDAY: (500, 1)}


@pytest.mark.parametrize(
    ("rule", "day", "last_free"),
    [
        ((8, "days"), date(2027, 10, 12), date(2027, 10, 4)),
        ((8, "working_days"), date(2027, 10, 12), date(2027, 9, 30)),
        ((8, "working_days", "{2027-10-11,2027-10-01,2027-10-02}"), date(2027, 10, 12), date(2027, 9, 28)),
        ((1, "working_days"), date(2027, 10, 11), date(2027, 10, 8)),
        ((0, "working_days"), date(2027, 10, 11), date(2027, 10, 11)),
        ((0, "days"), date(2027, 10, 11), date(2027, 10, 11)),
    ],
)
async def test_the_campaign_says_until_when_it_is_free(desk, conn, rule, day, last_free):
    await set_limit(conn, *rule)
    assert await value(conn, "select ordering_last_free_day_v1(%s, %s)", desk.campaign, day) == last_free


@pytest.mark.parametrize(
    ("unit", "at", "outcome"),
    [  # eight working days before Monday 4 October is Wednesday 22 September, eight days Sunday the 26th
        ("working_days", datetime(2027, 9, 22, 21, 59, 59, tzinfo=UTC), "cancelled"),
        ("working_days", AT_NIGHT, "late"),
        ("days", datetime(2027, 9, 26, 21, 59, 59, tzinfo=UTC), "cancelled"),
        ("days", datetime(2027, 9, 26, 22, 0, tzinfo=UTC), "late"),
        ("days", datetime(2027, 10, 3, 22, 0, tzinfo=UTC), "delivered"),
    ],
)
async def test_the_limit_ends_with_the_dutch_day(desk, conn, unit, at, outcome):
    await set_limit(conn, 8, unit)
    number = await desk.order_flu(conn, desk.linde)
    assert (await desk.cancel(conn, desk.linde, number, at=at))[0] == outcome
    assert await desk.taken(conn) == ({} if outcome == "cancelled" else {MONDAY: (500, 1)})


async def test_the_first_delivery_counts(desk, conn):
    await set_limit(conn, 1, "days")
    lines = [desk.flu_for(desk.linde, 100, WEDNESDAY), Line(desk.pneumo, desk.linde.home, 100, TUESDAY)]
    (held,) = await desk.hold(conn, desk.wants(desk.linde, *lines))
    number = (await desk.confirm(conn, desk.linde, held.key)).number
    at = datetime(2027, 10, 4, 22, tzinfo=UTC)
    assert (await desk.cancel(conn, desk.linde, number, at=at))[0] == "delivered"


async def test_what_the_organiser_grants_is_done_for_its_fee(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    answer = await desk.cancel(conn, desk.linde, number, at=AT_NIGHT, granted=True, fee_cents=4000)
    assert answer[0] == "cancelled"
    assert await rows(conn, "select granted, fee_cents from ordering_cancelled_order") == [
        {"granted": True, "fee_cents": 4000}
    ]
    assert await desk.taken(conn) == {}


async def test_what_is_delivered_is_not_granted(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    at = datetime(2027, 10, 4, 9, tzinfo=UTC)
    assert (await desk.cancel(conn, desk.linde, number, at=at, granted=True))[0] == "delivered"


async def test_a_failure_undoes_all_of_it(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    await conn.execute("alter table mail_outbox add constraint broken check (kind <> 'order_cancelled')")
    with pytest.raises(psycopg.errors.CheckViolation):
        await desk.cancel(conn, desk.linde, number)
    assert await desk.state(conn, desk.linde) == "ordered"
    assert await desk.taken(conn) == {MONDAY: (500, 1)}
    assert await value(conn, "select count(*) from ordering_cancelled_order") == 0


async def cancelled_of_a_sleeper(desk, conn, leader):
    await desk.prepare(conn, desk.linde, desk.flu_for(desk.linde, 300, None), ranking=[MONDAY])
    await leader.turn()
    (order,) = await rows(conn, "select number from judge.orders")
    await desk.cancel(conn, desk.linde, order["number"])


async def test_balie_does_not_order_again_what_was_cancelled(desk, conn, leader):
    await cancelled_of_a_sleeper(desk, conn, leader)
    await leader.look_back()
    assert await value(conn, "select count(*) from judge.orders") == 0


async def test_control_were_it_still_left_to_balie_it_would_be_ordered_again(desk, conn, leader):
    await cancelled_of_a_sleeper(desk, conn, leader)
    assert await value(conn, "update ordering_prepared_order set auto = 'one_day' returning failed_at") is None
    await leader.look_back()
    assert await value(conn, "select count(*) from judge.orders") == 1
