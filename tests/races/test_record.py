"""A hold that meets a deletion: one comes before the other, so what is held is there. The control lacks the lock."""

import asyncio

import psycopg
import pytest

from balie.consult.models import Keeper
from balie.consult.tests.ward import Ward
from balie.lib.sqlfiles import read_sql
from balie.practices.testing import make_practice
from tests.races.steps import until_blocked

LOCK = "  perform from consult_group g where g.id = old.group_id for no key update;\n"
HOLD = """
insert into consult_hold (group_id, practice_id, placed_by_id, placed_at, reason)
select %s, %s, %s, clock_timestamp(), 'complaint'
"""


@pytest.fixture
def ward(installation) -> Ward:
    return Ward(installation.dsn)


@pytest.fixture
async def lines(ward):
    async with ward.line() as one, ward.line() as two, ward.line() as watch:
        for each in (one, two, watch):
            await each.execute("set lock_timeout = '30s'")
        yield one, two, watch


async def aged(ward, conn) -> None:
    """Something that was said 21 years ago."""
    await ward.send(conn, ward.message(ward.anna, ward.both))
    await conn.execute("update consult_message set received_at = clock_timestamp() - interval '21 years'")


@pytest.fixture
def practice(ward) -> int:
    """Which keeps it."""
    made = make_practice()
    Keeper.objects.create(group_id=ward.both.pk, practice=made)
    return made.pk


async def hold_while_deleting(ward, practice, lines, *, waits: bool) -> tuple[str, int, int]:
    """A message is deleted while a hold is not committed; what the deletion heard, and how many of both there are."""
    one, two, watch = lines
    heard = "deleted"
    await aged(ward, watch)
    async with one.transaction():
        await one.execute(HOLD, (ward.both.pk, practice, ward.anna.person))
        deleting = asyncio.create_task(two.execute("delete from consult_message"))
        if waits:
            await until_blocked(watch, two)
        else:
            await deleting
    try:
        await deleting
    except psycopg.errors.RestrictViolation as error:
        heard = error.diag.constraint_name or ""
    counts = "select (select count(*) from consult_message), (select count(*) from consult_hold)"
    messages, holds = await (await watch.execute(counts)).fetchone()
    return heard, messages, holds


async def test_what_is_being_held_is_not_deleted(ward, practice, lines):
    assert await hold_while_deleting(ward, practice, lines, waits=True) == ("consult_held", 1, 1)


async def test_control_without_the_lock_what_is_held_is_gone(ward, practice, lines):
    text = read_sql("consult", "record_v1")
    begin = text.index("create function consult_record_stays_v1")
    function = text[begin : text.index("create trigger consult_message_stays")]
    assert LOCK in function
    loose = function.replace(LOCK, "").replace("create function", "create or replace function")
    await lines[2].execute(loose.encode())
    assert await hold_while_deleting(ward, practice, lines, waits=False) == ("deleted", 0, 1)
