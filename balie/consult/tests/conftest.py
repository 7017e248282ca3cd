from collections.abc import AsyncIterator

import pytest

from balie.asgi import Site
from balie.consult.tests.clients import Client
from balie.consult.tests.keyholders import Keyholder
from balie.consult.tests.ward import Ward
from balie.ordering.tests.web import running
from balie.practices.testing import make_person
from balie.runtime.hot import Connection


@pytest.fixture
def ward(installation) -> Ward:
    return Ward(installation.dsn)


@pytest.fixture
async def conn(ward: Ward) -> AsyncIterator[Connection]:
    async with ward.line() as conn:
        yield conn


@pytest.fixture
def keyholders(installation) -> list[Keyholder]:
    """Four people; nobody here knows their keys yet."""
    return [Keyholder(make_person(name).pk) for name in ("Anna", "Bilal", "Chris", "Dina")]


@pytest.fixture
async def strangers(keyholders) -> AsyncIterator[list[Client]]:
    """Their browsers."""
    async with running(Site("all")) as site:
        await site.pictures.read_anew()
        yield [Client(site, each) for each in keyholders]


@pytest.fixture
async def clients(strangers) -> list[Client]:
    """The same, who have stated a key and a device each."""
    for each in strangers:
        assert (await each.post(each.holder.new_key(), each.holder.certify())).status == 200
    return strangers
