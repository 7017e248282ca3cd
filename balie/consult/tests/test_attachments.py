"""Files up and down: opaque, for the conversation alone, and only so much of them."""

import asyncio
from hashlib import sha256

import pytest

from balie.consult import attachments as module
from balie.consult.attachments import FILE_MAX
from balie.consult.protocol.attachments import SIZE_MAX, open_attachment, seal_attachment
from balie.consult.protocol.encoding import b64
from balie.consult.testing import new_name

PNG = b"\x89PNG\r\n\x1a\n" + bytes(1000)
AGE = b"age-encryption.org/v1\nrest"
PATH = "/live/consult/attachment"


@pytest.fixture
async def conversation(clients):
    """Of Anna and Bilal."""
    return (await clients[0].begin("conversation", clients[1].holder))[0]


async def put(client, conversation, file):
    return await client.browser.post(f"{PATH}?group={conversation}", file)


async def fetch(client, conversation, name):
    return await client.browser.get(f"{PATH}?group={conversation}&hash={name}")


async def test_a_file_comes_back_as_it_was_and_opens(clients, conversation):
    anna, bilal, *_ = clients
    file, described = seal_attachment(PNG, media_type="image/png", name="foto.png")
    stored = await put(anna, conversation, file)
    assert stored.json == {"hash": described.hash, "size": len(file)}
    assert (await put(bilal, conversation, file)).json == stored.json  # known by its hash
    found = await fetch(bilal, conversation, described.hash)
    assert (found.status, found.headers["content-type"]) == (200, "application/octet-stream")
    assert found.headers["x-content-type-options"] == "nosniff"
    assert open_attachment(found.body, described) == PNG


async def test_the_largest_file_of_the_protocol_fits(clients, conversation):
    data = PNG + bytes(SIZE_MAX - len(PNG))
    file, described = seal_attachment(data, media_type="image/png", name="foto.png")
    assert (await put(clients[0], conversation, file)).status == 200
    assert (await fetch(clients[0], conversation, described.hash)).body == file


async def test_it_is_for_the_conversation_alone(clients, conversation):
    anna, bilal, chris, _ = clients
    other, _ = await bilal.begin("conversation", chris.holder)
    name = (await put(anna, conversation, AGE)).json["hash"]
    team, _ = await chris.begin("team")
    refused = [
        await fetch(chris, conversation, name),
        await fetch(bilal, other, name),
        await fetch(anna, conversation, new_name()),
        await put(chris, conversation, AGE),
        await put(chris, team, AGE),
        await put(chris, new_name(), AGE),
    ]
    assert {(each.status, each.code) for each in refused} == {(404, "not_found")}
    await anna.post(anna.holder.remove(conversation, bilal.holder.member, [conversation]))
    assert (await fetch(bilal, conversation, name)).code == "not_found"


@pytest.mark.parametrize(
    ("file", "status", "code"),
    [
        (b"", 400, "bad_request"),
        (b"MZ", 400, "bad_request"),
        (AGE[:-6], 400, "bad_request"),
        (AGE + bytes(FILE_MAX), 413, "too_large"),
    ],
)
async def test_what_is_no_age_file_or_too_large_is_refused(clients, conversation, file, status, code):
    refused = await put(clients[0], conversation, file)
    assert (refused.status, refused.code) == (status, code)
    assert (await fetch(clients[0], conversation, b64(sha256(file).digest()))).status == 404


async def test_a_day_has_its_limit(clients, conversation, monkeypatch, installation):
    monkeypatch.setattr(module, "DAY_MAX", len(AGE) + 10)
    anna, bilal, *_ = clients
    assert (await put(anna, conversation, AGE)).status == 200
    assert (await put(anna, conversation, AGE + b"2")).code == "limit"
    assert (await put(bilal, conversation, AGE + b"2")).status == 200
    with installation.connect() as line:
        line.execute("update consult_attachment set stored_at = stored_at - interval '25 hours'")
    assert (await put(anna, conversation, AGE + b"3")).status == 200


async def test_only_so_many_are_under_way_at_once(clients, conversation, monkeypatch):
    monkeypatch.setattr(module, "AT_ONCE", 1)
    answers = await asyncio.gather(*(put(clients[0], conversation, AGE) for _ in range(3)))
    assert sorted(each.status for each in answers) == [200, 503, 503]
    assert (await put(clients[0], conversation, AGE)).status == 200


async def test_a_query_says_which(clients, conversation):
    for query in ("", "?group=x", f"?group={conversation}", f"?group={conversation}&hash=x"):
        assert (await clients[0].browser.get(PATH + query)).code == "bad_request"
