"""The hot paths over HTTP, on the real SQL: what each request answers when all is well, and what it leaves behind."""

from uuid import uuid4

import pytest

from balie.asgi import Site
from balie.ordering.tests.desk import MONDAY, TUESDAY, WEDNESDAY, value
from balie.ordering.tests.web import Browser, pass_for, running


@pytest.fixture
async def site(desk):
    async with running(Site("live")) as site:
        yield site


@pytest.fixture
def linde(site, desk):
    return Browser(site, pass_for(desk.linde))


def flu(desk, member, doses=500, day=MONDAY):
    return {"product": desk.flu, "location": member.home, "doses": doses, **({"day": day} if day else {})}


def wish(desk, member, *lines, **more):
    return {"practice": member.practice, "key": str(uuid4()), "lines": list(lines or [flu(desk, member)]), **more}


async def test_from_hold_to_order(desk, site, linde, conn):
    asked = wish(desk, desk.linde)
    held = await linde.post(f"/live/orders/{desk.campaign}/hold", asked)
    assert held.status == 200
    assert held.json["outcome"] == "held"
    assert held.json["key"] == asked["key"]
    assert held.json["lines"] == [{"product": desk.flu, "location": desk.linde.home, "doses": 500, "day": "2027-10-04"}]
    assert held.json["remaining_ms"] == 300_000
    assert held.headers["cache-control"] == "no-store"
    click = {"practice": desk.linde.practice, "key": asked["key"]}
    placed = await linde.post(f"/live/orders/{desk.campaign}/confirm", click)
    assert placed.status == 200
    assert placed.json["outcome"] == "ordered"
    assert placed.json["number"] == await value(conn, "select number from judge.orders")
    again = await linde.post(f"/live/orders/{desk.campaign}/confirm", click)
    assert again.json == placed.json
