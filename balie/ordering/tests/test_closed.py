"""Ordering is closed: nothing new is held, by nobody, and what is held is ordered. Known without a query."""

import asyncio
from uuid import uuid4

import pytest

from balie.asgi import Site
from balie.ordering.tests.desk import MONDAY
from balie.ordering.tests.sleeping import days_of
from balie.ordering.tests.web import Browser, pass_for, running


@pytest.fixture
async def site(desk):
    async with running(Site("all")) as site:
        await site.pictures.read_anew()
        yield site


@pytest.fixture
def linde(site, desk):
    return Browser(site, pass_for(desk.linde))


def wants(desk, member):
    lines = [{"product": desk.flu, "location": member.home, "doses": 500, "day": MONDAY.isoformat()}]
    return {"practice": member.practice, "key": str(uuid4()), "lines": lines}


async def decide(conn, hand, *, practice=None, campaign=None, text="", actor=None):
    about = ("ordering", practice, campaign, hand, "outage" if hand == "closed" else "", text, actor)
    await conn.execute(
        "select practices_switch_by_hand_v1(%s, %s, %s, %s, null, %s, %s, '', %s, 'proef', 'voorbeeld.example')", about
    )


async def heard(site, *, closed: bool, practice=None):
    """By the process, on its own: within the five seconds that are promised."""
    async with asyncio.timeout(5):
        while bool(site.pictures.functions.closed("ordering", practice=practice)) is not closed:
            await site.pictures.read_anew()


async def test_nothing_new_is_held_and_what_is_held_is_ordered(site, desk, conn, linde):
    hold, confirm = (f"/live/orders/{desk.campaign}/{act}" for act in ("hold", "confirm"))
    held = wants(desk, desk.linde)
    assert (await linde.post(hold, held)).status == 200
    await decide(conn, "closed", actor=desk.linde.person, text="De koeling is stuk.")
    await heard(site, closed=True)
    refused = await Browser(site, pass_for(desk.eik)).post(hold, wants(desk, desk.eik))
    assert (refused.status, refused.code) == (409, "function_closed")
    assert refused.json["closed"]["say"] == "De koeling is stuk."
    assert (await linde.post(confirm, {"practice": desk.linde.practice, "key": held["key"]})).json[
        "outcome"
    ] == "ordered"
    await decide(conn, None, actor=desk.linde.person)
    await heard(site, closed=False)
    assert (await Browser(site, pass_for(desk.eik)).post(hold, wants(desk, desk.eik))).status == 200


async def test_a_practice_and_a_campaign_are_closed_by_themselves(site, desk, conn, linde):
    hold = f"/live/orders/{desk.campaign}/hold"
    await decide(conn, "closed", actor=desk.linde.person, practice=desk.linde.practice)
    await heard(site, closed=True, practice=desk.linde.practice)
    assert (await linde.post(hold, wants(desk, desk.linde))).code == "function_closed"
    assert (await Browser(site, pass_for(desk.eik)).post(hold, wants(desk, desk.eik))).status == 200
    closed = await linde.get(f"/live/functions?practice={desk.linde.practice}&practice={desk.eik.practice}")
    assert [(each["practice"], each["function"]) for each in closed.json["closed"]] == [
        (desk.linde.practice, "ordering")
    ]
    await decide(conn, None, actor=desk.linde.person, practice=desk.linde.practice)
    await decide(conn, "closed", actor=desk.linde.person, campaign=desk.campaign)
    async with asyncio.timeout(5):
        while not (await linde.get(f"/live/functions?campaign={desk.campaign}")).json["closed"]:
            await site.pictures.read_anew()
    assert (await linde.post(hold, wants(desk, desk.linde))).code == "function_closed"
    assert (await linde.get(f"/live/functions?campaign={desk.campaign + 1}")).json == {"closed": []}


async def test_an_open_stream_hears_that_something_changed(site, desk, conn, linde):
    async with linde.listen(f"/stream/{desk.campaign}?practice={desk.linde.practice}") as stream:
        await stream.next("beat")
        await decide(conn, "closed", actor=desk.linde.person)
        await stream.next("functions", within_s=5)


@pytest.mark.parametrize("query", ["practice=x", "campaign=-1", "practice=" + "9" * 19, "&".join(["practice=1"] * 21)])
async def test_what_is_no_key_is_a_bad_request(linde, query):
    assert (await linde.get(f"/live/functions?{query}")).status == 400


async def test_nobody_without_a_pass_asks(site):
    assert (await Browser(site).get("/live/functions")).code == "no_pass"


async def test_nothing_is_placed_for_who_sleeps(desk, conn, leader):
    for member in (desk.linde, desk.eik):
        await desk.prepare(conn, member, desk.flu_for(member, 500, None), ranking=[MONDAY])
    await decide(conn, "closed", campaign=desk.campaign)
    await leader.turn()
    assert await days_of(conn, desk.linde, desk.eik) == [None, None]
    await decide(conn, None, campaign=desk.campaign)
    await decide(conn, "closed", practice=desk.linde.practice)
    await leader.turn()
    assert await days_of(conn, desk.linde, desk.eik) == [None, [MONDAY]]


async def test_the_campaign_of_the_watch_goes_on_so_that_it_sees_when_all_is_well(site, desk, conn, linde):
    await conn.execute("update ordering_campaign set is_probe = true")
    await decide(conn, "closed", actor=desk.linde.person)
    await heard(site, closed=True)
    assert (await linde.post(f"/live/orders/{desk.campaign}/hold", wants(desk, desk.linde))).status == 200
