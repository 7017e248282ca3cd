"""Four people change two teams and the conversations these are in, all at once: rows say what the acts come to, no key
counts that somebody has who should not, and nobody waits in a circle.
"""

import asyncio
from contextlib import AsyncExitStack
from random import Random

import pytest

from balie.consult.intake.groups import read_acts, read_members
from balie.consult.intake.posts import take_post
from balie.consult.protocol.membership import replay
from balie.consult.tests.keyholders import Keyholder, bodies, named
from balie.lib.problems import Problem
from balie.ordering.tests.desk import value
from balie.practices.testing import make_person
from balie.runtime.hot import connect

ROUNDS = 20
OUT = """
select count(*) from consult_group_key k
  join consult_sealed_copy c on c.key_id = k.id
  left join consult_identity i on i.id = c.identity_id
  left join consult_member m on m.group_id = k.group_id and (m.identity_id = c.identity_id or m.team_id = c.team_id)
 where k.retired_at is null and (m.id is null or i.kem <> c.kem)
"""
DEADLOCKS = "select deadlocks from pg_stat_database where datname = current_database()"


@pytest.fixture
def people(installation) -> list[Keyholder]:
    return [Keyholder(make_person(name).pk) for name in ("Anna", "Bilal", "Chris", "Dina")]


async def post(conn, who, *statements) -> str:
    try:
        await take_post(conn, who.person, bodies(*statements))
    except Problem as problem:
        return problem.extra["errors"][0]["code"]
    return "stored"


async def act_at_random(conn, dice, who, people, groups) -> str:
    """A new generation, or somebody added to or removed from a group, with a new key for who is left."""
    kept = who.generation, who.kem, who.sign, who.last
    if dice.random() < 0.2:
        heard = await post(conn, who, who.new_key())
        if heard != "stored":
            who.generation, who.kem, who.sign, who.last = kept
        return heard
    group = dice.choice(groups)
    acts = [each.act for each in await read_acts(conn, group)]
    known = replay(group, acts)
    add = dice.random() < 0.6
    member = dice.choice(people).member
    if known.kind == "conversation" and dice.random() < 0.4:
        member = f"team:{dice.choice(groups[:2])}"
    stated = (who.add if add else who.remove)(group, member, known.heads)
    after = known.members.keys() | {member} if add else known.members.keys() - {member}
    to = {each.member: each.public for each in people if each.member in after}
    keyed, _ = who.key(known.kind, group, known.heads, to or {who.member: who.public})
    heard = await post(conn, who, stated, keyed)
    return heard if heard == "stored" else await post(conn, who, stated)


async def test_a_storm_of_acts_leaves_rows_that_agree_with_them(installation, people):
    dice = Random(4)
    async with AsyncExitStack() as stack:
        lines = [await stack.enter_async_context(await connect(installation.dsn, name="test")) for _ in people]
        for line in lines:
            await line.execute("set lock_timeout = '30s'")  # a slow machine loses no race
        for each in people:
            assert await post(lines[0], each, each.new_key()) == "stored"
        members = [each.member for each in people]
        teams = [each.create("team", *members) for each in people[:2]]
        assert await post(lines[0], people[0], teams[0]) == await post(lines[0], people[1], teams[1]) == "stored"
        talks = [each.create("conversation", members[3], f"team:{named(teams[0])}") for each in people[:3]]
        for who, act in zip(people, talks, strict=False):
            assert await post(lines[0], who, act) == "stored"
        groups = [named(each) for each in (*teams, *talks)]
        heard = []
        for _ in range(ROUNDS):
            heard += await asyncio.gather(
                *(act_at_random(conn, dice, who, people, groups) for conn, who in zip(lines, people, strict=True))
            )
        assert heard.count("stored") > ROUNDS
        assert await value(lines[0], OUT) == 0
        assert await value(lines[0], DEADLOCKS) == 0
        for group in groups:
            pk = await value(lines[0], "select id from consult_group where name = %s", group)
            acts = [each.act for each in await read_acts(lines[0], group)]
            assert set(await read_members(lines[0], pk)) == set(replay(group, acts).members)
        assert await value(lines[0], "select count(*) from consult_member where since is null") == 0
