"""The demo's crowd: it waits for an installation that is still starting, and leaves when told to."""

import asyncio
import signal
import sys
from datetime import date

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from balie.rehearse.cast import Member, PreparedLine, read_cast, write_cast


@pytest.mark.slow
async def test_it_asks_when_it_opens_and_ends_well_on_sigterm(tmp_path):
    asked = asyncio.Event()

    async def state(_request: web.Request) -> web.Response:
        asked.set()
        return web.json_response({"code": "not_found"}, status=404)

    members = [Member(practice=1, cookie="c", lines=[PreparedLine(1, 2, 30)], ranking=[date(2027, 10, 12)])]
    cast = tmp_path / "cast.jsonl"
    write_cast(cast, members)
    assert read_cast(cast) == members
    app = web.Application()
    app.add_routes([web.get("/live/queue/1/state", state)])
    async with TestServer(app) as server:
        words = ("--url", str(server.make_url("/")), "--campaign", "1", "--cast", str(cast), "--practices", "1")
        crowd = await asyncio.create_subprocess_exec(sys.executable, "-m", "balie.rehearse.crowd", *words)
        async with asyncio.timeout(30):
            await asked.wait()
            crowd.send_signal(signal.SIGTERM)
            assert await crowd.wait() == 0
