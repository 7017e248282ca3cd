"""Many connections doing everything at once for a while: no error, no deadlock, every day counted right (P2, P4)."""

import asyncio
from contextlib import AsyncExitStack
from random import Random
from uuid import UUID

from balie.ordering import hot
from balie.ordering.hot import ConfirmRequest, Line, ReleaseRequest
from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY, pass_time, value
from tests.races.steps import miscounted, oversold

CONNECTIONS = 6
ROUNDS = 80
DAYS = (MONDAY, TUESDAY, WEDNESDAY)


async def client(desk, conn, random):
    """One process that settles batches; keys are few, so that clicks meet."""
    people = [desk.linde, desk.eik, desk.beuk, desk.iep]
    for _ in range(ROUNDS):
        some = random.sample(people, random.randint(1, 3))
        key = UUID(int=random.randint(1, 3))
        match random.choice(["hold", "hold", "wish", "confirm", "release", "sweep", "wait"]):
            case "hold":
                day = random.choice(DAYS)
                lines = {who: Line(desk.flu, random.choice([who.home, who.annex]), 300, day) for who in some}
                await desk.hold(conn, *(desk.wants(who, line, key=key) for who, line in lines.items()))
            case "wish":
                ranking = random.sample(DAYS, 3)
                requests = [desk.wants(who, desk.flu_for(who, 400, None), ranking=ranking, key=key) for who in some]
                await desk.hold(conn, *requests)
            case "confirm" if random.random() < 0.05:
                clicks = [ConfirmRequest(who.practice, key, who.person, random.choice([0, 9000])) for who in some]
                await hot.confirm_batch(conn, desk.campaign, clicks * 2)
            case "release":
                requests = [ReleaseRequest(who.practice, key) for who in some]
                await hot.release_batch(conn, desk.campaign, requests)
            case "sweep":
                await hot.sweep(conn, grace_s=0, limit=2)
            case "wait":
                await pass_time(conn, 100)


async def test_whatever_meets_every_day_is_counted_right(desk, watch):
    random = Random()
    async with AsyncExitStack() as stack, asyncio.TaskGroup() as clients:
        for _ in range(CONNECTIONS):
            conn = await stack.enter_async_context(desk.line())
            clients.create_task(client(desk, conn, Random(random.random())))
    assert await miscounted(watch) == []
    assert await oversold(watch) == []
    stops = await value(watch, "select count(*) from ordering_stop where uses > 0")
    addresses = await value(watch, "select sum(addresses_taken) from judge.days")
    assert stops == addresses
