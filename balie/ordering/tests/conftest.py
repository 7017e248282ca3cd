"""A campaign under way, and one connection of the hot paths to it."""

from collections.abc import AsyncIterator

import pytest

from balie.ordering.tests.desk import Desk
from balie.ordering.tests.sleeping import Leader
from balie.runtime.hot import Connection, take_lease


@pytest.fixture
def desk(installation) -> Desk:
    return Desk(installation.dsn)


@pytest.fixture
async def conn(desk: Desk) -> AsyncIterator[Connection]:
    async with desk.line() as conn:
        yield conn


@pytest.fixture
async def leader(conn: Connection) -> Leader:
    # From now on the service's clock goes as the wall clock does, so that orders may be placed.
    await conn.execute("update runtime_clock set shows = clock_timestamp(), advanced_at = clock_timestamp()")
    await conn.execute(
        "update waitingroom_round set frozen_at = draw_at, first_number = 1, drawn_count = 0, list_hash = '',"
        " drawn_at = draw_at"
    )
    fence = await take_lease(conn, duty="placing", owner="test", seconds=600)
    return Leader(conn, fence)
