from collections.abc import AsyncIterator

import pytest

from balie.consult.tests.ward import Ward
from balie.runtime.hot import Connection


@pytest.fixture
def ward(installation) -> Ward:
    return Ward(installation.dsn)


@pytest.fixture
async def conn(ward: Ward) -> AsyncIterator[Connection]:
    async with ward.line() as conn:
        yield conn
