"""What a click on "Bestel" may hear, and everything that is written with an order."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import psycopg
import pytest
from psycopg.rows import dict_row

from balie.ordering import hot
from balie.ordering.hot import ConfirmRequest, Line
from balie.ordering.tests.desk import MONDAY, TUESDAY, pass_time, value


async def rows(conn, query, *params):
    async with conn.cursor(row_factory=dict_row) as cursor:
        return await (await cursor.execute(query, params)).fetchall()


async def test_the_order_stands_with_its_number_and_lines(desk, conn):
    lines = [desk.flu_for(desk.linde), Line(desk.pneumo, desk.linde.annex, 100, TUESDAY)]
    (held,) = await desk.hold(conn, desk.wants(desk.linde, *lines))
    answer = await desk.confirm(conn, desk.linde, held.key)
    assert (answer.outcome, answer.number, answer.key) == ("ordered", "B27-00001", held.key)
    assert abs(answer.placed_at - datetime.now(UTC)) < timedelta(seconds=10)
    assert await desk.state(conn, desk.linde) == "ordered"
    assert await desk.taken(conn) == {MONDAY: (500, 1), TUESDAY: (100, 1)}
    found = await rows(conn, "select day, product, doses, location, address from judge.order_lines order by day")
    assert [tuple(line.values()) for line in found] == [
        (MONDAY, desk.flu, 500, desk.linde.home, "Hoofdweg 1, 1234 AB Ons Dorp"),
        (TUESDAY, desk.pneumo, 100, desk.linde.annex, "Bijweg 1, 1234 AB Ons Dorp"),
    ]
    (order,) = await rows(conn, "select placed_by_id, campaign_version from ordering_order")
    assert order == {"placed_by_id": desk.linde.person, "campaign_version": 1}


async def test_a_mail_row_is_written_for_each_distinct_address(desk, conn, settings):
    settings.MAIL_DOMAIN = "balie.example"
    for practice, second in ((desk.linde, "Praktijk1@voorbeeld.example"), (desk.eik, "eik@voorbeeld.example")):
        await conn.execute("update practices_practice set second_email = %s where id = %s", (second, practice.practice))
    for member in (desk.linde, desk.eik):
        held = await desk.hold_flu(conn, member)
        await desk.confirm(conn, member, held.key)
    found = await rows(
        conn, "select kind, reference, recipient, message_id, state, attempts, created_at, next_attempt_at"
        " from mail_outbox order by id"
    )  # fmt: skip
    assert [(mail["reference"], mail["recipient"], mail["message_id"]) for mail in found] == [
        ("B27-00001", "praktijk1@voorbeeld.example", "b27-00001.griep-2027@balie.example"),
        ("B27-00002", "praktijk2@voorbeeld.example", "b27-00002.griep-2027@balie.example"),
        ("B27-00002", "eik@voorbeeld.example", "b27-00002.griep-2027@balie.example"),
    ]
    for mail in found:
        assert (mail["kind"], mail["state"], mail["attempts"]) == ("order_confirmation", "queued", 0)
        assert mail["next_attempt_at"] == mail["created_at"]
        assert abs(mail["created_at"] - datetime.now(UTC)) < timedelta(seconds=10)


async def test_the_act_is_logged_with_the_moment_of_the_click(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    await pass_time(conn, 60)
    answer = await desk.confirm(conn, desk.linde, held.key, elapsed_ms=2500)
    (event,) = await rows(conn, "select actor_id, practice_id, action, subject, detail from practices_audit_event")
    detail = event.pop("detail")
    assert event == {
        "actor_id": desk.linde.person,
        "practice_id": desk.linde.practice,
        "action": "order.placed",
        "subject": answer.number,
    }
    assert detail["campaign"] == "griep-2027"
    assert datetime.fromisoformat(detail["window_ends_at"]) == held.expires_at
    assert datetime.fromisoformat(detail["clicked_at"]) == held.now + timedelta(seconds=57.5)


async def test_repeats_give_the_same_number_and_write_nothing(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    first = await desk.confirm(conn, desk.linde, held.key)
    await pass_time(conn, 1000)
    assert await desk.confirm(conn, desk.linde, held.key) == first
    for table in ("ordering_order", "mail_outbox", "practices_audit_event"):
        assert await value(conn, f"select count(*) from {table}") == 1


@pytest.mark.parametrize(
    ("passed_s", "elapsed_ms", "outcome"),
    [(300, 0, "ordered"), (300.001, 0, "lapsed"), (309, 9000, "ordered"), (309, 8999, "lapsed"), (0, -5, "ordered")],
)
async def test_the_click_is_judged_when_it_reached_us(desk, conn, passed_s, elapsed_ms, outcome):
    held = await desk.hold_flu(conn, desk.linde)
    await pass_time(conn, passed_s)
    answer = await desk.confirm(conn, desk.linde, held.key, elapsed_ms)
    assert answer.outcome == outcome
    assert await value(conn, "select count(*) from ordering_order") == (outcome == "ordered")


async def test_a_lapsed_hold_may_be_held_again_and_ordered(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    await pass_time(conn, 301)
    assert (await desk.confirm(conn, desk.linde, held.key)).outcome == "lapsed"
    again = await desk.hold_flu(conn, desk.linde)
    assert (await desk.confirm(conn, desk.linde, again.key)).outcome == "ordered"
    assert await desk.taken(conn) == {MONDAY: (500, 1)}


async def test_without_a_hold_there_is_nothing_to_order(desk, conn):
    assert (await desk.confirm(conn, desk.linde, uuid4())).outcome == "no_hold"
    held = await desk.hold_flu(conn, desk.linde)
    await desk.release(conn, desk.linde, held.key)
    assert (await desk.confirm(conn, desk.linde, held.key)).outcome == "no_hold"


async def test_another_device_that_replaced_the_hold_is_told(desk, conn):
    first = await desk.hold_flu(conn, desk.linde, 500)
    second = await desk.hold_flu(conn, desk.linde, 300)
    answer = await desk.confirm(conn, desk.linde, first.key)
    assert (answer.outcome, answer.number, answer.key) == ("replaced", None, second.key)
    await desk.confirm(conn, desk.linde, second.key)
    assert (await desk.confirm(conn, desk.linde, first.key)).key == second.key


async def test_a_key_is_the_practices_own(desk, conn):
    """A key copied from another practice opens nothing of theirs, and spoils nothing."""
    mine = await desk.hold_flu(conn, desk.linde)
    assert (await desk.confirm(conn, desk.eik, mine.key)).outcome == "no_hold"
    assert (await desk.hold_flu(conn, desk.eik, 300, key=mine.key)).outcome == "held"
    requests = [ConfirmRequest(each.practice, mine.key, each.person, 0) for each in (desk.linde, desk.eik)]
    answers = await hot.confirm_batch(conn, desk.campaign, requests)
    assert [answer.outcome for answer in answers] == ["ordered", "ordered"]
    assert answers[0].number != answers[1].number


async def test_a_click_in_time_takes_back_what_was_swept(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    await pass_time(conn, 320)
    assert await hot.sweep(conn, grace_s=15, limit=10) == 1
    assert await desk.taken(conn) == {}
    assert (await desk.confirm(conn, desk.linde, held.key, elapsed_ms=19_000)).outcome == "lapsed"
    assert (await desk.confirm(conn, desk.linde, held.key, elapsed_ms=21_000)).outcome == "ordered"
    assert await desk.taken(conn) == {MONDAY: (500, 1)}


async def test_what_was_swept_may_be_gone(desk, conn):
    held = await desk.hold_flu(conn, desk.linde, 600)
    other = await desk.hold_flu(conn, desk.eik, 300, TUESDAY)
    await pass_time(conn, 301)
    assert await hot.sweep(conn, grace_s=0, limit=10) == 2
    assert (await desk.hold_flu(conn, desk.beuk, 500)).outcome == "held"
    requests = [
        ConfirmRequest(desk.linde.practice, held.key, None, 2000),
        ConfirmRequest(desk.eik.practice, other.key, None, 2000),
    ]
    answers = await hot.confirm_batch(conn, desk.campaign, requests)
    assert [(answer.outcome, answer.number) for answer in answers] == [("full", None), ("ordered", "B27-00001")]
    assert await desk.taken(conn) == {MONDAY: (500, 1), TUESDAY: (300, 1)}
    assert (await desk.hold_flu(conn, desk.linde, 500)).outcome == "held"


async def test_a_late_twin_hears_of_the_timely_click(desk, conn):
    held = await desk.hold_flu(conn, desk.linde)
    await pass_time(conn, 301)
    requests = [ConfirmRequest(desk.linde.practice, held.key, desk.linde.person, ms) for ms in (0, 2000, 1500, 10)]
    answers = await hot.confirm_batch(conn, desk.campaign, requests)
    assert {(answer.outcome, answer.number) for answer in answers} == {("ordered", "B27-00001")}


async def test_a_long_number_keeps_its_digits(desk, conn):
    await conn.execute("select setval('ordering_order_id_seq', 123456)")
    held = await desk.hold_flu(conn, desk.linde)
    assert (await desk.confirm(conn, desk.linde, held.key)).number == "B27-123457"


async def test_a_failure_undoes_the_whole_order(desk, conn):
    """Whatever breaks between the first row and the last, there is no half an order (P1)."""
    held = await desk.hold_flu(conn, desk.linde)
    await conn.execute("alter table mail_outbox add constraint broken check (false) not valid")
    with pytest.raises(psycopg.errors.CheckViolation):
        await desk.confirm(conn, desk.linde, held.key)
    assert await value(conn, "select count(*) from ordering_order") == 0
    await conn.execute("alter table mail_outbox drop constraint broken")
    assert (await desk.confirm(conn, desk.linde, held.key)).outcome == "ordered"
