"""Two who write in the same books at once: one after the other, each book one chain, and never in a circle."""

import asyncio

import psycopg
import pytest

from balie.consult.logbook import Entry, write_log
from balie.consult.tests.ward import Ward
from balie.lib.sqlfiles import read_sql
from tests.races.steps import until_blocked

IN_ORDER = ("order by u.group_id nulls last, u.at", "order by u.at")


@pytest.fixture
def ward(installation) -> Ward:
    return Ward(installation.dsn)


@pytest.fixture
async def lines(ward):
    async with ward.line() as one, ward.line() as two, ward.line() as watch:
        for each in (one, two, watch):
            await each.execute("set lock_timeout = '30s'")
        yield one, two, watch


async def cross(ward, lines):
    """Bilal writes in the second book and the first, while Anna has written in the first and goes on to the second;
    "deadlock" when each waits for the other.
    """
    one, two, watch = lines
    first, second = (Entry(pk, "opened", {}) for pk in (ward.both.pk, ward.consult.pk))
    await write_log(watch, ward.anna.identity, [first, second])
    racing = None
    try:
        async with one.transaction():
            await write_log(one, ward.anna.identity, [first])
            racing = asyncio.create_task(write_log(two, ward.bilal.identity, [second, first]))
            await until_blocked(watch, two)
            await write_log(one, ward.anna.identity, [second])
        await racing
    except psycopg.errors.DeadlockDetected:
        await asyncio.gather(racing, return_exceptions=True)
        return "deadlock"
    return None


async def test_they_wait_in_line_and_each_book_is_one_chain(ward, lines):
    assert await cross(ward, lines) is None
    chains = (
        "select array_agg(number order by number), count(distinct previous) from consult_log_entry group by book_id"
    )
    rows = await (await lines[2].execute(chains)).fetchall()
    assert rows == [([1, 2, 3], 3)] * 2


async def test_control_without_the_order_of_the_books_they_wait_in_a_circle(ward, lines):
    text = read_sql("consult", "log_v1")
    begin, end = text.index("create function consult_log_v1"), text.index("create function consult_log_only_grows_v1")
    function = text[begin:end]
    assert IN_ORDER[0] in function
    unordered = function.replace("create function", "create or replace function").replace(*IN_ORDER)
    await lines[2].execute(unordered.encode())
    assert await cross(ward, lines) == "deadlock"
