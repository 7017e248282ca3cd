from collections.abc import AsyncIterator

import pytest

from balie.asgi import Site
from balie.consult.consultations.tests.clinic import Clinic
from balie.ordering.tests.web import running
from balie.runtime.hot import Connection, connect


@pytest.fixture
def clinic(installation) -> Clinic:
    return Clinic()


@pytest.fixture
async def conn(installation) -> AsyncIterator[Connection]:
    async with await connect(installation.dsn, name="test") as conn:
        yield conn


@pytest.fixture
async def site(clinic) -> AsyncIterator[Site]:
    async with running(Site("all")) as site:
        await site.pictures.read_anew()
        yield site
