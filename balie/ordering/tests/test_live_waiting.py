"""The waiting room over HTTP: joining, the draw as practices see it, and that waiting costs the database nothing."""

import asyncio

import psycopg
import pytest
from psycopg.conninfo import make_conninfo

from balie.asgi import Site
from balie.ordering import picture
from balie.ordering.testing import make_campaign
from balie.ordering.tests.desk import value
from balie.ordering.tests.web import Browser, off_loop, pass_for, running
from balie.runtime.hot import connect, notify, take_lease
from balie.waitingroom.draw import draw_numbers, verify_draw
from balie.waitingroom.hot import call_numbers, freeze, write_draw

SEED = b"\xab" * 32
KILL_SITE = """
select pg_terminate_backend(pid) from pg_stat_activity
 where datname = current_database() and application_name in ('balie read', 'balie batch', 'balie listen')
"""


@pytest.fixture
async def site(desk):
    async with running(Site("live")) as site:
        yield site


@pytest.fixture
async def waiting(desk, site, conn):
    """The paths of a campaign whose doors are open and whose draw is to come."""
    campaign = await off_loop(make_campaign)
    await conn.execute(
        "update waitingroom_round set seed = %s, seed_hash = sha256(%s), sealed_at = clock_timestamp(),"
        " draw_at = clock_timestamp() + interval '1 hour' where room_id = %s",
        (SEED, SEED, campaign.room_id),
    )
    await site.pictures.read_anew()
    return Night(site, conn, campaign)


class Night:
    """A waiting room in the hands of a test."""

    def __init__(self, site, conn, campaign) -> None:
        self.site, self.conn, self.room = site, conn, campaign.room_id
        self.queue = f"/live/queue/{campaign.pk}"

    async def join(self, member):
        return await Browser(self.site, pass_for(member)).post(f"{self.queue}/join", {"practice": member.practice})

    async def ticket(self, member):
        return await Browser(self.site, pass_for(member)).get(f"{self.queue}/ticket?practice={member.practice}")

    async def get(self, what):
        return await Browser(self.site).get(f"{self.queue}/{what}")

    async def draw(self):
        fence = await take_lease(self.conn, duty="night", owner="test", seconds=60)
        await self.conn.execute(
            "update waitingroom_round set draw_at = clock_timestamp() where room_id = %s", (self.room,)
        )
        assert await freeze(self.conn, room=self.room, fence=fence) == 1
        tickets = await value(
            self.conn, "select array_agg(id::text) from waitingroom_ticket where room_id = %s", self.room
        )
        drawn = draw_numbers(seed=SEED, beacon=b"", tickets=tickets)
        assert await write_draw(self.conn, room=self.room, fence=fence, round_=1, tickets=drawn, beacon=None)
        await notify(self.conn, f"room:{self.room}")
        await self.site.pictures.read_anew()
        return fence, drawn


async def test_a_practice_has_one_ticket_however_often_and_wherever_it_joins(desk, waiting):
    first = await waiting.join(desk.linde)
    assert first.status == 200
    assert (first.json["number"], first.json["called"]) == (None, False)
    assert (await waiting.join(desk.linde)).json == first.json
    assert (await waiting.ticket(desk.linde)).json == first.json
    async with running(Site("live")) as elsewhere:
        browser = Browser(elsewhere, pass_for(desk.linde))
        assert (await browser.post(f"{waiting.queue}/join", {"practice": desk.linde.practice})).json == first.json


async def test_two_clicks_at_once_are_one_ticket(desk, waiting):
    answers = await asyncio.gather(*(waiting.join(desk.linde) for _ in range(5)))
    assert len({answer.body for answer in answers}) == 1
    assert await value(waiting.conn, "select arrivals from waitingroom_room where id = %s", waiting.room) == 1


async def test_who_has_no_ticket_hears_so(desk, waiting):
    refused = await waiting.ticket(desk.linde)
    assert (refused.status, refused.code) == (404, "no_ticket")


async def test_before_the_doors_open_nobody_joins(desk, waiting):
    await waiting.conn.execute("update waitingroom_room set doors_at = '2030-01-01 00:00+00', closes_at = '2030-02-01'")
    await waiting.site.pictures.read_anew()
    refused = await waiting.join(desk.linde)
    assert (refused.status, refused.code) == (409, "not_open")
    assert refused.json["doors_at"] == "2030-01-01T00:00:00.000Z"
    assert (await waiting.get("state")).json["phase"] == "before"


async def test_after_the_end_nobody_joins(desk, waiting):
    await waiting.conn.execute("update waitingroom_room set closes_at = clock_timestamp()")
    await waiting.site.pictures.read_anew()
    assert (await waiting.join(desk.linde)).code == "closed"
    assert (await waiting.get("state")).json["phase"] == "closed"


async def test_the_draw_as_practices_see_it(desk, waiting):
    members = [desk.linde, desk.eik, desk.beuk]
    tickets = [(await waiting.join(member)).json["ticket"] for member in members]
    assert (await waiting.get("draw")).code == "no_draw"
    seal = (await waiting.get("seal")).json
    fence, drawn = await waiting.draw()
    state = (await waiting.get("state")).json
    assert (state["phase"], state["rounds"][0]["drawn"], state["last"], state["called"]) == ("open", 3, 3, 0)
    numbers = [(await waiting.ticket(member)).json["number"] for member in members]
    assert numbers == [drawn.index(each) + 1 for each in tickets]
    published = (await waiting.get("draw")).json
    report = verify_draw(published)
    assert (report.faults, published["rounds"][0]["seed_hash"]) == ([], seal["rounds"][0]["seed_hash"])
    assert [report.numbers[each] for each in tickets] == numbers
    late = (await waiting.join(desk.iep)).json
    assert late["number"] == 4
    await call_numbers(waiting.conn, room=waiting.room, fence=fence, count=2)
    await waiting.site.pictures.read_anew()
    assert (await waiting.get("state")).json["called"] == 2
    assert [(await waiting.ticket(member)).json["called"] for member in members] == [number <= 2 for number in numbers]


@pytest.fixture
def executed(monkeypatch):
    """The statements that this process sends, whatever for."""
    statements = []
    execute = psycopg.AsyncCursor.execute

    async def spy(self, query, *args, **kwargs):
        statements.append(query)
        return await execute(self, query, *args, **kwargs)

    monkeypatch.setattr(psycopg.AsyncCursor, "execute", spy)
    return statements


async def until_quiet(executed):
    """The listener listens, and what its first word has read once more has been read."""
    before = -1
    async with asyncio.timeout(30):
        while before != len(executed) or not any(
            b"listen" in bytes(query) for query in executed if isinstance(query, bytes)
        ):
            before = len(executed)
            await asyncio.sleep(1)


async def test_waiting_costs_no_query(desk, executed, monkeypatch):
    """Nothing changes, and reading every half second is put off: what is asked a thousand times comes from memory."""
    monkeypatch.setattr(picture, "READ_EVERY_S", 60.0)
    monkeypatch.setattr("balie.runtime.batcher.BEAT_EVERY_S", 60.0)
    monkeypatch.setattr("balie.runtime.link.LISTEN_CHECK_S", 60.0)
    async with running(Site("live")) as site:
        await until_quiet(executed)
        executed.clear()
        for _ in range(50):
            for member in (desk.linde, desk.eik):
                browser = Browser(site, pass_for(member))
                for path in ("state", "seal", "forecast", "draw", f"ticket?practice={member.practice}"):
                    await browser.get(f"/live/queue/{desk.campaign}/{path}")
                assert (
                    await browser.post(f"/live/queue/{desk.campaign}/join", {"practice": member.practice})
                ).status == 200
                assert (await browser.get(f"/live/orders/{desk.campaign}/calendar")).status == 200
        assert executed == []
        mine = f"/live/orders/{desk.campaign}/mine?practice={desk.linde.practice}"
        assert (await Browser(site, pass_for(desk.linde)).get(mine)).status == 200
        assert len(executed) == 1


async def test_without_a_database_the_picture_stays_and_says_its_age(desk, site, conn):
    browser = Browser(site, pass_for(desk.linde))
    state, calendar = f"/live/queue/{desk.campaign}/state", f"/live/orders/{desk.campaign}/calendar"
    days = (await browser.get(calendar)).json["days"]
    assert (await browser.get("/live/health")).json["database"] == "up"
    async with await connect(make_conninfo(desk.dsn, dbname="postgres"), name="test") as outside:
        await outside.execute(f"alter database {conn.info.dbname} allow_connections false".encode())
        await conn.execute(KILL_SITE)
        async with asyncio.timeout(10):
            while (await browser.get(state)).json["age_ms"] < 2100:  # noqa: ASYNC110 - time must pass
                await asyncio.sleep(0.05)
        shown = (await browser.get(calendar)).json
        assert (shown["days"], shown["still"]) == (days, True)
        assert shown["age_ms"] >= 2000
        refused = await browser.get(f"/live/orders/{desk.campaign}/mine?practice={desk.linde.practice}")
        assert (refused.status, refused.code) == (503, "try_again")
        health = await browser.get("/live/health")
        assert (health.status, health.json["database"]) == (503, "away")
        await outside.execute(f"alter database {conn.info.dbname} allow_connections true".encode())
    await site.pictures.read_anew()
    assert (await browser.get(state)).json["age_ms"] < 1000
    async with asyncio.timeout(10):  # each of its connections comes back at its own moment
        while (await browser.get("/live/health")).json["database"] != "up":  # noqa: ASYNC110 - as above
            await asyncio.sleep(0.05)


async def test_a_campaign_that_began_a_moment_ago_is_found(site):
    """Its page comes as soon as its row is there, and asks at once."""
    trial = (await off_loop(lambda: make_campaign(slug="oefenen"))).pk
    assert (await Browser(site).get(f"/live/queue/{trial}/state")).status == 200
