"""What the organiser does to holds: more time for everybody, and a practice that may order nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.core.exceptions import ValidationError

from balie.ordering import hot
from balie.ordering.models import Campaign, Hold
from balie.ordering.queries.forecast import read_seekers
from balie.ordering.services.holds import block_practice, extend_windows, unblock_practice
from balie.ordering.tests.desk import MONDAY, TUESDAY, pass_time, value
from balie.ordering.tests.web import off_loop
from balie.practices.models import AuditEvent, Person, Practice

MINUTES = 5


@pytest.fixture
def organiser(desk):
    return Person.objects.create_user("dina@voorbeeld.example", name="Dina Smit", is_organiser=True)


def campaign_of(desk) -> Campaign:
    return Campaign.objects.get(pk=desk.campaign)


async def extend(desk, organiser, minutes=MINUTES, reason="de mail was traag") -> int:
    return await off_loop(
        lambda: extend_windows(campaign=campaign_of(desk), minutes=minutes, actor=organiser, reason=reason)
    )


async def block(desk, organiser, member, reason="dubbel ingeschreven"):
    return await off_loop(
        lambda: block_practice(
            campaign=campaign_of(desk),
            practice=Practice.objects.get(pk=member.practice),
            actor=organiser,
            reason=reason,
        )
    )


async def unblock(desk, organiser, member):
    await off_loop(
        lambda: unblock_practice(
            campaign=campaign_of(desk),
            practice=Practice.objects.get(pk=member.practice),
            actor=organiser,
            reason="opgelost",
        )
    )


async def mine(desk, conn, member):
    return await hot.read_mine(conn, desk.campaign, member.practice)


async def test_everybody_who_holds_gets_more_time_and_hears_of_it(desk, conn, organiser):
    linde, eik = await desk.hold_flu(conn, desk.linde), await desk.hold_flu(conn, desk.eik, day=TUESDAY)
    ordered = await desk.hold_flu(conn, desk.beuk, 100)
    await desk.confirm(conn, desk.beuk, ordered.key)
    released = await desk.hold_flu(conn, desk.iep, 100)
    await desk.release(conn, desk.iep, released.key)
    versions = [(await mine(desk, conn, member)).version for member in (desk.linde, desk.eik, desk.beuk, desk.iep)]
    async with desk.line() as listener:
        await listener.execute("listen balie")
        assert await extend(desk, organiser) == 2
        async for heard in listener.notifies(timeout=5, stop_after=1):
            assert heard.payload == f"days:{desk.campaign}"
    for member, before in ((desk.linde, linde), (desk.eik, eik)):
        hold = (await mine(desk, conn, member)).hold
        assert (hold.key, hold.expires_at) == (before.key, before.expires_at + timedelta(minutes=MINUTES))
    after = [(await mine(desk, conn, member)).version for member in (desk.linde, desk.eik, desk.beuk, desk.iep)]
    assert [new - old for old, new in zip(versions, after, strict=True)] == [1, 1, 0, 0]
    event = await off_loop(lambda: AuditEvent.objects.get(action="windows.extended"))
    assert (event.actor_id, event.reason) == (organiser.pk, "de mail was traag")
    assert event.detail == {"minutes": MINUTES, "practices": 2}


async def test_a_replacement_keeps_the_extra_time(desk, conn, organiser):
    held = await desk.hold_flu(conn, desk.linde)
    await extend(desk, organiser)
    await pass_time(conn, 400)
    again = await desk.hold_flu(conn, desk.linde, 300, TUESDAY)
    assert again.expires_at == held.expires_at + timedelta(minutes=MINUTES)


async def test_who_was_just_too_late_and_still_has_its_places_is_in_time_again(desk, conn, organiser):
    held = await desk.hold_flu(conn, desk.linde)
    await pass_time(conn, 305)
    assert (await desk.confirm(conn, desk.linde, held.key)).outcome == "lapsed"
    assert await extend(desk, organiser) == 1
    assert (await mine(desk, conn, desk.linde)).hold.live
    assert (await desk.confirm(conn, desk.linde, held.key)).outcome == "ordered"


async def test_what_was_given_back_does_not_come_back(desk, conn, organiser):
    held = await desk.hold_flu(conn, desk.linde)
    await pass_time(conn, 320)
    await hot.sweep(conn, grace_s=12, limit=10)
    assert await extend(desk, organiser) == 0
    assert (await desk.confirm(conn, desk.linde, held.key)).outcome == "lapsed"
    assert await desk.taken(conn) == {}


@pytest.mark.parametrize(("minutes", "reason"), [(0, "ja"), (31, "ja"), (-5, "ja"), (5, "  ")])
async def test_an_impossible_extension_changes_nothing(desk, conn, organiser, minutes, reason):
    held = await desk.hold_flu(conn, desk.linde)
    with pytest.raises(ValidationError):
        await extend(desk, organiser, minutes, reason)
    assert (await mine(desk, conn, desk.linde)).hold.expires_at == held.expires_at
    assert not await off_loop(AuditEvent.objects.filter(action="windows.extended").exists)


async def test_a_blocked_practice_gives_back_what_it_held_and_can_order_nothing(desk, conn, organiser):
    held = await desk.hold_flu(conn, desk.linde, 600)
    before = await mine(desk, conn, desk.linde)
    assert await block(desk, organiser, desk.linde) == [MONDAY]
    assert await desk.taken(conn) == {}
    after = await mine(desk, conn, desk.linde)
    assert (after.blocked, after.hold, after.version) == (True, None, before.version + 1)
    assert (await desk.confirm(conn, desk.linde, held.key)).outcome == "blocked"
    assert (await desk.confirm(conn, desk.linde, held.key, elapsed_ms=5000)).outcome == "blocked"
    assert (await desk.hold_flu(conn, desk.linde, key=held.key)).outcome == "blocked"
    assert await value(conn, "select count(*) from judge.orders") == 0
    event = await off_loop(lambda: AuditEvent.objects.get(action="practice.blocked"))
    assert (event.practice_id, event.reason) == (desk.linde.practice, "dubbel ingeschreven")
    assert event.detail == {"gave_back": ["2027-10-04"]}


async def test_its_ticket_stays_and_others_go_on(desk, conn, organiser):
    ticket = (await mine(desk, conn, desk.linde)).ticket
    await block(desk, organiser, desk.linde)
    assert (await mine(desk, conn, desk.linde)).ticket == ticket
    answers = await desk.hold(
        conn,
        desk.wants(desk.linde, desk.flu_for(desk.linde)),
        desk.wants(desk.eik, desk.flu_for(desk.eik)),
    )
    assert [answer.outcome for answer in answers] == ["blocked", "held"]


async def test_control_nobody_else_is_told_that_they_are_blocked(desk, conn, organiser):
    await block(desk, organiser, desk.linde)
    held = await desk.hold_flu(conn, desk.eik)
    assert held.outcome == "held"
    assert (await desk.confirm(conn, desk.eik, held.key)).outcome == "ordered"


async def test_after_unblocking_it_orders_as_before(desk, conn, organiser):
    await block(desk, organiser, desk.linde)
    await unblock(desk, organiser, desk.linde)
    assert not (await mine(desk, conn, desk.linde)).blocked
    held = await desk.hold_flu(conn, desk.linde)
    assert (await desk.confirm(conn, desk.linde, held.key)).outcome == "ordered"


async def test_an_order_that_stands_is_not_undone(desk, conn, organiser):
    held = await desk.hold_flu(conn, desk.linde)
    order = await desk.confirm(conn, desk.linde, held.key)
    with pytest.raises(ValidationError, match="al besteld"):
        await block(desk, organiser, desk.linde)
    assert (await desk.confirm(conn, desk.linde, held.key)).number == order.number
    assert not await off_loop(AuditEvent.objects.filter(action="practice.blocked").exists)


async def test_blocking_twice_and_unblocking_whom_nobody_blocked_are_refused(desk, conn, organiser):
    await block(desk, organiser, desk.linde)
    with pytest.raises(ValidationError, match="al geblokkeerd"):
        await block(desk, organiser, desk.linde)
    with pytest.raises(ValidationError, match="niet geblokkeerd"):
        await unblock(desk, organiser, desk.eik)
    with pytest.raises(ValidationError, match="reden"):
        await block(desk, organiser, desk.beuk, reason=" ")
    assert await off_loop(AuditEvent.objects.filter(action="practice.blocked").count) == 1


async def test_every_answer_is_kept(desk, conn, organiser):
    """One row a batch, with what each practice asked and heard."""
    held, full, wrong = await desk.hold(
        conn,
        desk.wants(desk.linde, desk.flu_for(desk.linde, 600), elapsed_ms=40),
        desk.wants(desk.eik, desk.flu_for(desk.eik, 600, None), ranking=[MONDAY]),
        desk.wants(desk.beuk, desk.flu_for(desk.beuk, 15)),
    )
    assert (held.outcome, full.outcome, wrong.outcome) == ("held", "full", "bad_lines")
    await desk.hold_flu(conn, desk.linde, 600, key=held.key)
    await desk.confirm(conn, desk.linde, uuid4())
    await desk.release(conn, desk.linde, held.key)
    await desk.hold_flu(conn, desk.eik, day=TUESDAY)
    await extend(desk, organiser)
    await pass_time(conn, 900)
    await hot.sweep(conn, grace_s=0, limit=10)
    await hot.sweep(conn, grace_s=0, limit=10)
    rows = await (
        await conn.execute("select act, practices, outcomes, details from ordering_hold_log order by id")
    ).fetchall()
    three = [member.practice for member in (desk.linde, desk.eik, desk.beuk)]
    assert [row[:3] for row in rows] == [
        ("hold", three, ["held", "full", "bad_lines"]),
        ("hold", [desk.linde.practice], ["held"]),
        ("confirm", [desk.linde.practice], ["replaced"]),
        ("release", [desk.linde.practice], None),
        ("hold", [desk.eik.practice], ["held"]),
        ("extend", [desk.eik.practice], None),
        ("lapse", [desk.eik.practice], None),
    ]
    assert rows[0][3][:2] == [["2027-10-04"], ["2027-10-04"]]
    assert rows[0][3][2][0]["code"] == "step"
    assert rows[1][3] == [None]  # a repeated request got the answer that it had


async def test_the_forecast_counts_no_blocked_practice(desk, conn, organiser):
    before = await off_loop(lambda: len(read_seekers(campaign_of(desk))))
    await block(desk, organiser, desk.linde)
    assert await off_loop(lambda: len(read_seekers(campaign_of(desk)))) == before - 1
    assert await off_loop(lambda: Hold.objects.filter(blocked=True).count()) == 1
