from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from balie.consult.client.tests.network import Network, Person, make_person
from balie.keyserver.tests.house import house


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
