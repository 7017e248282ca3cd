"""Bad input on the hot paths: who may not ask, what cannot be understood, and that nothing changes by it."""

import asyncio
import json
import re
import time
from pathlib import Path
from types import SimpleNamespace
from uuid import uuid4

import pytest
from django.conf import settings
from psycopg import sql

from balie.asgi import Site
from balie.ordering.tests.desk import MONDAY
from balie.ordering.tests.web import Browser, pass_for, request, running
from balie.practices.passes import read_pass
from balie.runtime.hot import notify

EVIL = "https://balie.example"
ORIGIN = settings.ORIGINS[0]
# Every hot path that the protocol names, but for those that are the same for everybody.
SPEC = (Path(__file__).parents[3] / "docs/spec/live.md").read_text(encoding="utf-8")
FOR_EVERYBODY = ("/state", "/draw", "/forecast", "/seal")
OF_ONE_PRACTICE = [
    (method, path)
    for method, path in re.findall(r"^### `(GET|POST) (/live/[^\s?`]+)", SPEC, re.MULTILINE)
    if not path.endswith((*FOR_EVERYBODY, "/health"))
]
assert len(OF_ONE_PRACTICE) >= 7


@pytest.fixture
async def site(desk):
    async with running(Site("live")) as site:
        yield site


@pytest.fixture
def linde(site, desk):
    return Browser(site, pass_for(desk.linde))


@pytest.fixture
def hold(desk):
    """Path and body of a request that would succeed."""
    lines = [{"product": desk.flu, "location": desk.linde.home, "doses": 500, "day": MONDAY.isoformat()}]
    return f"/live/orders/{desk.campaign}/hold", {"practice": desk.linde.practice, "key": str(uuid4()), "lines": lines}


@pytest.fixture(autouse=True)
async def nothing_changes(request, desk, conn, hold, linde):
    """After each test: nothing was held by it, and the same request, asked rightly, succeeds."""
    yield
    assert await desk.taken(conn) == {}
    assert (await Browser(linde.app, pass_for(desk.linde, generation=1)).post(*hold)).status == 200


def passes(desk):
    good = pass_for(desk.linde)
    body, _, signature = good.partition(":")
    return {
        "none": None,
        "empty": "",
        "tampered": "A" + good[1:],
        "signature of another": f"{body}:{pass_for(desk.eik).partition(':')[2]}",
        "unsigned": body,
        "expired": pass_for(desk.linde, now=time.time() - 13 * 3600),
        "no ascii": "é" * 40,
        "long": signature * 500,
    }


async def test_without_a_pass_that_counts_nobody_is_let_in(site, desk, hold, subtests):
    for which in ["none", "empty", "tampered", "signature of another", "unsigned", "expired", "no ascii", "long"]:
        with subtests.test(which=which):
            refused = await Browser(site, passes(desk)[which]).post(*hold)
            assert (refused.status, refused.code) == (401, "no_pass")
            assert refused.json["title"]


async def test_a_program_of_the_practice_is_not_let_in(linde, desk, site, hold):
    """It talks, and orders nothing: to it these paths are not there. Passes of the person it is are not needed here."""
    program = Browser(site, pass_for(desk.linde, role="software"))
    for method, path in OF_ONE_PRACTICE:
        named = path.replace("{campaign}", str(desk.campaign))
        assert (await program.ask(method, named, {}, origin=ORIGIN)).status == 404, path
    assert (await program.post(*hold)).code == "not_found"
    assert (await program.get("/live/consult/groups")).status == 200


async def test_a_revoked_pass_ends_as_soon_as_it_is_heard(site, desk, hold, conn):
    browser = Browser(site, pass_for(desk.linde))
    mine = f"/live/orders/{desk.campaign}/mine?practice={desk.linde.practice}"
    assert (await browser.get(mine)).status == 200
    await conn.execute(
        "insert into practices_pass_revocation (person_id, generation) values (%s, 1)",
        (desk.linde.person,),
    )
    await notify(conn, f"pass:{desk.linde.person}")
    async with asyncio.timeout(10):
        while (await browser.get(mine)).status == 200:
            await site.pictures.read_anew()
    assert (await browser.post(*hold)).code == "no_pass"
    for method, path in OF_ONE_PRACTICE:
        asked = await browser.ask(method, path.replace("{campaign}", str(desk.campaign)), hold[1], origin=ORIGIN)
        assert (path, asked.status, asked.code) == (path, 401, "no_pass")


async def test_a_pass_of_another_practice_is_another_window(site, desk, hold):
    path, body = hold
    for where, about in (
        (path, body),
        (path.replace("hold", "confirm"), body),
        (path.replace("hold", "release"), body),
    ):
        refused = await Browser(site, pass_for(desk.eik)).post(where, about)
        assert (refused.status, refused.code) == (409, "other_practice")
    queue = f"/live/queue/{desk.campaign}"
    assert (await Browser(site, pass_for(desk.eik)).post(f"{queue}/join", body)).code == "other_practice"
    for path in (f"{queue}/ticket", f"/live/orders/{desk.campaign}/mine"):
        refused = await Browser(site, pass_for(desk.eik)).get(f"{path}?practice={desk.linde.practice}")
        assert refused.code == "other_practice"


async def test_a_practice_that_does_not_exist_is_refused_alike(site, desk):
    path = f"/live/orders/{desk.campaign}/mine?practice="
    answers = [
        await Browser(site, pass_for(desk.linde)).get(path + asked) for asked in (str(desk.eik.practice), "999999")
    ]
    assert answers[0] == answers[1]


async def test_a_post_must_come_from_our_own_pages(linde, hold, subtests):
    for origin in [None, EVIL, "null", "http://localhost:8000.balie.example", "http://localhost:80001"]:
        with subtests.test(origin=origin):
            path, body = hold
            refused = await linde.ask("POST", path, body, origin=origin)
            assert (refused.status, refused.code) == (403, "bad_origin")


async def test_what_does_not_exist(linde, desk, subtests):
    for path in ["hold", "mine", "calendar", "confirm", "nothing", "hold/", "../orders/1/hold", "HOLD", "hold%20", ""]:
        with subtests.test(path=path):
            method, where = (
                ("POST", f"/live/orders/424242/{path}")
                if path != "nothing"
                else ("POST", f"/live/orders/{desk.campaign}/nothing")
            )
            refused = await linde.ask(method, where, {}, origin="http://localhost:8000")
            assert (refused.status, refused.code) == (404, "not_found")


async def test_a_path_answers_its_own_method_only(linde, desk, hold):
    path, body = hold
    assert (await linde.get(path)).status == 404
    assert (await linde.post(f"/live/orders/{desk.campaign}/mine?practice={desk.linde.practice}", body)).status == 404
    assert (await linde.post(f"/live/queue/{desk.campaign}/state", {})).status == 404


async def test_a_body_that_is_no_json_object_is_not_understood(linde, hold, subtests):
    for body in [b"", b"x", b"{", b"\xff\xfe", b"null", b"[]", b'"hold"', b"{" * 9000, b'{"a":' + b"[" * 9000]:
        with subtests.test(body=body):
            refused = await linde.post(hold[0], body)
            assert (refused.status, refused.code) == (400, "bad_request")


async def test_a_body_that_does_not_fit_says_where(linde, hold, subtests):
    for change, at in [
        ({"practice": None}, "practice"),
        ({"practice": "17"}, "practice"),
        ({"practice": True}, "practice"),
        ({"practice": 1.5}, "practice"),
        ({"practice": 0}, "practice"),
        ({"practice": 2**63}, "practice"),
        ({"key": "not a uuid"}, "key"),
        ({"key": 5}, "key"),
        ({"lines": {}}, "lines"),
        ({"lines": [5]}, "lines[0]"),
        ({"lines": [{"product": 1, "location": 1}]}, "lines[0].doses"),
        ({"lines": [{"product": 1, "location": 1, "doses": "650"}]}, "lines[0].doses"),
        ({"lines": [{"product": 1, "location": 1, "doses": 650.5}]}, "lines[0].doses"),
        ({"lines": [{"product": 1, "location": 1, "doses": 2**31}]}, "lines[0].doses"),
        ({"lines": [{"product": 1, "location": 1, "doses": 650, "day": "2027-02-30"}]}, "lines[0].day"),
        ({"lines": [{"product": 1, "location": 1, "doses": 650, "day": "12 oktober"}]}, "lines[0].day"),
        ({"lines": [{"product": 1, "location": 1, "doses": 10}] * 41}, "lines"),
        ({"ranking": ["2027-10-04"] * 61}, "ranking"),
        ({"ranking": "2027-10-04"}, "ranking"),
    ]:
        with subtests.test(change=change, at=at):
            path, body = hold
            refused = await linde.post(path, {**body, **change})
            assert (refused.status, refused.code) == (400, "bad_request")
            (error,) = refused.json["errors"]
            assert error["at"] == at
            assert error["say"]


async def test_a_field_that_is_missing_is_named(linde, hold, subtests):
    for field in ["practice", "key", "lines"]:
        with subtests.test(field=field):
            path, body = hold
            refused = await linde.post(path, {name: value for name, value in body.items() if name != field})
            assert [(error["at"], error["code"]) for error in refused.json["errors"]] == [(field, "missing")]


async def test_a_get_must_name_its_practice(linde, desk, subtests):
    for query in [
        "",
        "?practice=",
        "?practice=x",
        "?practice=-1",
        "?practice=1e3",
        "?other=1",
        "?practice=" + "9" * 40,
    ]:
        with subtests.test(query=query):
            refused = await linde.get(f"/live/orders/{desk.campaign}/mine{query}")
            assert (refused.status, refused.code) == (400, "bad_request")
            assert refused.json["errors"][0]["at"] == "practice"


async def test_a_body_may_have_16_kib_and_no_more(linde, hold):
    path, body = hold
    padding = 16 * 1024 - len(json.dumps({**body, "padding": ""}))
    refused = await linde.post(path, {**body, "padding": "x" * (padding + 1)})
    assert (refused.status, refused.code) == (413, "too_large")
    confirm = {"practice": body["practice"], "key": body["key"]}
    padding = 16 * 1024 - len(json.dumps({**confirm, "padding": ""}))
    assert (await linde.post(path.replace("hold", "confirm"), {**confirm, "padding": "x" * padding})).code == "no_hold"


async def test_a_body_that_is_held_back_buys_no_time(site, desk, hold, monkeypatch):
    """Else a click could be begun inside the window, and finished whenever one liked."""
    monkeypatch.setattr("balie.ordering.live.BODY_WITHIN_S", 0.01)
    sent = []

    async def receive():
        await asyncio.Event().wait()

    async def send(message):
        sent.append(message)

    asked = request("POST", hold[0], cookie=pass_for(desk.linde), origin=settings.ORIGINS[0])
    async with asyncio.timeout(5):
        await site(asked, receive, send)
    assert (sent[0]["status"], json.loads(sent[1]["body"])["code"]) == (503, "try_again")


async def test_who_asks_too_often_must_wait_and_others_need_not(site, linde, desk, monkeypatch):
    now = time.monotonic()
    monkeypatch.setattr("balie.lib.asgi.time", SimpleNamespace(monotonic=lambda: now))
    path = f"/live/orders/{desk.campaign}/calendar"
    answers = [(await linde.get(path)).status for _ in range(105)]
    assert answers == [200] * 100 + [429] * 5
    refused = await linde.get(path)
    assert (refused.code, refused.headers["retry-after"]) == ("too_many", "1")
    assert (await Browser(site, pass_for(desk.eik)).get(path)).status == 200
    assert (await linde.get(f"/live/queue/{desk.campaign}/state")).status == 200
    now += 1
    assert [(await linde.get(path)).status for _ in range(21)] == [200] * 20 + [429]
    now += 5


async def test_an_old_pass_is_renewed_by_an_answer(site, desk):
    old = pass_for(desk.linde, now=time.time() - 7 * 3600)
    answer = await Browser(site, old).get(f"/live/orders/{desk.campaign}/calendar")
    name, _, value = answer.headers["set-cookie"].partition(";")[0].partition("=")
    renewed = read_pass(value, time.time())
    assert name == "balie_pass"
    assert renewed.made_at == read_pass(old, time.time()).made_at
    assert renewed.expires_at > (time.time() + 11 * 3600) * 1000
    young = await Browser(site, pass_for(desk.linde)).get(f"/live/orders/{desk.campaign}/calendar")
    assert "set-cookie" not in young.headers


async def test_before_anything_was_read_it_says_try_again(desk, settings, hold):
    settings.DATABASE_URL = "postgresql:///nowhere?host=/nonexistent&connect_timeout=1"
    site = Site("live")  # not even started
    for answer in (
        await Browser(site).get(f"/live/queue/{desk.campaign}/state"),
        await Browser(site, pass_for(desk.linde)).post(*hold),
    ):
        assert (answer.status, answer.code, answer.headers["retry-after"]) == (503, "try_again", "1")
    assert (await Browser(site).get("/live/health")).status == 503


async def test_a_request_that_nobody_foresaw_fails_with_its_number(linde, desk, hold, conn):
    """The control for all of the above: what they refuse would else be a fault of ours."""
    name = sql.Identifier("ordering_hold_batch_v1")
    await conn.execute(sql.SQL("alter function {} rename to broken").format(name))
    refused = await linde.post(*hold)
    await conn.execute(sql.SQL("alter function broken rename to {}").format(name))
    assert (refused.status, refused.code) == (500, "fault")
    assert re.fullmatch(r"[0-9A-Z]{4}-[0-9A-Z]{4}", refused.json["request"])


@pytest.mark.parametrize(
    ("language", "said"),
    [
        (None, ("Er klopt iets niet in de bestelling.", "1.285 kan niet: kies 1.280 of 1.290.")),
        ("de", ("Er klopt iets niet in de bestelling.", "1.285 kan niet: kies 1.280 of 1.290.")),
        ("en", ("Something in the order is not right.", "1,285 is not possible: choose 1,280 or 1,290.")),
    ],
)
async def test_a_refusal_speaks_the_language_of_its_page(site, desk, hold, language, said):
    path, body = hold
    wrong = {**body, "lines": [{**body["lines"][0], "doses": 1285}]}
    refused = (await Browser(site, pass_for(desk.linde), language=language).post(path, wrong)).json
    assert (refused["title"], refused["errors"][0]["say"]) == said
    nobody = (await Browser(site, language=language).get(f"/live/orders/{desk.campaign}/calendar")).json
    assert ("Log in again" in nobody["title"]) == (language == "en")
