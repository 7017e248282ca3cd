"""Who runs a practice is told that a drill is due, or that a reserve was used: once a month until it is done."""

import pytest

from balie.consult.reserves.telling import RESERVE_DUE, render_reserve_due, tell_reserves
from balie.consult.reserves.tests.making import make
from balie.ordering.tests.web import off_loop
from balie.practices.models import Membership
from balie.practices.testing import make_practice

NAMED = """
insert into consult_team_name (group_id, name, practice_id, for_patients)
select g.id, 'Balieteam', p.id, false from consult_group g, practices_practice p where g.name = %s
"""


@pytest.fixture
async def reserve(clients, team):
    """Of a team of a practice, which Chris manages and where Dina answers the telephone."""
    anna, _, chris, dina = clients
    await off_loop(lambda: _employ(anna, chris, dina))
    made = make(anna.holder, *team)
    assert (await anna.post(made.statement)).status == 200
    return made


def _employ(anna, chris, dina) -> None:
    practice = make_practice()
    for client, role in ((chris, "manager"), (dina, "assistant")):
        Membership.objects.create(person_id=client.holder.person, practice=practice, role=role)


@pytest.fixture
def told(conn):
    async def look() -> list[str]:
        await tell_reserves(conn)
        rows = await (
            await conn.execute("delete from mail_outbox where kind = %s returning reference", (RESERVE_DUE,))
        ).fetchall()
        return [reference for (reference,) in rows]

    return look


async def make_older(conn, column: str, by: str) -> None:
    """What is kept as it is was made so long ago."""
    await conn.execute("alter table consult_reserve disable trigger user")
    await conn.execute(f"update consult_reserve set {column} = clock_timestamp() - interval '{by}'")
    await conn.execute("alter table consult_reserve enable trigger user")


async def test_who_runs_the_practice_is_told_after_a_year_and_each_month(clients, team, reserve, told, conn):
    anna, _, chris, _ = clients
    await conn.execute(NAMED, (team[0],))
    assert await told() == []
    await make_older(conn, "made_at", "366 days")
    [reference] = await told()
    assert reference.endswith(f":{chris.holder.person}")
    assert await told() == []
    await make_older(conn, "chased_at", "31 days")
    assert await told() == [reference]
    letter = await off_loop(lambda: render_reserve_due(reference))
    assert ("Oefen" in letter.subject, "Balieteam" in letter.text, "/gesprekken/reserve/" in letter.html) == (True,) * 3
    await make_older(conn, "chased_at", "31 days")
    drilled = {"team": team[0], "set": reserve.set, "passed": True, "parts": "12"}
    assert (await anna.browser.post("/live/consult/reserve/drill", drilled)).status == 200
    assert await told() == [], "a drill that passed is what it asked for"


async def test_a_drill_that_failed_ends_nothing(clients, team, reserve, told, conn):
    anna, *_ = clients
    await make_older(conn, "made_at", "366 days")
    failed = {"team": team[0], "set": reserve.set, "passed": False, "parts": "2", "note": "Weg"}
    assert (await anna.browser.post("/live/consult/reserve/drill", failed)).status == 200
    [reference] = await told()
    assert reference.endswith(f":{anna.holder.person}"), "of a team without practice, who made it"


async def test_a_reserve_that_was_used_must_be_made_anew(clients, team, reserve, told, conn):
    await conn.execute("update consult_reserve set used_at = clock_timestamp()")
    [reference] = await told()
    letter = await off_loop(lambda: render_reserve_due(reference))
    assert (letter.subject, "gebruikt" in letter.text) == ("Maak een nieuwe reserve", True)


async def test_two_who_look_at_once_tell_once(reserve, told, conn, ward):
    await make_older(conn, "made_at", "366 days")
    async with ward.line() as other, other.transaction():
        await other.execute("select from consult_reserve for no key update")
        assert await told() == []
    assert len(await told()) == 1
