"""Messages over HTTP, in and out, with what is wrong with them said."""

import asyncio

import pytest

from balie.asgi import Site
from balie.consult.protocol.boxes import key_name, lock
from balie.consult.protocol.messages import BOX_TYP, ENVELOPE_MAX
from balie.consult.testing import new_id, new_name
from balie.ordering.tests.web import Browser, running
from balie.practices.passes import make_pass


@pytest.fixture
async def site(ward):
    async with running(Site("live")) as site:
        await site.pictures.read_anew()
        yield site


@pytest.fixture
def come(site):
    def come(member):
        cookie = make_pass(person=member.person, practice=None, role="gp", organiser=False)
        return Browser(site, cookie)

    return come


def sealed(conversation, text=b"hello", *, kid=None) -> str:
    return lock(BOX_TYP, bytes(32), text, kid=kid or conversation.key)


def body(member, conversation, **more):
    asked = {
        "conversation": conversation.name,
        "device": member.device,
        "id": new_id(),
        "envelope": sealed(conversation),
    }
    return asked | more


async def test_a_message_goes_in_and_comes_out(ward, come):
    sent = body(ward.anna, ward.both)
    stored = await come(ward.anna).post("/live/consult/messages", sent)
    assert (stored.status, stored.json["place"]) == (200, 1)
    read = await come(ward.bilal).get("/live/consult/feed")
    [event] = read.json["events"]
    assert event.pop("message") == sent | {"place": 1, "person": ward.anna.identity}
    assert event == {"feed": read.json["after"], "received_at": stored.json["received_at"]}
    assert read.json["more"] is False
    nothing = {"events": [], "after": read.json["after"], "more": False}
    assert (await come(ward.dina).get("/live/consult/feed")).json == nothing


async def test_a_feed_goes_on_after_the_place_one_names(ward, come):
    for _ in range(3):
        await come(ward.anna).post("/live/consult/messages", body(ward.anna, ward.both))
    first = (await come(ward.bilal).get("/live/consult/feed")).json["events"]
    rest = (await come(ward.bilal).get(f"/live/consult/feed?after={first[0]['feed']}")).json["events"]
    assert rest == first[1:]


async def test_many_at_once_share_commits_and_lose_nothing(ward, come, site):
    anna = come(ward.anna)
    answers = await asyncio.gather(
        *(anna.post("/live/consult/messages", body(ward.anna, ward.both)) for _ in range(40))
    )
    assert sorted(answer.json["place"] for answer in answers) == list(range(1, 41))


async def test_what_is_no_message_is_refused_where_it_is_wrong(ward, come, subtests):
    for change, at in [
        ({"conversation": "x"}, "conversation"),
        ({"device": 7}, "device"),
        ({"id": "short"}, "id"),
        ({"envelope": "a.b"}, "envelope"),
        ({"envelope": "bm8..e.e.e"}, "envelope"),
        ({"envelope": "a" * (ENVELOPE_MAX + 1)}, "envelope"),
    ]:
        with subtests.test(change=change, at=at):
            refused = await come(ward.anna).post("/live/consult/messages", body(ward.anna, ward.both) | change)
            assert (refused.status, refused.code, refused.json["errors"][0]["at"]) == (400, "bad_request", at)
            assert (await come(ward.anna).get("/live/consult/feed")).json["events"] == []


async def test_refusals_have_codes_and_sentences(ward, come):
    said = [
        (ward.dina, body(ward.dina, ward.both), 404, "not_found"),
        (ward.anna, body(ward.anna, ward.both) | {"conversation": new_name()}, 404, "not_found"),
        (ward.anna, body(ward.anna, ward.both, device=ward.bilal.device), 409, "no_device"),
        (ward.anna, body(ward.anna, ward.both, envelope=sealed(None, kid=key_name(bytes(32)))), 409, "key_retired"),
    ]
    for member, asked, status, code in said:
        refused = await come(member).post("/live/consult/messages", asked)
        assert (refused.status, refused.code) == (status, code)
        assert refused.json["title"]
    sent = body(ward.anna, ward.both)
    await come(ward.anna).post("/live/consult/messages", sent)
    assert (await come(ward.bilal).post("/live/consult/messages", sent | {"device": ward.bilal.device})).code == "taken"


async def test_what_is_too_large_is_not_read_to_its_end(ward, come):
    refused = await come(ward.anna).post("/live/consult/messages", b"x" * (ENVELOPE_MAX + 2000))
    assert (refused.status, refused.code) == (413, "too_large")


async def test_who_has_no_pass_or_asks_from_elsewhere_is_refused(ward, site, come):
    assert (await Browser(site).get("/live/consult/feed")).status == 401
    elsewhere = await come(ward.anna).ask("POST", "/live/consult/messages", {}, origin="https://evil.example")
    assert (elsewhere.status, elsewhere.code) == (403, "bad_origin")
    for path in ("/live/consult/", "/live/consult/messages", "/live/consult/other"):
        assert (await come(ward.anna).get(path)).code == "not_found"


@pytest.mark.parametrize("after", ["x", "-1", "9" * 30])
async def test_a_place_in_the_feed_is_a_number(ward, come, after):
    assert (await come(ward.anna).get(f"/live/consult/feed?after={after}")).code == "bad_request"


async def test_who_reads_while_the_database_is_away_is_asked_to_try_again(ward, come, conn):
    anna = come(ward.anna)
    await anna.get("/live/consult/feed")
    await conn.execute(
        "select pg_terminate_backend(pid) from pg_stat_activity"
        " where application_name = 'balie consult' and datname = current_database()"
    )
    assert (await anna.get("/live/consult/feed")).code == "try_again"
    async with asyncio.timeout(20):
        while (await anna.get("/live/consult/feed")).status != 200:
            pass
