from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from balie.keyserver.tests.house import Client, House, house


@pytest.fixture
async def servers(tmp_path: Path) -> AsyncIterator[House]:
    """Three key servers with nothing in them."""
    async with house(tmp_path) as found:
        yield found


@pytest.fixture
async def anna(servers: House) -> Client:
    """Anna, who has deposited her shares."""
    client = Client(servers)
    await client.deposits()
    return client
