"""Messages that meet: with each other, with a removal, and with a reader. Each guard has a control that lacks it."""

import asyncio

import psycopg
import pytest

from balie.consult import hot
from balie.consult.tests.ward import Ward
from tests.races.steps import store_without, until_blocked

CONVERSATION_LOCK = ("order by g.id for no key update) l", "order by g.id) l")
FEED_LOCK = (
    "update consult_feed f set last = f.last + cardinality(p_ids) returning f.last - cardinality(p_ids) into reached",
    "reached := nextval('consult_loose') - 1",
)


@pytest.fixture
def ward(installation) -> Ward:
    return Ward(installation.dsn)


@pytest.fixture
async def lines(ward):
    """Four connections that lose no race for being slow."""
    async with ward.line() as one, ward.line() as two, ward.line() as watch, ward.line() as reader:
        for each in (one, two, watch, reader):
            await each.execute("set lock_timeout = '30s'")
        yield one, two, watch, reader


async def cross(ward, lines):
    """Two messages in one conversation, the second sent while the first is not committed; what the second hears."""
    one, two, watch, _ = lines
    async with one.transaction():
        [first] = await ward.send(one, ward.message(ward.anna, ward.both))
        sending = asyncio.create_task(ward.send(two, ward.message(ward.bilal, ward.both)))
        await until_blocked(watch, two)
    [second] = await sending
    return first.place, second.place


async def test_two_at_once_get_two_places(ward, lines):
    assert await cross(ward, lines) == (1, 2)


async def test_control_without_the_lock_of_the_conversation_the_second_is_lost(ward, lines):
    await store_without(lines[2], CONVERSATION_LOCK, FEED_LOCK)
    await lines[2].execute("create sequence consult_loose")
    with pytest.raises(psycopg.errors.UniqueViolation):
        await cross(ward, lines)


async def remove_while_sending(ward, lines):
    """Bilal's message waits for the removal of Bilal; what he hears."""
    one, two, watch, _ = lines
    async with one.transaction():
        await one.execute("select from consult_group where id = %s for no key update", (ward.both.pk,))
        await one.execute("delete from consult_member where identity_id = %s", (ward.bilal.identity,))
        sending = asyncio.create_task(ward.send(two, ward.message(ward.bilal, ward.both)))
        await until_blocked(watch, two)
    [answer] = await sending
    return answer.outcome


async def test_who_is_removed_meanwhile_sends_nothing_more(ward, lines):
    assert await remove_while_sending(ward, lines) == "not_found"


async def test_control_who_is_judged_before_the_lock_sends_after_the_removal(ward, lines):
    """The removal is committed, and then the message is stored."""
    early = """closings boolean;
  early boolean;
begin
  early := consult_belongs_v1((select g.id from consult_group g where g.name = p_groups[1]), p_persons[1]);"""
    judged_early = (("closings boolean;\nbegin", early), ("not consult_belongs_v1(g.id, u.person)", "not early"))
    await store_without(lines[2], *judged_early)
    assert await remove_while_sending(ward, lines) == "stored"


@pytest.fixture
def by_groups(monkeypatch):
    """Let readers look in all they belong to: near its end the feed is bounded by a counter the control lacks."""
    monkeypatch.setattr(hot, "NEAR", -(10**6))


async def follow(ward, lines):
    """Anna sends in two conversations at once, and reads on while only the second is committed; what she ends with."""
    one, two, watch, reader = lines
    async with one.transaction():
        await ward.send(one, ward.message(ward.anna, ward.both, "first"))
        sending = asyncio.create_task(ward.send(two, ward.message(ward.anna, ward.consult, "second")))
        blocked = asyncio.create_task(until_blocked(watch, two))
        done, _ = await asyncio.wait({sending, blocked}, return_when=asyncio.FIRST_COMPLETED)
        blocked.cancel()
        seen = await ward.read(reader, ward.anna) if sending in done else []
    await sending
    after = seen[-1].feed if seen else 0
    return [row.envelope for row in [*seen, *await ward.read(reader, ward.anna, after=after)]]


@pytest.mark.usefixtures("by_groups")
async def test_who_reads_on_misses_nothing(ward, lines):
    assert await follow(ward, lines) == ["first", "second"]


@pytest.mark.usefixtures("by_groups")
async def test_control_without_the_lock_of_the_feed_a_message_is_never_read(ward, lines):
    await store_without(lines[2], FEED_LOCK)
    await lines[2].execute("create sequence consult_loose")
    assert await follow(ward, lines) == ["second"]
