"""A hold that meets a deletion: one comes before the other, so what is held is there. The control lacks the lock."""

import asyncio

import psycopg
import pytest

from balie.consult.models import Keeper
from balie.consult.tests.ward import Ward
from balie.lib.sqlfiles import read_sql
from balie.practices.testing import make_practice
from tests.races.steps import until_blocked

LOCK = "  perform from consult_group g where g.id = p_group for no key update;\n"
LOCK_TO_DESTROY = "  perform from consult_group g where g.id = p_group and g.kind = 'conversation' for update;\n"
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


async def loosen(conn, name: str, lock: str) -> None:
    """This function, without this lock."""
    text = read_sql("consult", "destroy_v1")
    begin = text.index(f"create function {name}(")
    function = text[begin : text.index("end $$;", begin) + len("end $$;")]
    assert lock in function
    await conn.execute(function.replace(lock, "").replace("create function", "create or replace function").encode())


async def test_control_without_the_lock_what_is_held_is_gone(ward, practice, lines):
    await loosen(lines[2], "consult_stays_v2", LOCK)
    assert await hold_while_deleting(ward, practice, lines, waits=False) == ("deleted", 0, 1)


AGREE = """
insert into consult_erasure (group_id, practice_id, ground, received_on, asked_by_id, asked_at, reason, outcome,
  refused_for, decided_by_id, decided_at, decided_why)
select %s, %s, 'term', current_date, %s, clock_timestamp(), 'old', 'granted', '', %s, clock_timestamp(), ''
"""
LEFT = """
select (select count(*) from consult_message m where m.group_id = g.id),
       (select count(*) from consult_group_key k where k.group_id = g.id),
       (select count(*) from consult_hold h where h.group_id = g.id)
  from consult_group g where g.id = %s
"""


async def hold_while_destroying(ward, practice, lines, *, waits: bool) -> tuple[str, tuple[int, int, int]]:
    """All agreed, and it is destroyed while a hold is not committed; what that heard, and what is left: messages, keys,
    holds.
    """
    one, two, watch = lines
    await aged(ward, watch)
    await watch.execute(AGREE, (ward.both.pk, practice, ward.anna.person, ward.bilal.person))
    heard = "destroyed"
    async with one.transaction():
        await one.execute(HOLD, (ward.both.pk, practice, ward.anna.person))
        destroying = asyncio.create_task(two.execute("select consult_destroy_v1(%s)", (ward.both.pk,)))
        if waits:
            await until_blocked(watch, two)
        else:
            await destroying
    try:
        await destroying
    except psycopg.errors.RestrictViolation as error:
        heard = error.diag.constraint_name or ""
    return heard, await (await watch.execute(LEFT, (ward.both.pk,))).fetchone()


async def test_what_is_being_held_is_not_destroyed(ward, practice, lines):
    assert await hold_while_destroying(ward, practice, lines, waits=True) == ("consult_held", (1, 1, 1))


async def test_control_without_the_locks_what_is_held_is_destroyed(ward, practice, lines):
    await loosen(lines[2], "consult_stays_v2", LOCK)
    await loosen(lines[2], "consult_destroy_v1", LOCK_TO_DESTROY)
    assert await hold_while_destroying(ward, practice, lines, waits=False) == ("destroyed", (0, 0, 1))


async def test_who_sends_while_it_is_destroyed_is_in_no_conversation(ward, practice, lines):
    """The message would be under a key that is gone: read by nobody, and in nobody's certificate."""
    one, two, watch = lines
    await aged(ward, watch)
    await watch.execute(AGREE, (ward.both.pk, practice, ward.anna.person, ward.bilal.person))
    async with one.transaction():
        await one.execute("select consult_destroy_v1(%s)", (ward.both.pk,))
        await one.execute("select consult_dismiss_v1(%s, %s)", (await destruction(one, ward), ward.both.pk))
        sending = asyncio.create_task(ward.send(two, ward.message(ward.bilal, ward.both)))
        await until_blocked(watch, two)
    [answer] = await sending
    assert answer.outcome == "not_found"
    assert (await (await watch.execute(LEFT, (ward.both.pk,))).fetchone()) == (0, 0, 0)


async def destruction(conn, ward) -> int:
    kept = "insert into consult_destruction (group_id, at, certificate, listed) values (%s, now(), '', '') returning id"
    return (await (await conn.execute(kept, (ward.both.pk,))).fetchone())[0]
