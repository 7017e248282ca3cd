"""A connector tells of keys in its name that it did not make, until somebody looked into it."""

import json

import pytest

from balie.connector.own_entries import FOREIGN, OTHER_LOG, OwnEntries
from balie.connector.tests.conftest import Post, post, running, still_stream
from balie.connector.tests.test_connector import communication, is_now
from balie.consult.client.application import Application, ProblemError
from balie.consult.client.device import make_device, state_device
from balie.consult.client.keyrings import make_keyring
from balie.consult.client.tests.conftest import passes, people
from balie.consult.client.transport import Response
from balie.consult.keylog.tests.conftest import (
    clients,
    configured,
    conn,
    cosigning,
    keyholders,
    network,
    strangers,
    ward,
)
from balie.consult.keylog.tests.test_following import follow, lying, put
from balie.consult.protocol import devices

__all__ = ["clients", "configured", "conn", "cosigning", "keyholders", "network", "passes", "people", "post"]
__all__ += ["strangers", "ward"]


@pytest.fixture
async def entries(post: Post, conn, cosigning) -> OwnEntries:
    await cosigning.act(conn, 0)
    return OwnEntries(follow(post.bilal), post.bilal.keyring, post.folder / "cleared")


@pytest.fixture
async def stolen(post: Post, entries, conn, cosigning, installation) -> str:
    """Somebody who has the database made a device in Bilal's name: the name of that statement."""
    thief = make_keyring(at=1, person=post.bilal.id)
    name = put(
        installation, post.bilal.id, devices.TYP, state_device(thief, make_device(post.bilal.id), at=1).certificate
    )
    await cosigning.act(conn, 0)
    return name


async def test_its_own_keys_are_no_trouble(entries):
    await entries.look()
    assert entries.why == ""


async def test_a_device_that_it_did_not_make_is_told_until_somebody_looked_into_it(post, entries, stolen, conn):
    await entries.look()
    assert entries.why == FOREIGN
    assert await entries.clear(post.bilal.device.device, "Een proef") == [stolen]
    await entries.look()
    assert entries.why == ""
    rows = await (await conn.execute("select detail from consult_log_entry where what = 'cleared'")).fetchall()
    [detail] = [json.loads(each) for (each,) in rows]
    assert detail == {"device": post.bilal.device.device, "note": "Een proef", "statement": stolen}
    again = OwnEntries(follow(post.bilal), post.bilal.keyring, post.folder / "cleared")
    await again.look()
    assert again.why == ""


async def test_it_is_not_silent_unless_the_log_has_what_was_found(post, entries, stolen):
    honest = post.bilal.transport

    async def refusing(method, url, body, headers):
        return (
            Response(500, b"{}")
            if method == "POST" and url.endswith("/log")
            else await honest(method, url, body, headers)
        )

    entries._followed.application = Application("", "", refusing, post.bilal.pause)
    with pytest.raises(ProblemError):
        await entries.clear(post.bilal.device.device, "Een proef")
    await entries.look()
    assert entries.why == FOREIGN


async def test_another_log_is_told(post, entries):
    def bend(body: bytes) -> bytes:
        said = json.loads(body)
        return json.dumps(said | {"entries": said["entries"][1:]}).encode() if said["entries"] else body

    lying(post.bilal, "key-log?after=0", bend)
    await entries.look()
    assert entries.why == OTHER_LOG


async def test_balie_away_changes_nothing_of_what_is_known(post, entries, stolen):
    await entries.look()
    post.bilal.trouble = lambda _method, _path: "gone"
    await entries.look()
    assert entries.why == FOREIGN


async def test_health_says_so_while_messages_go_out(post, entries, stolen):
    async with running(post.open(stream=still_stream, entries=entries)) as client:

        async def told() -> bool:
            return (await client.get("/health")).json()["why"] == FOREIGN

        await post.until(told)
        assert (await client.get("/health")).status_code == 503
        given = await client.post("/fhir/Communication", json=communication(post))
        await post.until(lambda: is_now(client, given.headers["location"], "completed"))
