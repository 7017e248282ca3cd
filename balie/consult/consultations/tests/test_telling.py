"""Mail about the time of a consultatie: once before it, once after it, to whom it concerns."""

import asyncio

import pytest
from django.db import connections

from balie.consult.consultations.acts import ConcludeBody, PickUpBody, ask, conclude, pick_up
from balie.consult.consultations.telling import (
    CONSULTATION_LATE,
    CONSULTATION_SOON,
    render_consultation_late,
    render_consultation_soon,
    tell_consultations,
)
from balie.consult.models import Consultation
from balie.practices.models import Person
from balie.runtime.hot import connect

EARLIER = """
update consult_consultation
   set asked_at = asked_at - %(by)s, warn_at = warn_at - %(by)s, due_at = due_at - %(by)s,
       picked_up_at = picked_up_at - %(by)s
"""
WARNS = "select warn_at - clock_timestamp() from consult_consultation"
MEMBER = "insert into consult_member (group_id, identity_id, since) values (%s, %s, 1)"
DUE = "select due_at - clock_timestamp() from consult_consultation"


@pytest.fixture
async def asked(clinic, conn):
    """A question to the team: its id."""
    body = clinic.body()
    await ask(conn, clinic.anna.held, body)
    return body.id


@pytest.fixture
async def told(conn):
    """Gives who was mailed since the last time, and of what."""

    async def look() -> set[tuple[str, str]]:
        await tell_consultations(conn)
        rows = await (await conn.execute("delete from mail_outbox returning kind, reference")).fetchall()
        assert len(rows) == len(set(rows))
        return {(kind, reference.partition(":")[2]) for kind, reference in rows}

    return look


async def pass_until(conn, moment):
    """As if it had been asked so much earlier that it is that time now."""
    [left] = await (await conn.execute(moment)).fetchone()
    await conn.execute(EARLIER, {"by": left})


def about(kind, *colleagues):
    return {(kind, each.identity) for each in colleagues}


async def test_nobody_is_told_before_it_is_time(asked, told):
    assert await told() == set()


async def test_a_program_in_the_team_gets_no_mail(clinic, asked, conn, told):
    member = "insert into practices_membership (person_id, practice_id, role) values (%s, %s, 'software')"
    await conn.execute(member, (clinic.bilal.person, clinic.bilal.practice))
    await pass_until(conn, WARNS)
    assert await told() == about(CONSULTATION_SOON, clinic.chris)


async def test_the_team_is_told_once_before_and_everybody_once_after(clinic, asked, conn, told):
    await pass_until(conn, WARNS)
    assert await told() == about(CONSULTATION_SOON, clinic.bilal, clinic.chris)
    assert await told() == set()
    await pass_until(conn, DUE)
    assert await told() == about(CONSULTATION_LATE, clinic.anna, clinic.bilal, clinic.chris)
    assert await told() == set()


async def test_before_it_who_picked_it_up_is_told_and_after_it_the_team(clinic, asked, conn, told):
    await pick_up(conn, clinic.bilal.held, PickUpBody(asked))
    await pass_until(conn, WARNS)
    assert await told() == about(CONSULTATION_SOON, clinic.bilal)
    await pass_until(conn, DUE)
    assert await told() == about(CONSULTATION_LATE, clinic.anna, clinic.bilal, clinic.chris)


async def test_after_a_long_silence_of_ours_only_the_second_is_sent(clinic, asked, conn, told):
    await pass_until(conn, DUE)
    assert {kind for kind, _ in await told()} == {CONSULTATION_LATE}
    assert await told() == set()


async def test_what_is_concluded_is_over(clinic, asked, conn, told):
    await pick_up(conn, clinic.bilal.held, PickUpBody(asked))
    await conclude(conn, clinic.bilal.held, ConcludeBody(asked))
    await pass_until(conn, DUE)
    assert await told() == set()


async def test_two_workers_tell_once(clinic, asked, conn, told, installation):
    await pass_until(conn, DUE)
    async with await connect(installation.dsn, name="one") as one, await connect(installation.dsn, name="two") as two:
        await asyncio.gather(tell_consultations(one), tell_consultations(two))
    assert len(await told()) == 3


@pytest.mark.parametrize("language", ["nl", "en"])
async def test_the_mail_says_by_when_and_nothing_of_the_question(clinic, asked, language):
    def letters():
        try:
            Person.objects.update(language=language)
            to = {each.identity: f"{asked}:{each.identity}" for each in (clinic.anna, clinic.bilal)}
            soon = render_consultation_soon(to[clinic.bilal.identity])
            late, to_gp = (render_consultation_late(to[each.identity]) for each in (clinic.bilal, clinic.anna))
            return Consultation.objects.get().due_at, soon, late, to_gp
        finally:
            connections.close_all()

    due, soon, late, to_gp = await asyncio.to_thread(letters)
    subjects = {
        "nl": ("Een consultatie wacht op uw antwoord", "Een consultatie is over tijd"),
        "en": ("A consultation is waiting for your answer", "A consultation is past its time"),
    }[language]
    assert (soon.subject, late.subject, to_gp.subject) == (subjects[0], subjects[1], subjects[1])
    assert to_gp.text != late.text
    for letter in (soon, late, to_gp):
        assert letter.language == language
        assert "17:00" in letter.text
        assert str(due.day) in letter.text
        assert clinic.conversation.name not in letter.html
        assert "Anna" not in letter.html


async def test_who_is_in_a_team_with_who_was_asked_alone_is_told_once_it_is_late(clinic, conn, told):
    await ask(conn, clinic.anna.held, clinic.body(of=clinic.dina.member))
    await conn.execute(MEMBER, (clinic.other_team.pk, clinic.chris.identity))
    await pass_until(conn, WARNS)
    assert await told() == about(CONSULTATION_SOON, clinic.dina)
    await pass_until(conn, DUE)
    assert await told() == about(CONSULTATION_LATE, clinic.dina, clinic.chris, clinic.anna)
