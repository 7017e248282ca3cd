"""Hands, rules and time act on a switch at the same moment: what a hand decided stands, and nothing is told twice."""

import asyncio
import re

import pytest
from psycopg.errors import UniqueViolation

from balie.lib.sqlfiles import read_sql
from balie.ordering.tests.desk import value
from tests.races.steps import until_blocked

ONE_BY_ONE = "  perform pg_advisory_xact_lock(7316, 1);\n"
HAND = (
    "select practices_switch_by_hand_{v}('conversations', null, null, %s, null, %s, '', '', null, 'proef', 'x.example')"
)
RULE = "select practices_switch_by_rule_{v}('conversations', true, %s, null, 300, 'x.example')"
HOURS = "select practices_switch_by_schedule_{v}((select min(id) from practices_switch), false, null, 'x.example')"
TICK = "select practices_switch_tick_{v}('x.example')"
STATE = "select row(closed, decided_by, hand)::text from practices_switch"


@pytest.fixture
async def unguarded(watch) -> str:
    """Control: copies of the functions that let everybody through at once."""
    text = read_sql("practices", "switch_v1").partition("-- The least that")[0]
    assert ONE_BY_ONE in text
    text = re.sub(r"\b(practices_\w+)_v1", r"\1_unguarded", text.replace(ONE_BY_ONE, ""))
    await watch.execute(text.encode())
    return "unguarded"


def hand(wants: str) -> tuple[str, str, str]:
    return HAND, wants, "busy" if wants == "closed" else ""


async def meet(watch, one, two, v, *, first, second):
    """The second comes while the first is done and not committed; what each was answered."""
    async with one.transaction():
        before = await value(one, first[0].format(v=v), *first[1:])
        going = asyncio.create_task(value(two, second[0].format(v=v), *second[1:]))
        await until_blocked(watch, two)
    return before, await going


async def notices(conn):
    return await value(conn, "select count(*) from practices_notice")


async def rule_meets_hand(watch, one, two, v):
    await value(one, HAND.format(v="v1"), None, "")
    await meet(watch, one, two, v, first=hand("open"), second=(RULE, "proxy"))
    return await value(watch, STATE)


async def test_a_rule_that_comes_with_a_hand_does_not_overrule_it(one, two, watch):
    assert await rule_meets_hand(watch, one, two, "v1") == "(f,hand,open)"


async def test_control_without_the_lock_the_rule_takes_the_decision_away(one, two, watch, unguarded):
    assert await rule_meets_hand(watch, one, two, unguarded) == "(t,rule,)"


async def end_meets_hand(watch, one, two, v):
    """A decision whose end has come, and at that moment a new one."""
    await value(one, HAND.format(v="v1"), "closed", "outage")
    await one.execute("update practices_switch set hand_until = clock_timestamp()")
    await meet(watch, one, two, v, first=hand("closed"), second=(TICK,))
    return await value(watch, STATE)


async def test_a_decision_that_comes_as_the_one_before_ends_stands(one, two, watch):
    assert await end_meets_hand(watch, one, two, "v1") == "(t,hand,closed)"


async def test_control_without_the_lock_it_ends_with_the_one_before(one, two, watch, unguarded):
    assert await end_meets_hand(watch, one, two, unguarded) == '(f,"",)'


@pytest.mark.parametrize("first", ["hand", "hours"])
async def test_hours_that_come_with_a_hand_do_not_overrule_it(one, two, watch, first):
    await value(one, HAND.format(v="v1"), None, "")
    acts = {"hand": hand("open"), "hours": (HOURS,)}
    other = "hours" if first == "hand" else "hand"
    await meet(watch, one, two, "v1", first=acts[first], second=acts[other])
    assert await value(watch, STATE) == "(f,hand,open)"
    assert await notices(watch) == 0


async def test_two_watches_that_say_the_same_are_told_once(one, two, watch):
    assert await meet(watch, one, two, "v1", first=(RULE, "proxy"), second=(RULE, "proxy")) == (True, True)
    assert await notices(watch) == 1


async def test_control_without_the_lock_the_second_fails(one, two, watch, unguarded):
    with pytest.raises(UniqueViolation):
        await meet(watch, one, two, unguarded, first=(RULE, "proxy"), second=(RULE, "proxy"))


async def test_two_workers_that_look_at_once_open_it_once(one, two, watch):
    await value(one, RULE.format(v="v1"), "proxy")
    await one.execute("update practices_rule_closing set ends_at = clock_timestamp()")
    assert await meet(watch, one, two, "v1", first=(TICK,), second=(TICK,)) == (1, 0)
    assert await notices(watch) == 2
