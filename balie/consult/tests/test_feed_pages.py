"""The feed is looked for in two ways, near its end and in all one belongs to: both give the same."""

from random import Random

import pytest

from balie.consult import hot
from balie.consult.tests.keyholders import named
from balie.runtime.hot import fetch_one


@pytest.fixture
async def history(clients):
    """Teams and conversations whose people come, go and write, so that everybody has met some and left some."""
    anna, bilal, chris, dina = clients
    team, _ = await anna.begin("team", bilal.holder, chris.holder)
    talk, key = await bilal.begin("conversation", dina.holder)
    act = dina.holder.create("conversation", f"team:{team}")
    await dina.post(act)
    for client in (bilal, dina):
        await client.send(talk, key)
    leave = anna.holder.remove(team, bilal.holder.member, [team])
    await anna.post(leave)
    await bilal.post(bilal.holder.new_key())
    await chris.post(chris.holder.new_key(), chris.holder.certify("A" * 22))
    await dina.post(dina.holder.add(talk, f"team:{team}", [talk]))
    await bilal.send(talk, key)
    back = anna.holder.add(team, bilal.holder.member, [named(leave)])
    await anna.post(back)
    await dina.post(dina.holder.remove(named(act), f"team:{team}", [named(act)]))
    await dina.post(dina.holder.revoke())
    return clients


async def test_both_ways_give_the_same(history, conn):
    dice = Random(1)
    reached = await history[0].cursor()
    assert reached > 20
    for client in history:
        for _ in range(30):
            after, most = dice.randrange(reached + 1), dice.choice([1, 2, 5, 100])
            ask = (client.holder.person, after, most)
            near = await fetch_one(conn, hot.PAGE, (*ask, 10**6))
            far = await fetch_one(conn, hot.PAGE, (*ask, -(10**6)))
            assert near == far, ask
            assert near[0] == reached
