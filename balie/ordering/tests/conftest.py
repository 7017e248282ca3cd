"""A campaign under way, and one connection of the hot paths to it."""

from collections.abc import AsyncIterator

import pytest

from balie.ordering.tests.desk import Desk
from balie.runtime.hot import Connection


@pytest.fixture
def desk(installation) -> Desk:
    return Desk(installation.dsn)


@pytest.fixture
async def conn(desk: Desk) -> AsyncIterator[Connection]:
    async with desk.line() as conn:
        yield conn
