"""Receipts: how far everybody is, told to whoever belongs to the conversation."""

import pytest

from balie.consult.reads import READS_MOST
from balie.consult.testing import new_name
from balie.practices.streams import PENDING_MOST

PATH = "/live/consult/read"


@pytest.fixture
async def conversation(clients):
    """Of Anna and Bilal, with three messages: its name."""
    anna, bilal, *_ = clients
    group, key = await anna.begin("conversation", bilal.holder)
    for _ in range(3):
        await anna.send(group, key)
    return group


async def say(client, conversation, **far):
    return await client.browser.post(PATH, {"reads": [{"conversation": conversation, **far}]})


async def reads(client, conversation):
    return (await client.get(f"reads?group={conversation}"))["reads"]


async def test_everybody_sees_how_far_everybody_is(clients, conversation):
    anna, bilal, chris, _ = clients
    assert await reads(anna, conversation) == []
    assert (await say(bilal, conversation, delivered=3, read=2)).json == {}
    for each in (anna, bilal):
        [his] = await reads(each, conversation)
        assert his.pop("read_at")
        assert his == {"person": bilal.holder.id, "delivered": 3, "read": 2}
    assert (await chris.browser.get(f"/live/consult/reads?group={conversation}")).status == 404
    [mine] = (await bilal.get("groups"))["groups"]
    assert (mine["place"], mine["read"]) == (3, 2)


async def test_it_only_grows_and_no_further_than_there_are_messages(clients, conversation):
    _, bilal, *_ = clients
    await say(bilal, conversation, read=2)
    first = await reads(bilal, conversation)
    assert (first[0]["delivered"], first[0]["read"]) == (2, 2)
    for far in ({"read": 1}, {"delivered": 1}, {"read": 0, "delivered": 0}):
        await say(bilal, conversation, **far)
        assert await reads(bilal, conversation) == first
    await say(bilal, conversation, read=900)
    assert [(each["delivered"], each["read"]) for each in await reads(bilal, conversation)] == [(3, 3)]


async def test_who_does_not_belong_has_read_nothing(clients, conversation):
    anna, _, chris, _ = clients
    assert (await say(chris, conversation, read=1)).json == {}
    assert (await say(chris, new_name(), read=1)).json == {}
    assert await reads(anna, conversation) == []


async def test_who_left_is_no_longer_in_the_list(clients, conversation):
    anna, bilal, *_ = clients
    await say(bilal, conversation, read=1)
    await anna.post(anna.holder.remove(conversation, bilal.holder.member, [conversation]))
    assert await reads(anna, conversation) == []


async def test_listeners_hear_of_it_and_others_do_not(clients, conversation):
    anna, bilal, chris, _ = clients
    async with anna.browser.listen("/stream/consult") as hers, chris.browser.listen("/stream/consult") as other:
        await hers.next("news")
        await other.next("news")
        await say(bilal, conversation, read=1)
        heard = await hers.next("reads")
        assert heard == {"conversation": conversation, "reads": await reads(anna, conversation)}
        await chris.post(chris.holder.create("conversation"))
        assert [name for name, _ in await other.heard_until("news")] == ["news"]


async def test_many_receipts_at_once_end_nobodys_stream(clients):
    """As when somebody opens an inbox of thousands: more at once than a stream lets wait piece by piece."""
    anna, bilal, *_ = clients
    many = [await anna.begin("conversation", bilal.holder) for _ in range(PENDING_MOST + 5)]
    for group, key in many:
        assert (await anna.send(group, key)).status == 200
    async with anna.browser.listen("/stream/consult") as hers:
        await hers.next("news")
        told = [{"conversation": group, "delivered": 1} for group, _ in many]
        assert (await bilal.browser.post(PATH, {"reads": told})).status == 200
        heard = {(await hers.next("reads"))["conversation"] for _ in many}
        assert heard == {group for group, _ in many}


@pytest.mark.parametrize(
    "body",
    [
        {"reads": []},
        {"reads": [{"conversation": "x"}]},
        {"reads": [{"conversation": "A" * 43, "read": -1}]},
        {"reads": [{"conversation": "A" * 43}] * 2},
        {"reads": [{"conversation": "A" * 43}] * (READS_MOST + 1)},
    ],
)
async def test_what_is_no_receipt_is_refused(clients, body):
    assert (await clients[0].browser.post(PATH, body)).code == "bad_request"


async def unread(client) -> int:
    return (await client.get("unread"))["conversations"]


async def test_what_others_said_and_one_has_not_read_is_counted_by_conversation(clients):
    anna, bilal, chris, _ = clients
    (one, key), (other, second) = [await anna.begin("conversation", bilal.holder) for _ in range(2)]
    assert await unread(bilal) == 0
    for _ in range(2):
        assert (await anna.send(one, key)).status == 200
    assert (await anna.send(other, second)).status == 200
    assert [await unread(each) for each in (anna, bilal, chris)] == [0, 2, 0]
    assert (await say(bilal, one, read=2)).status == 200
    assert await unread(bilal) == 1
    assert (await bilal.send(other, second)).status == 200
    assert [await unread(each) for each in (anna, bilal)] == [1, 1]
