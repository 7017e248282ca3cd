"""Steps of a race: hold a transaction open, wait until another waits for it, take a guard away, look at the harm."""

import asyncio
import re
from collections.abc import Sequence
from datetime import date

import pytest

from balie.lib.sqlfiles import read_sql
from balie.ordering import hot, placing, swapping
from balie.ordering.services import changes, holds, orders, wishes
from balie.ordering.tests.desk import value
from balie.runtime.hot import Connection

FUNCTIONS = (
    "move_v1",
    "check_lines_v1",
    "slots_v1",
    "hold_batch_v1",
    "confirm_batch_v1",
    "give_back_v1",
    "hold_acts_v1",
    "place_prepared_v1",
    "free_limit_v1",
    "cancel_order_v1",
    "change_order_v1",
    "swaps_v2",
)
OURS = re.compile(r"\b(ordering_\w+)_v[12]")
CALLS = (
    (hot, "HOLD"),
    (hot, "CONFIRM"),
    (hot, "RELEASE"),
    (hot, "SWEEP"),
    (holds, "EXTEND"),
    (holds, "BLOCK"),
    (placing, "PLACE"),
    (orders, "CANCEL"),
    (changes, "CHANGE"),
    (swapping, "FITTING"),
    (swapping, "SERVE"),
    (swapping, "SETTLE"),
    (swapping, "END_OFFER"),
    (wishes, "ACCEPT"),
    (wishes, "END"),
)

DAY_LOCK = ("order by day for no key update) d", "order by day) d")
PRACTICE_LOCK = (" for no key update of h) l", ") l")
SWEEP_LOCK = (" for no key update skip locked", "")
STOPS_AFTER_LOCKS = (
    (
        "  -- 1. Lock the days",
        "  create temp table early on commit drop as table ordering_stop;\n  -- 1. Lock the days",
    ),
    ("from ordering_stop s", "from early s"),
)
ONE_CLICK_PER_HOLD = (" and clicks[at] is null then", " then")
ROOM_SEEN_UNDER_LOCK = ("  grown := exists (", "  grown := false and exists (")
FENCE = ("if not runtime_fence_holds_v1('placing', p_fence) then", "if false then")
PREPARED_UNDER_LOCK = (
    (
        "  -- 1. The practices' rows, in their order; who",
        "  create temp table early on commit drop as table ordering_prepared_order;\n  -- 1. The practices' rows; who",
    ),
    ("from ordering_prepared_order o\n        where", "from early o\n        where"),
)
CLOCK_AFTER_LOCK = (
    ("  now := service_now();", ""),
    ("begin\n  if (select count", "begin\n  now := service_now();\n  if (select count"),
)
PRACTICES_IN_ORDER = ("order by x.practice, x.slot) u", "order by x.practice desc, x.slot) u")
DAYS_IN_ORDER = ("order by day for no key update) d", "order by day desc for no key update) d")

# What holds and orders say of each day, against its limits and what its row says is taken.
TRUTH = """
with lines as (
  select campaign, day, doses, location from judge.order_lines
  union all
  select campaign, day, doses, location from judge.holds where state = 'held')
select d.day, coalesce(sum(l.doses), 0)::int, count(distinct l.location)::int, d.doses_taken, d.addresses_taken,
       d.doses_limit, d.addresses_limit
  from judge.days d left join lines l on l.campaign = d.campaign and l.day = d.day
 group by d.day, d.doses_taken, d.addresses_taken, d.doses_limit, d.addresses_limit order by d.day
"""


async def oversold(conn: Connection) -> list[date]:
    """Days that were given away beyond a limit."""
    rows = await (await conn.execute(TRUTH)).fetchall()
    return [row[0] for row in rows if row[1] > row[5] or row[2] > row[6]]


async def miscounted(conn: Connection) -> list[date]:
    """Days whose row says something else than the holds and orders do."""
    rows = await (await conn.execute(TRUTH)).fetchall()
    return [row[0] for row in rows if row[1:3] != row[3:5]]


async def until_blocked(watch: Connection, conn: Connection) -> None:
    """Returns when `conn` waits for another's lock."""
    async with asyncio.timeout(20):
        while not await value(watch, "select cardinality(pg_blocking_pids(%s)) > 0", conn.info.backend_pid):
            pass


async def without(conn: Connection, patch: pytest.MonkeyPatch, *guards: Sequence[str]) -> None:
    """Control: from here on what calls them has copies of the functions that lack these guards."""
    text = "\n".join(read_sql("ordering", name) for name in FUNCTIONS)
    for guard, gap in guards:
        assert guard in text
        text = text.replace(guard, gap)
    await conn.execute(re.sub(OURS, r"\1_unguarded", text).encode())
    for module, call in CALLS:
        patch.setattr(module, call, re.sub(OURS, r"\1_unguarded", getattr(module, call)))


async def store_without(conn: Connection, *guards: Sequence[str]) -> None:
    """Control: from here on messages are taken in by the function as it would be without these guards."""
    text = read_sql("consult", "messages_v1").partition("-- Whether somebody belongs")[0]
    for guard, gap in guards:
        assert guard in text
        text = text.replace(guard, gap)
    await conn.execute(text.replace("create function", "create or replace function").encode())
