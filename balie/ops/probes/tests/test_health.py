"""What hot paths say of themselves, and what of that is theirs."""

from typing import Any

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from balie.ops.probes import Unwell
from balie.ops.probes.health import Health
from balie.ops.probes.http import Http

WELL = {"role": "live", "database": "up", "picture_age_ms": 80, "clock": "runs", "commit_ms": 4.1, "streams": 0}


@pytest.fixture
async def site():
    said: dict[str, Any] = dict(WELL)

    async def health(_request: web.Request) -> web.Response:
        well = said["database"] == "up" and said["clock"] == "runs"
        return web.json_response(said, status=200 if well else 503)

    app = web.Application()
    app.add_routes([web.get("/live/health", health)])
    async with TestServer(app) as server:
        yield said, str(server.make_url("/live/health"))


async def test_hot_paths_that_are_well_or_wait_for_a_clock_are_well(site):
    said, url = site
    assert "a commit takes 4 ms" in await Health(url=url).look()
    said["clock"] = "still"
    assert await Health(url=url).look()
    with pytest.raises(Unwell, match="answers 503"):
        await Http(url=url).look()  # control: whoever looks at the status alone blames them


@pytest.mark.parametrize("wrong", [{"database": "away"}, {"commit_ms": 2500.0}])
async def test_hot_paths_without_a_database_or_with_a_slow_one_are_not(site, wrong):
    said, url = site
    said |= wrong
    with pytest.raises(Unwell, match="the database is"):
        await Health(url=url).look()


async def test_the_real_ones_say_what_is_read_here(town, settings):
    assert "the database is up" in await Health(url=f"{settings.ORIGINS[0]}/live/health").look()
