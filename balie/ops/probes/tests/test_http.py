"""A page that answers, one that answers wrongly, and one that says nothing."""

import asyncio

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from balie.ops.probes import Unwell
from balie.ops.probes.http import Http


@pytest.fixture
async def site():
    hang = asyncio.Event()

    async def page(_request: web.Request) -> web.Response:
        return web.Response(text="<h1>Inloggen</h1>")

    async def broken(_request: web.Request) -> web.Response:
        return web.Response(status=503)

    async def silent(_request: web.Request) -> web.Response:
        await hang.wait()
        return web.Response()

    app = web.Application()
    app.add_routes([web.get("/", page), web.get("/broken", broken), web.get("/silent", silent)])
    async with TestServer(app) as server:
        yield str(server.make_url("")).rstrip("/")
        hang.set()


async def test_a_page_that_is_the_right_one_is_well(site):
    assert "answered 200" in await Http(url=f"{site}/", contains="Inloggen").look()


@pytest.mark.parametrize(
    ("path", "contains", "evidence"),
    [
        ("/broken", "", "answers 503 instead of 200"),
        ("/", "Bestellen", "without “Bestellen”"),
        ("/silent", "", "no answer after 0.3 s"),
    ],
)
async def test_any_other_is_not(site, path, contains, evidence):
    with pytest.raises(Unwell, match=evidence):
        await Http(url=site + path, contains=contains, within_s=0.3).look()


async def test_nobody_there_is_not(unused_tcp_port):
    with pytest.raises(Unwell, match="connect"):
        await Http(url=f"http://127.0.0.1:{unused_tcp_port}/").look()


async def test_a_path_is_one_of_this_installation(site, settings):
    settings.ORIGINS = [site]
    assert await Http(url="/", contains="Inloggen").look()
