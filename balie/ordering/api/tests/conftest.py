"""A campaign under way, and the programs of two practices."""

import pytest

from balie.ordering.api.tests.programs import Program, make_site
from balie.ordering.tests.conftest import conn, desk  # noqa: F401 - fixtures
from balie.ordering.tests.web import running


@pytest.fixture
async def site(desk):  # noqa: F811 - as above
    async with running(make_site()) as site:
        yield site


@pytest.fixture
async def linde(site, desk):  # noqa: F811 - as above
    return await Program.of(site, desk.linde.practice)


@pytest.fixture
async def eik(site, desk):  # noqa: F811 - as above
    return await Program.of(site, desk.eik.practice)
