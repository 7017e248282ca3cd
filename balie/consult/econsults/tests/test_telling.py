"""Mail that the time of an e-consult is over: to the team, once, and without a word of the question."""

import pytest

from balie.consult.econsults.telling import ECONSULT_LATE, render_econsult_late, tell_econsults
from balie.consult.econsults.tests.post import act
from balie.ordering.tests.web import off_loop

LATE = "update consult_econsult set due_at = clock_timestamp()"


@pytest.fixture
def told(conn):
    """Gives to whom mail went since the last time."""

    async def look() -> list[str]:
        await tell_econsults(conn)
        rows = await (await conn.execute("delete from mail_outbox returning kind, reference")).fetchall()
        assert {kind for kind, _ in rows} <= {ECONSULT_LATE}
        return sorted(reference for _, reference in rows)

    return look


async def test_the_team_hears_once_that_the_time_is_over(post, sent, conn, told):
    assert await told() == []
    await conn.execute(LATE)
    assert await told() == sorted(f"{sent['id']}:{each.identity}" for each in (post.emma, post.bas))
    assert await told() == []


async def test_what_is_closed_or_went_on_elsewhere_is_over(browsers, sent, conn, told):
    await act(browsers["Emma"], "/pick-up", id=sent["id"])
    await act(browsers["Emma"], "/close", id=sent["id"])
    await conn.execute(LATE)
    assert await told() == []
    await conn.execute("update consult_econsult set closed_at = null, holder_id = null, moved_at = clock_timestamp()")
    assert await told() == []


async def test_what_another_process_tells_of_is_left_to_it(installation, sent, conn, told):
    await conn.execute(LATE)
    async with conn.transaction():
        await conn.execute("select from consult_econsult for no key update")
        with installation.connect() as other:
            query = "select id from consult_econsult for no key update skip locked"
            assert other.execute(query).fetchall() == []
    assert len(await told()) == 2


@pytest.mark.parametrize(("picked_up", "says"), [(False, "Niemand heeft"), (True, "nog niet afgesloten")])
async def test_it_says_what_is_to_be_done(post, browsers, sent, picked_up, says):
    if picked_up:
        await act(browsers["Emma"], "/pick-up", id=sent["id"])
    mail = await off_loop(lambda: render_econsult_late(f"{sent['id']}:{post.emma.identity}"))
    assert mail.subject == "Een e-consult is over tijd"
    assert says in mail.text
    assert "#e-consulten" in mail.text
    assert says in mail.html
    assert "Nadia" not in mail.text + mail.html
