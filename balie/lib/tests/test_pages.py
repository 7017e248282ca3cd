"""Pools of pages: who is let in, who is asked to come again, and what half a form costs."""

import asyncio
import threading
from contextlib import asynccontextmanager
from types import SimpleNamespace

import pytest

from balie.lib import pages as module
from balie.lib.pages import Pages, Pool, Room

ROOM = Room(threads=1, waiting=1, body_most=10)


class Slow:
    """A WSGI app that answers when it is told, with what it was sent."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.inside = 0

    def __call__(self, environ, start_response):
        self.inside += 1
        self.go.wait(10)
        start_response("200 OK", [("content-type", "text/plain")])
        return [environ["wsgi.input"].read()]


def words(scope, status, seconds):
    return b"come again" if status == 503 else b"%d" % status


@pytest.fixture
def slow():
    app = Slow()
    yield app
    app.go.set()


class Asked:
    """One request, and its answer when that has come."""

    def __init__(self, app, method="GET", path="/", parts=(b"",)) -> None:
        self.sent = []
        self._parts = list(parts)
        self.task = asyncio.create_task(app(scope(method, path), self._receive, self._send))

    async def _receive(self):
        if not self._parts:
            await asyncio.Event().wait()  # the rest never comes
        body = self._parts.pop(0)
        return {"type": "http.request", "body": body, "more_body": bool(self._parts) or body == b"half"}

    async def _send(self, message):
        self.sent.append(message)

    async def answer(self) -> tuple[int, bytes, dict[bytes, bytes]]:
        await asyncio.wait_for(self.task, 5)
        body = b"".join(message.get("body", b"") for message in self.sent[1:])
        return self.sent[0]["status"], body, dict(self.sent[0]["headers"])


def scope(method, path):
    return {
        "type": "http",
        "method": method,
        "path": path,
        "http_version": "1.1",
        "query_string": b"",
        "headers": [],
        "client": ("192.0.2.1", 5),
    }


@asynccontextmanager
async def settled():
    """After the loop has had its turn: who is asked for is in."""
    await asyncio.sleep(0.05)
    yield


async def test_who_finds_the_line_full_is_asked_to_come_again_at_once(slow):
    pool = Pool("login", slow, ROOM, words=words)
    inside, waiting = Asked(pool), Asked(pool)
    async with settled():
        status, body, headers = await Asked(pool).answer()
    assert (status, body) == (503, b"come again")
    assert headers[b"retry-after"] == b"4"
    assert headers[b"cache-control"] == b"no-store"
    slow.go.set()
    assert [(await each.answer())[0] for each in (inside, waiting)] == [200, 200]
    assert (await Asked(pool).answer())[0] == 200


async def test_those_turned_away_come_back_one_after_the_other(slow, monkeypatch):
    """Else the more there are who wait, the more time goes into turning them away. All of them come at one moment."""
    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: 1000.0))
    pool = Pool("login", slow, ROOM, words=words)
    inside, waiting = Asked(pool), Asked(pool)
    async with settled():
        seconds = [int((await Asked(pool).answer())[2][b"retry-after"]) for _ in range(1000)]
    first, last = int(module.AGAIN_FROM_S), int(module.AGAIN_MOST_S)
    assert seconds == sorted(seconds)
    assert (seconds[0], seconds[-1]) == (first, last)
    at_once = int(1 / module.AGAIN_APART_S)
    assert all(seconds.count(each) <= at_once + 1 for each in range(first, last))
    slow.go.set()
    assert [(await each.answer())[0] for each in (inside, waiting)] == [200, 200]


async def test_who_filled_in_a_form_is_let_into_the_line_longer(slow):
    pool = Pool("login", slow, ROOM, words=words)
    forms = [Asked(pool, "POST", parts=(b"form",)) for _ in range(ROOM.threads + ROOM.waiting * module.FORMS_FIRST)]
    async with settled():
        assert (await Asked(pool).answer())[0] == 503
        assert (await Asked(pool, "POST", parts=(b"late",)).answer())[0] == 503
    slow.go.set()
    assert [(await each.answer())[:2] for each in forms] == [(200, b"form")] * len(forms)


async def test_a_body_comes_whole_in_however_many_parts(slow):
    slow.go.set()
    pool = Pool("login", slow, ROOM, words=words)
    assert (await Asked(pool, "POST", parts=(b"a", b"b", b"c")).answer())[1] == b"abc"
    assert (await Asked(pool, "POST", parts=(b"a" * 10, b"b")).answer())[:2] == (413, b"413")


async def test_half_a_form_takes_no_thread_and_no_place(slow, monkeypatch):
    monkeypatch.setattr(module, "BODY_WITHIN_S", 0.3)
    pool = Pool("login", slow, ROOM, words=words)
    halves = [Asked(pool, "POST", parts=(b"half",)) for _ in range(20)]
    slow.go.set()
    assert (await Asked(pool).answer())[0] == 200
    assert slow.inside == 1
    assert {(await half.answer())[0] for half in halves} == {408}


async def test_pools_stand_beside_each_other(slow):
    """Whoever logs in keeps nobody from the other pages, however long their line is."""
    quick = Slow()
    quick.go.set()
    both = Pages({"/account/": Pool("login", slow, ROOM, words=words), "": Pool("pages", quick, ROOM, words=words)})
    line = [Asked(both, path="/account/login/") for _ in range(2)]
    async with settled():
        assert (await Asked(both, path="/account/login/").answer())[0] == 503
        assert (await Asked(both, path="/bestellen/").answer())[0] == 200
    slow.go.set()
    for each in line:
        await each.answer()


async def test_a_page_that_can_say_what_is_too_large_is_given_the_beginning_of_it(slow):
    slow.go.set()
    pool = Pool("imports", slow, Room(threads=1, waiting=1, body_most=10, told_all=True), words=words)
    asked = Asked(pool, "POST", parts=[b"a" * 10, *[b"b"] * 30])
    status, body, _headers = await asked.answer()
    assert (status, body) == (200, b"a" * 10 + b"b")
    assert asked._parts == []  # nothing is left that would break the connection


async def test_no_more_bodies_come_in_at_once_than_may(slow):
    slow.go.set()
    pool = Pool("imports", slow, Room(threads=1, waiting=9, body_most=10, readers=1), words=words)
    half, whole = Asked(pool, "POST", parts=[b"half"]), Asked(pool, "POST", parts=[b"whole"])
    async with settled():
        assert (half.sent, whole.sent) == ([], [])
    half.task.cancel()
    assert (await whole.answer())[1] == b"whole"


async def test_control_in_one_pool_they_would(slow):
    pool = Pool("all", slow, ROOM, words=words)
    line = [Asked(pool, path="/account/login/") for _ in range(2)]
    async with settled():
        assert (await Asked(pool, path="/bestellen/").answer())[0] == 503
    slow.go.set()
    for each in line:
        await each.answer()
