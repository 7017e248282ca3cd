"""What who sleeps is told by text message, and how it ends for whoever has no order when ordering closes."""

import pytest

from balie.ordering.placing import tell_missed
from balie.ordering.tests.desk import MONDAY, Desk, value
from balie.ordering.tests.sleeping import Leader, mails, order_of
from balie.runtime.hot import Connection

MOBILE = "+31612345678"


@pytest.fixture(autouse=True)
async def _gateway(conn: Connection, desk: Desk, settings):
    settings.SMS_URL = "json://127.0.0.1:9/?:to={to}"
    await conn.execute("update practices_practice set mobile = %s where id = %s", (MOBILE, desk.linde.practice))


async def texts(conn: Connection) -> list[tuple[str, str, str]]:
    rows = await conn.execute("select kind, reference, recipient from sms_outbox order by id")
    return await rows.fetchall()


async def prepare(desk: Desk, conn: Connection, member, doses: int = 600) -> None:
    await desk.prepare(conn, member, desk.flu_for(member, doses, None), ranking=[MONDAY])


async def test_an_order_that_was_placed_is_told_to_who_gave_a_number(desk: Desk, conn, leader: Leader):
    for member in (desk.linde, desk.eik):
        await prepare(desk, conn, member, 400)
    await leader.turn()
    number, _auto, _lines = await order_of(conn, desk.linde)
    assert await order_of(conn, desk.eik)
    assert await texts(conn) == [("order_placed", number, MOBILE)]


async def test_without_a_gateway_no_text_is_written(desk: Desk, conn, leader: Leader, settings):
    settings.SMS_URL = ""
    await prepare(desk, conn, desk.linde)
    await leader.turn()
    assert await order_of(conn, desk.linde)
    assert await texts(conn) == []


async def test_that_nothing_was_free_is_told_once_and_an_order_that_comes_after_all_too(
    desk: Desk,
    conn,
    leader: Leader,
):
    held = await desk.hold_flu(conn, desk.iep, 900, MONDAY)
    await prepare(desk, conn, desk.linde)
    for _ in range(3):
        await leader.look_back()
    prepared = await value(conn, "select id::text from ordering_prepared_order")
    assert await texts(conn) == [("prepared_not_placed", prepared, MOBILE)]
    await desk.release(conn, desk.iep, held.key)
    await leader.look_back()
    number, _auto, _lines = await order_of(conn, desk.linde)
    assert (await texts(conn))[1:] == [("order_placed", number, MOBILE)]


async def test_a_text_and_its_order_come_together_or_not_at_all(desk: Desk, conn, leader: Leader):
    """As with mail: whoever reads the order can see what was told about it."""
    await conn.execute("alter table sms_outbox add constraint odd check (recipient <> '+31612345678')")
    for member in (desk.linde, desk.eik):
        await prepare(desk, conn, member, 400)
    for _ in range(3):
        await leader.turn()
    assert await order_of(conn, desk.linde) is None
    assert await order_of(conn, desk.eik)
    assert await texts(conn) == []


async def test_a_fault_of_ours_is_told_once_to_who_sleeps_and_has_no_order_by_it(desk: Desk, conn, leader: Leader):
    odd = "alter table ordering_order add constraint odd check (practice_id <> {})"
    await conn.execute(odd.format(desk.linde.practice))
    for member in (desk.linde, desk.eik):
        await prepare(desk, conn, member, 400)
    for _ in range(3):
        await leader.look_back()
    assert await order_of(conn, desk.linde) is None
    assert await order_of(conn, desk.eik)
    assert await mails(conn) == [
        ("order_confirmation", "praktijk2@voorbeeld.example"),
        ("prepared_not_placed", "praktijk1@voorbeeld.example"),
    ]
    assert [kind for kind, *_ in await texts(conn)] == ["prepared_not_placed"]
    assert await value(conn, "select failure from ordering_prepared_order where failed_at is not null") == "fault"
    assert await value(conn, "select count(*) from practices_audit_event where action = 'prepared.not_placed'") == 1


async def test_who_orders_itself_gets_no_text(desk: Desk, conn, leader: Leader):
    held = await desk.hold_flu(conn, desk.linde, 100, MONDAY)
    await prepare(desk, conn, desk.linde)
    await desk.confirm(conn, desk.linde, held.key)
    await leader.turn()
    assert await texts(conn) == []


async def close(conn: Connection, ago: str) -> None:
    await conn.execute("update waitingroom_room set doors_at = doors_at - interval '9 days'")
    await conn.execute("update waitingroom_room set closes_at = clock_timestamp() - %s::interval", (ago,))


async def test_who_has_nothing_when_ordering_has_closed_is_told_once(desk: Desk, conn, leader: Leader):
    await desk.hold_flu(conn, desk.iep, 900, MONDAY)
    await conn.execute("update waitingroom_room set called = 1")
    for member in (desk.linde, desk.eik):
        await prepare(desk, conn, member)
    await leader.turn()  # linde finds no room, and eik is not called
    await close(conn, "2 minutes")
    for _ in range(2):
        await tell_missed(conn)
    assert await mails(conn) == [
        ("prepared_missed", "praktijk1@voorbeeld.example"),
        ("prepared_missed", "praktijk2@voorbeeld.example"),
        ("prepared_not_placed", "praktijk1@voorbeeld.example"),
    ]
    assert [kind for kind, *_ in await texts(conn)] == ["prepared_not_placed", "prepared_missed"]
    assert await value(conn, "select count(*) from practices_audit_event where action = 'prepared.missed'") == 2


@pytest.mark.parametrize(
    "instead",
    [
        "select 1",  # it has an order
        "update ordering_prepared_order set auto = 'off'",
        "update waitingroom_room set closes_at = clock_timestamp() - interval '10 seconds'",
        "update waitingroom_room set closes_at = clock_timestamp() - interval '2 days'",
        "update waitingroom_room set closes_at = clock_timestamp() + interval '1 minute'",
    ],
)
async def test_nobody_else_is_told_so(desk: Desk, conn, leader: Leader, instead):
    await prepare(desk, conn, desk.linde)
    if instead == "select 1":
        await leader.turn()
        assert await order_of(conn, desk.linde)
    await close(conn, "2 minutes")
    await conn.execute(instead)
    await tell_missed(conn)
    assert [kind for kind, _ in await mails(conn) if kind == "prepared_missed"] == []
    assert [kind for kind, *_ in await texts(conn) if kind == "prepared_missed"] == []


async def test_who_still_holds_a_date_may_confirm_it_first(desk: Desk, conn, leader: Leader):
    await desk.hold_flu(conn, desk.linde, 100, MONDAY)
    await prepare(desk, conn, desk.linde)
    await close(conn, "2 minutes")
    await tell_missed(conn)
    assert await mails(conn) == []
    await conn.execute("update ordering_hold set state = 'lapsed'")
    await tell_missed(conn)
    assert len(await mails(conn)) == 1
