"""A desk with three connections: two that race, one that watches."""

from collections.abc import AsyncIterator

import pytest

from balie.ordering.tests.desk import Desk
from balie.runtime.hot import Connection


@pytest.fixture
def desk(installation) -> Desk:
    return Desk(installation.dsn)


async def patient(desk: Desk) -> AsyncIterator[Connection]:
    async with desk.line() as conn:
        await conn.execute("set lock_timeout = '30s'")  # a slow machine loses no race
        yield conn


one = pytest.fixture(patient, name="one")
two = pytest.fixture(patient, name="two")
watch = pytest.fixture(patient, name="watch")
