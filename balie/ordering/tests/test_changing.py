"""Changing an order: all of the new fits and counts at once, or everything stays as it was."""

from datetime import UTC, date, datetime

import psycopg
import pytest

from balie.ordering import hot
from balie.ordering.hot import Line
from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY, value
from balie.ordering.tests.test_cancelling import rows, set_limit

AT_NIGHT = datetime(2027, 9, 22, 22, 1, tzinfo=UTC)  # the free limit of Monday's orders is past
OTHER_DAY = date(2027, 10, 9)


async def lines_of(conn, number: str) -> list[tuple[date, int, str]]:
    """Days, doses and addresses as they stand."""
    found = await conn.execute(
        "select day, doses, address from judge.order_lines where number = %s order by day, product, address", (number,)
    )
    return await found.fetchall()


async def held_lines(conn, desk, member) -> list[tuple[date, int]]:
    found = await conn.execute(
        "select day, doses from judge.holds where practice = %s order by day, doses", (member.practice,)
    )
    return await found.fetchall()


async def test_more_doses_on_the_same_day(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    assert await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 800)) == ("changed", 1, None)
    assert await desk.taken(conn) == {MONDAY: (800, 1)}
    assert await lines_of(conn, number) == [(MONDAY, 800, "Hoofdweg 1, 1234 AB Ons Dorp")]
    assert await held_lines(conn, desk, desk.linde) == [(MONDAY, 800)]


async def test_another_day_and_another_address(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    await desk.change(conn, desk.linde, number, Line(desk.flu, desk.linde.annex, 500, TUESDAY))
    assert await desk.taken(conn) == {TUESDAY: (500, 1)}
    assert await lines_of(conn, number) == [(TUESDAY, 500, "Bijweg 1, 1234 AB Ons Dorp")]


async def test_more_lines_and_fewer(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    more = [desk.flu_for(desk.linde, 300), Line(desk.pneumo, desk.linde.annex, 100, TUESDAY)]
    assert (await desk.change(conn, desk.linde, number, *more))[:2] == ("changed", 1)
    assert await desk.taken(conn) == {MONDAY: (300, 1), TUESDAY: (100, 1)}
    assert (await desk.change(conn, desk.linde, number, more[1], revision=1))[:2] == ("changed", 2)
    assert await desk.taken(conn) == {TUESDAY: (100, 1)}
    assert await lines_of(conn, number) == [(TUESDAY, 100, "Bijweg 1, 1234 AB Ons Dorp")]


async def test_what_was_changed_is_cancelled_whole(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 300, TUESDAY))
    assert (await desk.cancel(conn, desk.linde, number))[0] == "cancelled"
    assert await desk.taken(conn) == {}
    assert await value(conn, "select line_day from ordering_cancelled_order") == [TUESDAY]


async def test_what_does_not_fit_changes_nothing(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    await desk.order_flu(conn, desk.eik, 400)
    answer = await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 610))
    assert answer == ("full", 0, {"days": ["2027-10-04"]})
    assert await desk.taken(conn) == {MONDAY: (900, 2)}
    assert await lines_of(conn, number) == [(MONDAY, 500, "Hoofdweg 1, 1234 AB Ons Dorp")]
    assert await held_lines(conn, desk, desk.linde) == [(MONDAY, 500)]
    assert await value(conn, "select count(*) from mail_outbox where kind = 'order_changed'") == 0


async def test_who_asks_for_less_keeps_a_full_day(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    await desk.order_flu(conn, desk.eik)
    assert await desk.taken(conn) == {MONDAY: (1000, 2)}
    assert (await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 490)))[0] == "changed"
    assert await desk.taken(conn) == {MONDAY: (990, 2)}


async def test_another_address_on_a_day_without_room_for_more(desk, conn):
    number = await desk.order_flu(conn, desk.linde, 100)
    await desk.order_flu(conn, desk.eik, 100)
    split = [desk.flu_for(desk.linde, 50), Line(desk.flu, desk.linde.annex, 50, MONDAY)]
    assert (await desk.change(conn, desk.linde, number, *split))[0] == "full"
    moved = Line(desk.flu, desk.linde.annex, 100, MONDAY)
    assert (await desk.change(conn, desk.linde, number, moved))[0] == "changed"
    assert await desk.taken(conn) == {MONDAY: (200, 2)}


async def test_part_of_it_on_a_full_day_changes_nothing_elsewhere(desk, conn):
    await desk.order_flu(conn, desk.eik, 1000, TUESDAY)
    number = await desk.order_flu(conn, desk.linde)
    wanted = [desk.flu_for(desk.linde, 300), desk.flu_for(desk.linde, 200, TUESDAY)]
    assert (await desk.change(conn, desk.linde, number, *wanted))[0] == "full"
    assert await desk.taken(conn) == {MONDAY: (500, 1), TUESDAY: (1000, 1)}


async def test_the_act_and_the_mail_are_written_with_it(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 600, TUESDAY))
    (act,) = await rows(
        conn, "select actor_id, practice_id, subject, detail from practices_audit_event where action = 'order.changed'"
    )
    assert (act["actor_id"], act["practice_id"], act["subject"]) == (desk.linde.person, desk.linde.practice, number)
    address = "Hoofdweg 1, 1234 AB Ons Dorp"
    line = {"product": desk.flu, "address": address}
    assert act["detail"]["before"] == [{**line, "day": "2027-10-04", "doses": 500}]
    assert act["detail"]["after"] == [{**line, "day": "2027-10-05", "doses": 600}]
    assert act["detail"]["revision"] == 1
    (order,) = await rows(conn, "select revision, changed_at, changed_by_id from ordering_order")
    assert (order["revision"], order["changed_by_id"]) == (1, desk.linde.person)
    (mail,) = await rows(conn, "select reference, message_id, recipient from mail_outbox where kind = 'order_changed'")
    assert mail["reference"] == f"{number}:1"
    assert mail["message_id"] == "b27-00001.changed.1.griep-2027@balie.example"


async def test_a_click_that_comes_again_hears_the_same(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    wanted = desk.flu_for(desk.linde, 600)
    first = await desk.change(conn, desk.linde, number, wanted)
    assert await desk.change(conn, desk.linde, number, wanted) == first
    assert await value(conn, "select count(*) from practices_audit_event where action = 'order.changed'") == 1
    assert await value(conn, "select count(*) from mail_outbox where kind = 'order_changed'") == 1


async def test_what_somebody_else_changed_since_is_not_changed_back(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 600))
    assert (await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 400)))[0] == "outdated"
    assert (await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 400), revision=2))[0] == "outdated"
    assert await desk.taken(conn) == {MONDAY: (600, 1)}


async def test_nothing_else_is_no_change(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    assert await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde)) == ("same", 0, None)
    assert await value(conn, "select count(*) from mail_outbox where kind = 'order_changed'") == 0


async def test_where_the_practice_moved_the_address_differs(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    await conn.execute("update practices_location set street = 'Nieuwe Kade 9' where id = %s", (desk.linde.home,))
    assert (await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde)))[0] == "changed"
    assert await lines_of(conn, number) == [(MONDAY, 500, "Nieuwe Kade 9, 1234 AB Ons Dorp")]
    assert await desk.taken(conn) == {MONDAY: (500, 1)}


async def test_an_order_of_another_or_of_nobody_is_none(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    assert await desk.change(conn, desk.eik, number, desk.flu_for(desk.eik, 100)) == ("no_order", None, None)
    assert await desk.change(conn, desk.linde, "B27-99999", desk.flu_for(desk.linde, 100)) == ("no_order", None, None)
    await desk.cancel(conn, desk.linde, number)
    assert (await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 100)))[0] == "no_order"
    assert await desk.taken(conn) == {}


@pytest.mark.parametrize(
    ("line", "wrong"),
    [
        (("flu", "home", 5, MONDAY), ("lines[0].doses", "minimum")),
        (("flu", "home", 505, MONDAY), ("lines[0].doses", "step")),
        (("flu", "home", 500, OTHER_DAY), ("lines[0].day", "day")),
        (("flu", "foreign", 600, MONDAY), ("lines[0].location", "location")),
    ],
)
async def test_the_rules_of_ordering_hold(desk, conn, line, wrong):
    number = await desk.order_flu(conn, desk.linde)
    product, place, doses, day = line
    location = desk.eik.home if place == "foreign" else desk.linde.home
    wanted = Line(getattr(desk, product), location, doses, day)
    outcome, _, detail = await desk.change(conn, desk.linde, number, wanted)
    assert outcome == "bad_lines"
    assert (detail["errors"][0]["at"], detail["errors"][0]["code"]) == wrong
    assert await desk.taken(conn) == {MONDAY: (500, 1)}


async def test_nothing_left_is_no_order(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    outcome, _, detail = await desk.change(conn, desk.linde, number)
    assert (outcome, detail) == ("bad_lines", {"errors": [{"at": "lines", "code": "empty"}]})


async def test_the_same_place_twice_is_refused(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    twice = [desk.flu_for(desk.linde, 500), desk.flu_for(desk.linde, 100)]
    outcome, _, detail = await desk.change(conn, desk.linde, number, *twice)
    assert (outcome, detail["errors"][0]["code"]) == ("bad_lines", "repeated")


async def test_a_rule_of_later_binds_only_what_differs(desk, conn):
    number = await desk.order_flu(conn, desk.linde, 510)
    await conn.execute("update ordering_product set step = 50, minimum = 50")
    await conn.execute("update ordering_campaign set cap_percent = 100")
    await conn.execute(
        "insert into practices_past_use (practice_id, product_code, year, ordered, administered)"
        " values (%s, 'flu', 2026, 100, 100)",
        (desk.linde.practice,),
    )
    kept, extra = desk.flu_for(desk.linde, 510), Line(desk.pneumo, desk.linde.home, 50, TUESDAY)
    assert (await desk.change(conn, desk.linde, number, kept, extra))[0] == "changed"
    assert (await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 450), extra, revision=1))[
        0
    ] == "changed"
    more = await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 500), extra, revision=2)
    assert (more[0], more[2]["errors"][0]["code"]) == ("bad_lines", "cap")
    split = [desk.flu_for(desk.linde, 450), Line(desk.flu, desk.linde.annex, 50, TUESDAY), extra]
    more = await desk.change(conn, desk.linde, number, *split, revision=2)
    assert (more[0], more[2]["errors"][0]["code"]) == ("bad_lines", "cap")


@pytest.mark.parametrize(
    ("unit", "at", "outcome"),
    [
        ("working_days", datetime(2027, 9, 22, 21, 59, 59, tzinfo=UTC), "changed"),
        ("working_days", AT_NIGHT, "late"),
        ("days", datetime(2027, 9, 26, 21, 59, 59, tzinfo=UTC), "changed"),
        ("days", datetime(2027, 9, 26, 22, 0, tzinfo=UTC), "late"),
        ("days", datetime(2027, 10, 3, 22, 0, tzinfo=UTC), "delivered"),
    ],
)
async def test_the_free_limit_is_that_of_the_campaign(desk, conn, unit, at, outcome):
    await set_limit(conn, 8, unit)
    number = await desk.order_flu(conn, desk.linde)
    assert (await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 600), at=at))[0] == outcome
    assert await desk.taken(conn) == {MONDAY: (600 if outcome == "changed" else 500, 1)}


@pytest.mark.parametrize(
    ("at", "wanted", "outcome"),
    [  # one day before; it is Monday the 4th in the Netherlands, or Tuesday the 5th
        (datetime(2027, 10, 4, 9, tzinfo=UTC), [(MONDAY, 100), (WEDNESDAY, 200)], "changed"),
        (datetime(2027, 10, 4, 9, tzinfo=UTC), [(MONDAY, 200), (WEDNESDAY, 100)], "delivered"),
        (datetime(2027, 10, 4, 9, tzinfo=UTC), [(WEDNESDAY, 100)], "delivered"),
        (datetime(2027, 10, 5, 9, tzinfo=UTC), [(MONDAY, 100), (WEDNESDAY, 200)], "changed"),
        (datetime(2027, 10, 4, 9, tzinfo=UTC), [(MONDAY, 100), (TUESDAY, 100)], "changed"),
        (datetime(2027, 10, 5, 9, tzinfo=UTC), [(MONDAY, 100), (TUESDAY, 100)], "delivered"),
    ],
)
async def test_only_days_of_lines_that_differ_count(desk, conn, at, wanted, outcome):
    await set_limit(conn, 1, "days")
    lines = [desk.flu_for(desk.linde, 100), desk.flu_for(desk.linde, 100, WEDNESDAY)]
    (held,) = await desk.hold(conn, desk.wants(desk.linde, *lines))
    number = (await desk.confirm(conn, desk.linde, held.key)).number
    wanted = [desk.flu_for(desk.linde, doses, day) for day, doses in wanted]
    assert (await desk.change(conn, desk.linde, number, *wanted, at=at))[0] == outcome


async def test_what_the_organiser_grants_is_done_for_its_fee(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    wanted = desk.flu_for(desk.linde, 600)
    answer = await desk.change(conn, desk.linde, number, wanted, at=AT_NIGHT, granted=True, fee_cents=4000)
    assert answer[:2] == ("changed", 1)
    detail = await value(conn, "select detail from practices_audit_event where action = 'order.changed'")
    assert (detail["granted"], detail["fee_cents"]) == (True, 4000)


async def test_what_is_delivered_is_not_granted(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    at = datetime(2027, 10, 4, 9, tzinfo=UTC)
    wanted = desk.flu_for(desk.linde, 600, TUESDAY)
    assert (await desk.change(conn, desk.linde, number, wanted, at=at, granted=True))[0] == "delivered"


async def test_a_failure_undoes_all_of_it(desk, conn):
    number = await desk.order_flu(conn, desk.linde)
    await conn.execute("alter table mail_outbox add constraint broken check (kind <> 'order_changed')")
    with pytest.raises(psycopg.errors.CheckViolation):
        await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 600, TUESDAY))
    assert await desk.taken(conn) == {MONDAY: (500, 1)}
    assert await held_lines(conn, desk, desk.linde) == [(MONDAY, 500)]


async def test_the_hot_paths_see_the_order_as_before(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    number = (await desk.confirm(conn, desk.linde, held.key)).number
    await desk.change(conn, desk.linde, number, desk.flu_for(desk.linde, 600))
    assert (await hot.read_mine(conn, desk.campaign, desk.linde.practice)).order.number == number
    again = await desk.confirm(conn, desk.linde, held.key)
    assert (again.outcome, again.number) == ("ordered", number)
    assert (await desk.hold_flu(conn, desk.linde)).outcome == "already_ordered"
    assert await desk.taken(conn) == {MONDAY: (600, 1)}
