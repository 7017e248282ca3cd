from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from balie.asgi import Site
from balie.consult.client.tests.network import Network, Person, make_person
from balie.consult.client.tests.people import Someone
from balie.keyserver.tests.house import house
from balie.ordering.tests.web import Browser, running
from balie.practices.passes import make_pass
from balie.practices.testing import make_person as make_account


@pytest.fixture
async def network(tmp_path: Path) -> AsyncIterator[Network]:
    async with house(tmp_path) as found:
        yield Network(found)


@pytest.fixture
async def dora(network: Network) -> Person:
    """Dora, whose shares are with all three; her client asks north and east first."""
    person = make_person(network)
    assert await person.vault.deposit(person.keyring, person.parts, person.doors) == []
    network.asked.clear()
    return person


@pytest.fixture
def passes(installation) -> list[str]:
    """Of Anna, Bilal, Chris and Dina."""
    people = [make_account(name).pk for name in ("Anna", "Bilal", "Chris", "Dina")]
    return [make_pass(person=each, practice=None, role="gp", organiser=False) for each in people]


@pytest.fixture
async def people(passes: list[str]) -> AsyncIterator[list[Someone]]:
    """They have stated their keys to an application that runs."""
    async with running(Site("live")) as site:
        await site.pictures.read_anew()
        found = [Someone(Browser(site, cookie)) for cookie in passes]
        for each in found:
            await each.enrol()
        yield found
