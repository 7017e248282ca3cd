"""The virtual practices' side of HTTP: what is answered, what is uncertain, and what a proxy passes over."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from balie.embedded.ports import free_ports
from balie.rehearse.measure import Clock, Measures
from balie.rehearse.proxy import Proxy


@asynccontextmanager
async def proxied(*servers: str, **roles: list[str]) -> AsyncIterator[Proxy]:
    upstreams = {"live": list(servers), "streams": [], "pages": []} | roles
    async with Proxy(upstreams, origin="http://origin", clock=Clock()) as proxy:
        yield proxy


@asynccontextmanager
async def answering(handler) -> AsyncIterator[str]:
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")


async def echo(request: web.Request) -> web.Response:
    seen = {"cookie": request.cookies.get("balie_pass"), "origin": request.headers["Origin"], "path": request.path}
    return web.json_response(seen | {"body": await request.json() if request.can_read_body else None})


async def hang_up(request: web.Request) -> web.Response:
    await request.read()
    request.transport.abort()
    raise asyncio.CancelledError


async def test_paths_go_to_their_role_with_pass_and_origin():
    async with answering(echo) as live, answering(echo) as pages, proxied(live, pages=[pages]) as proxy:
        answer = await proxy.ask("POST", "/live/x", cookie="mine", body={"practice": 1})
        assert answer.ok
        assert answer.body == {"cookie": "mine", "origin": "http://origin", "path": "/live/x", "body": {"practice": 1}}
        assert list(proxy.upstreams_for("/bestellen/")) == [pages]


async def test_an_upstream_that_refuses_is_passed_over():
    nobody = f"http://127.0.0.1:{free_ports(1)[0]}"
    async with answering(echo) as live, proxied(nobody, live) as proxy:
        answers = [await proxy.ask("POST", "/live/x", body={}) for _ in range(4)]
        assert all(answer.ok for answer in answers)


async def test_a_request_that_was_cut_off_is_uncertain_and_is_not_sent_elsewhere():
    async with answering(hang_up) as dying, answering(echo) as other, proxied(dying, other) as proxy:
        answer = await proxy.ask("POST", "/live/x", body={})
        assert (answer.status, answer.code, answer.uncertain) == (0, "error", True)


@pytest.mark.parametrize(("status", "uncertain"), [(200, False), (409, False), (422, False), (429, True), (503, True)])
async def test_which_answers_are_certain(status, uncertain):
    async def say(_request: web.Request) -> web.Response:
        return web.json_response({"code": "x"}, status=status, headers={"Retry-After": "3"})

    async with answering(say) as live, proxied(live) as proxy:
        answer = await proxy.ask("GET", "/live/x")
        assert (answer.uncertain, answer.retry_after_s) == (uncertain, 3.0)


async def test_being_late_counts_as_lag_and_latencies_run_from_the_intended_start():
    clock, measures = Clock(), Measures()
    intended = clock.now() + 0.02
    sleeping = asyncio.create_task(clock.until(intended))
    await asyncio.sleep(0)
    blocked_until = clock.now() + 0.12
    while clock.now() < blocked_until:  # a generator that has no time
        pass
    assert await sleeping == intended
    measures.add("hold", started_at=intended, ended_at=clock.now())
    assert clock.lag.at(100) > 80
    assert measures.summary()["hold"]["p99"] > 80
