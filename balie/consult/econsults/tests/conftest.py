import asyncio
from collections.abc import AsyncIterator
from functools import partial

import pytest

from balie.asgi import Site
from balie.consult.econsults.tests.post import Post, act
from balie.ordering.tests.web import off_loop, running
from balie.runtime.hot import Connection, connect


@pytest.fixture
def post(installation) -> Post:
    return Post()


@pytest.fixture
async def conn(installation) -> AsyncIterator[Connection]:
    async with await connect(installation.dsn, name="test") as conn:
        yield conn


@pytest.fixture
async def site(post) -> AsyncIterator[Site]:
    async with running(Site("all")) as site:
        await site.pictures.read_anew()
        yield site


@pytest.fixture
def browsers(post, site):
    """By name."""
    return {each.name: each.browser(site) for each in (post.emma, post.bas, post.olga, post.nadia, post.piet, post.rik)}


@pytest.fixture
def begin(post):
    """Gives what a patient would send, in a new conversation."""

    async def begin(patient, urgency="U4", **other):
        return await off_loop(partial(post.econsult, patient, urgency, **other))

    return begin


@pytest.fixture
def send(post, browsers, begin):
    """Nadia sends one; gives what she sent."""

    async def send(urgency="U4"):
        body = await begin(post.nadia, urgency)
        assert (await act(browsers["Nadia"], "", **body)).status == 200
        return body

    return send


@pytest.fixture
async def sent(send):
    return await send()


@pytest.fixture
def decide(installation, post, site):
    """A practice, De Linde if no other is named, closes a function or leaves it to the rest again."""

    async def decide(function, hand, practice=None):
        with installation.connect() as conn:
            conn.execute(
                "select practices_switch_by_hand_v1("
                "%s, %s, null, %s, null, %s, '', '', null, 'proef', 'voorbeeld.example')",
                (function, (practice or post.practice).pk, hand, "hours" if hand == "closed" else ""),
            )
        async with asyncio.timeout(5):
            while site.pictures.functions.any_closed(function) is not (hand == "closed"):
                await site.pictures.read_anew()

    return decide
