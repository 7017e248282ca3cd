"""Flags and archives: each one's own, and never another's."""

import pytest

from balie.consult.testing import new_name

PATH = "/live/consult/mark"


@pytest.fixture
async def conversation(clients):
    """Of Anna and Bilal, with two messages: its name."""
    anna, bilal, *_ = clients
    group, key = await anna.begin("conversation", bilal.holder)
    for _ in range(2):
        await anna.send(group, key)
    return group


async def put(client, conversation, *, flagged=False, archived=None):
    body = {"conversation": conversation, "flagged": flagged, "archived": archived}
    return await client.browser.post(PATH, body)


async def marks(client):
    return (await client.get("marks"))["marks"]


async def test_a_mark_is_ones_own_and_can_be_taken_back(clients, conversation):
    anna, bilal, *_ = clients
    assert await marks(anna) == []
    assert (await put(anna, conversation, flagged=True, archived=2)).json == {}
    assert await marks(anna) == [{"conversation": conversation, "flagged": True, "archived": 2}]
    assert await marks(bilal) == []
    await put(anna, conversation, archived=None)
    assert await marks(anna) == [{"conversation": conversation, "flagged": False, "archived": None}]


async def test_one_is_done_with_no_more_than_there_is(clients, conversation):
    """Else what comes later would never be seen."""
    anna, *_ = clients
    await put(anna, conversation, archived=900)
    assert (await marks(anna))[0]["archived"] == 2


async def test_who_does_not_belong_cannot_tell_it_is_there(clients, conversation):
    anna, _, chris, _ = clients
    team, _ = await chris.begin("team")
    for client, group in ((chris, conversation), (chris, new_name()), (chris, team)):
        assert (await put(client, group)).status == 404
    assert [await marks(client) for client in (anna, chris)] == [[], []]


@pytest.mark.parametrize("body", [{}, {"conversation": "x", "flagged": True, "archived": None}, {"flagged": 1}])
async def test_what_has_not_this_form_is_refused(clients, body):
    assert (await clients[0].browser.post(PATH, body)).status == 400
