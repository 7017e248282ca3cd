"""The stream: who hears what, whole where they can, and how often the database is asked for it."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from balie.asgi import Site
from balie.consult import news as module
from balie.consult.record.testing import destroy
from balie.consult.tests.clients import Client
from balie.consult.tests.keyholders import named
from balie.ordering.tests.web import Browser, running
from balie.practices import streams

PATH = "/stream/consult"


@pytest.fixture
async def listen(clients):
    """The stream of a client, from its first news on."""
    async with AsyncExitStack() as stack:

        async def listen(client):
            stream = await stack.enter_async_context(client.browser.listen(PATH))
            first = await stream.next("news")
            return stream, first

        yield listen


async def settled(client) -> int:
    """Where the feed is, after something that the client has heard of itself: the process has read that far."""
    async with client.browser.listen(PATH) as stream:
        await stream.next("news")
        stored = (await client.post(client.holder.create("conversation"))).json["stored"][0]["feed"]
        await stream.next("news", where=lambda news: news["feed"] >= stored)
    return stored


async def test_it_begins_with_where_the_feed_is(clients, listen):
    reached = await settled(clients[0])
    stream, first = await listen(clients[0])
    assert (stream.status, stream.headers["content-type"]) == (200, "text/event-stream")
    assert first == {"after": reached, "feed": reached}


async def test_a_message_comes_whole_to_each_and_to_nobody_else(clients, listen):
    anna, bilal, chris, _ = clients
    group, key = await anna.begin("conversation", bilal.holder)
    reached = await settled(anna)
    hers, his, other = [(await listen(each))[0] for each in (anna, bilal, chris)]
    await anna.send(group, key)
    for stream in (hers, his):
        news = await stream.next("news")
        assert (news["after"], news["events"]) == (reached, await anna.feed(reached))
    act = chris.holder.create("conversation")
    await chris.post(act)
    assert (await other.next("news"))["after"] == reached  # nothing lies between for Chris


async def test_each_piece_begins_where_the_last_ended(clients, listen):
    anna, bilal, *_ = clients
    group, key = await anna.begin("conversation", bilal.holder)
    await settled(anna)
    stream, last = await listen(bilal)
    seen = []
    for _ in range(5):
        await asyncio.gather(*(anna.send(group, key) for _ in range(3)))
    while len(seen) < 15:
        news = await stream.next("news")
        assert news["after"] == last["feed"]
        seen += [each["message"]["place"] for each in news["events"]]
        last = news
    assert seen == list(range(1, 16))


async def test_of_statements_one_hears_that_there_are_some(clients, listen):
    anna, bilal, chris, dina = clients
    team, _ = await bilal.begin("team", chris.holder)
    act = anna.holder.create("conversation", f"team:{team}")
    await anna.post(act)
    await settled(anna)
    mine, hers, dinas = [(await listen(each))[0] for each in (anna, chris, dina)]
    for post in (
        (chris, chris.holder.new_key()),  # of somebody met by way of a team
        (anna, anna.holder.add(named(act), bilal.holder.member, [named(act)])),
    ):
        await post[0].post(post[1])
        for stream in (mine, hers):
            assert "events" not in await stream.next("news")
    removal = bilal.holder.remove(team, chris.holder.member, [team])
    await bilal.post(removal)
    assert "events" not in await hers.next("news")  # the removed hear of it
    await dina.post(dina.holder.create("conversation"))
    assert (await dinas.next("news"))["feed"] == await dina.cursor()


async def test_many_who_listen_cost_no_more_than_one(clients, listen, monkeypatch):
    anna, bilal, *_ = clients
    group, key = await anna.begin("conversation", bilal.holder)
    await settled(anna)
    heard = [(await listen(client))[0] for client in (anna, bilal) for _ in range(15)]
    reads = []

    async def counted(conn, after, persons, **more):
        reads.append(persons)
        return await read(conn, after, persons, **more)

    read = module.read_news
    monkeypatch.setattr(module, "read_news", counted)
    await anna.send(group, key)
    for stream in heard:
        assert len((await stream.next("news"))["events"]) == 1
    assert reads[0] == sorted([anna.holder.person, bilal.holder.person])
    assert len(reads) < 5  # for thirty streams; once more when an earlier notice came late


async def test_what_is_too_much_is_asked_for(clients, listen, monkeypatch):
    anna, bilal, *_ = clients
    group, key = await anna.begin("conversation", bilal.holder)
    await settled(anna)
    stream, _ = await listen(bilal)
    monkeypatch.setattr(module, "EVENTS_MAX", 100)
    await anna.send(group, key)
    assert "events" not in await stream.next("news")
    monkeypatch.setattr(module, "EVENTS_MOST", 0)
    await anna.send(group, key)
    assert "events" not in await stream.next("news")


async def test_after_a_loss_of_the_connection_it_goes_on_where_it_was(clients, listen, installation):
    anna, bilal, *_ = clients
    group, key = await anna.begin("conversation", bilal.holder)
    reached = await settled(anna)
    stream, _ = await listen(bilal)
    with installation.connect() as line:
        line.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity"
            " where application_name = 'balie consult news' and datname = current_database()"
        )
    await anna.send(group, key)
    news = await stream.next("news", within_s=20)
    assert (news["after"], len(news["events"])) == (reached, 1)


async def test_who_has_no_pass_or_too_many_streams_is_refused(clients, listen, monkeypatch):
    anna, *_ = clients
    assert (await Browser(anna.browser.app).get(PATH)).status == 401
    assert (await anna.browser.post(PATH, {})).code == "not_found"
    monkeypatch.setattr(streams, "OF_ONE_PERSON_MOST", 1)
    await listen(anna)
    refused = await anna.browser.get(PATH)
    assert (refused.status, refused.code) == (503, "too_many_streams")


async def test_streams_end_with_the_process(clients, listen):
    stream, _ = await listen(clients[0])
    clients[0].browser.app.seats.close()
    async with asyncio.timeout(5):
        await stream.task
    assert (await clients[1].browser.get(PATH)).code == "try_again"


async def test_a_role_without_streams_has_none_of_this(clients):
    async with running(Site("live")) as site:
        assert (await Client(site, clients[0].holder).browser.get(PATH)).code == "not_found"


async def test_it_beats(keyholders, monkeypatch):
    monkeypatch.setattr(module, "BEAT_S", 0.01)
    async with running(Site("streams")) as site:
        await site.pictures.read_anew()
        async with Client(site, keyholders[0]).browser.listen(PATH) as stream:
            assert await stream.next("beat") == {}


async def test_who_could_read_what_is_destroyed_must_ask(clients, listen):
    """Who could not hears nothing: there is only what comes after."""
    anna, bilal, chris, _ = clients
    group, key = await anna.begin("conversation", bilal.holder)
    await anna.send(group, key)
    reached = await settled(chris)
    his, other = [(await listen(each))[0] for each in (bilal, chris)]
    await asyncio.to_thread(destroy, group)
    assert await his.next("news") == {"after": reached, "feed": reached}
    gone = (await bilal.browser.get("/live/consult/destroyed")).json["destroyed"]
    assert [each["conversation"] for each in gone] == [group]
    await chris.post(chris.holder.create("conversation"))
    assert (await other.next("news"))["feed"] > reached
    assert (await chris.browser.get("/live/consult/destroyed")).json == {"destroyed": []}
