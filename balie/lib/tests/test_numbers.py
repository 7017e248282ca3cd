"""A number for each request: from the header to the page, the body and the log."""

import asyncio
import json

import pytest
from django.http import HttpResponseNotFound
from django.test import Client, RequestFactory
from structlog.testing import capture_logs

from balie.lib import log as logs
from balie.lib.numbers import ASKED, HEADER, Numbered, settle_number
from balie.lib.problems import Problem
from balie.runtime.middleware import MeasureMiddleware
from balie.serve import NUMBER, _page, _words

GIVEN = "0b9e3f6c6a7d4f1e8c2a5d7e9f104b3c"
BAD = ["", "short", "x" * 37, "F8K2 QD7M", 'F8K2"QD7M', "F8K2-QD7M\n", "F8K2-QD7\N{LATIN SMALL LETTER E WITH ACUTE}"]


@pytest.mark.parametrize("given", BAD)
def test_a_number_that_could_do_harm_is_not_taken_over(given):
    assert settle_number(given) != given


def test_the_number_of_a_proxy_is_kept():
    assert settle_number(GIVEN) == GIVEN


async def ask(app, *headers):
    sent = []

    async def send(message):
        sent.append(message)

    await app({"type": "http", "headers": list(headers)}, None, send)
    return dict(sent[0]["headers"])[HEADER].decode(), sent[1]["body"]


async def test_two_at_once_keep_their_own():
    met = asyncio.Barrier(2)

    async def app(scope, receive, send):
        await met.wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await met.wait()
        await send({"type": "http.response.body", "body": ASKED.get().number.encode()})

    numbered = Numbered(app)
    answers = await asyncio.gather(ask(numbered), ask(numbered, (HEADER, GIVEN.encode())))
    assert [body.decode() for _, body in answers] == [number for number, _ in answers]
    assert answers[1][0] == GIVEN != answers[0][0]


async def test_a_problem_tells_the_number_of_its_request():
    async def app(scope, receive, send):
        for message in Problem(scope["code"]).reply("nl"):
            await send(message)

    for code in ("not_found", "try_again"):

        async def coded(scope, receive, send, code=code):
            await app({**scope, "code": code}, receive, send)

        number, body = await ask(Numbered(coded))
        assert json.loads(body)["request"] == number
    with_more = Problem("not_open", doors_at="soon").reply("nl")
    assert json.loads(with_more.body["body"])["request"]
    assert dict(with_more.start["headers"])[b"content-type"] == b"application/problem+json"


def test_every_line_of_the_log_has_it():
    seen = ASKED.set(ASKED.get().__class__(GIVEN, f"00-{'a' * 32}-{'b' * 16}-01"))
    event = logs.name_request(None, "info", {"event": "something"})
    ASKED.reset(seen)
    assert event == {"event": "something", "request": GIVEN, "trace": "a" * 32}
    assert logs.name_request(None, "info", {"event": "something"}) == {"event": "something"}
    assert logs.name_request in logs._SHARED


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["/bestaat/niet/", "/account/login/"])
def test_a_refused_page_shows_the_number_of_its_header_and_its_line_in_the_log(path):
    client = Client(enforce_csrf_checks=True)
    with capture_logs(processors=[logs.name_request]) as lines:
        response = client.get(path) if "niet" in path else client.post(path, {"login": "x"})
    number = response.headers["X-Request-ID"]
    assert f"data-request>{number}<" in response.content.decode()
    assert [(line["event"], line["request"]) for line in lines] == [("page_refused", number)]
    assert "bestaat" not in str(lines)


@pytest.mark.django_db
def test_the_number_that_came_is_shown():
    response = Client().get("/bestaat/niet/", headers={"x-request-id": GIVEN})
    assert response.headers["X-Request-ID"] == GIVEN
    assert f"data-request>{GIVEN}<" in response.content.decode()


def test_a_flood_of_refusals_does_not_fill_the_log():
    measured = MeasureMiddleware(lambda _request: HttpResponseNotFound())
    request = RequestFactory().get("/bestaat/niet/")
    request.resolver_match = None
    with capture_logs() as lines:
        for _ in range(1000):
            measured(request)
    assert 200 <= len(lines) < 500


@pytest.mark.parametrize("status", [408, 413, 503])
def test_a_page_written_beforehand_has_the_number_of_who_asks(status):
    scope = {"headers": [(b"cookie", b"django_language=en")]}
    first, second = _words(scope, status, 5), _words(scope, status, 5)
    assert NUMBER not in first + second
    assert first != second, "each has its own"
    assert NUMBER in _page("en", status, 5)
