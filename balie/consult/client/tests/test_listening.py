"""A stream brings what is new, whole or as a hint; when it ends, one asks, and opens it again."""

import asyncio
from contextlib import aclosing

import msgspec
import pytest

from balie.consult.client.application import News
from balie.consult.client.listening import listen, read_news
from balie.consult.client.transport import UnreachableError


async def lines(*given: bytes):
    for each in given:
        yield each


async def test_events_of_other_kinds_are_passed_over():
    said = [b"event: news", b'data: {"after": 3, "feed": 5}', b"", b"event: beat", b"data: {}", b""]
    said += [b"event: reads", b'data: {"conversation": "x", "reads": []}', b"", b": a remark", b""]
    said += [b"event: news", b'data: {"after": 5, "feed": 9, "events": []}', b""]
    found = [each async for each in read_news(lines(*said))]
    assert found == [News(3, 5), News(5, 9, ())]


async def conversation(people):
    anna, bilal, *_ = people
    group = await anna.talk.create_conversation(bilal.member)
    await bilal.world.catch_up()
    return anna, bilal, group


async def test_news_that_is_whole_needs_no_question(people):
    anna, bilal, group = await conversation(people)
    before = bilal.world.cursor
    await anna.talk.say(group.name, "heet van de naald")
    page = await bilal.application.feed(before)
    asked = []
    bilal.trouble = lambda _method, path: asked.append(path) or ""
    [message] = await bilal.world.hear(News(before, page.after, page.events))
    assert bilal.reads(group.name) == ["heet van de naald"]
    assert (asked, bilal.world.cursor) == ([], page.after)
    assert await bilal.world.hear(News(before, page.after, page.events)) == []
    assert message in bilal.world.groups[group.name].messages


@pytest.mark.parametrize("whole", [True, False])
async def test_news_that_is_not_about_where_one_is_makes_one_ask(people, whole):
    """A hint without events; or events that leave out what one has not heard yet."""
    anna, bilal, group = await conversation(people)
    await anna.talk.say(group.name, "een")
    middle = (await bilal.application.feed(bilal.world.cursor)).after
    await anna.talk.say(group.name, "twee")
    page = await anna.application.feed(middle)
    news = News(middle, page.after, page.events) if whole else News(middle, page.after)
    assert len(await bilal.world.hear(news)) == 2
    assert bilal.reads(group.name) == ["een", "twee"]


async def test_when_the_stream_ends_one_asks_and_opens_it_again(people):
    anna, bilal, group = await conversation(people)
    cursor, opened, paused = bilal.world.cursor, [], []

    async def stream():
        opened.append(len(opened))
        if len(opened) == 1:
            raise UnreachableError("refused")
        await anna.talk.say(group.name, "op de lijn")
        page = await bilal.application.feed(bilal.world.cursor)
        for line in (
            b"event: news",
            b"data: " + msgspec.json.encode(News(bilal.world.cursor, page.after, page.events)),
        ):
            yield line
        await asyncio.Event().wait()

    async def pause(seconds):
        paused.append(seconds)

    await anna.talk.say(group.name, "terwijl er geen was")
    async with aclosing(listen(bilal.world, stream, pause=pause)) as heard:
        assert len(await anext(heard)) == 1
        assert bilal.reads(group.name) == ["terwijl er geen was"]
        assert len(await anext(heard)) == 1
    assert bilal.reads(group.name) == ["terwijl er geen was", "op de lijn"]
    assert (len(opened), len(paused)) == (2, 1)
    assert bilal.world.cursor > cursor
