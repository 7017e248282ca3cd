"""A house with its night, and visitors with real browsers."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, ExitStack
from pathlib import Path
from typing import Any, Self

import pytest
import pytest_asyncio
from django.conf import settings
from playwright.async_api import Browser, BrowserContext, Page, ViewportSize, async_playwright, expect
from pytest_asyncio import is_async_test

from tests.e2e.album import Album
from tests.e2e.eyes import NOTE_UNFILLED
from tests.e2e.house import House
from tests.e2e.showroom import Showroom
from tests.e2e.visitor import WIDE, Visitor

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
LARGE_TEXT = "--blink-settings=defaultFontSize=32"
WITH_FRAME = ("chromium", "chromium-browser", "google-chrome")
NAMES = ("chromium-headless-shell", *WITH_FRAME)  # the frame around a page costs as much again
PATIENCE_MS = 30_000  # a busy machine must not look like a fault

OpenHouse = Callable[..., House]
Browse = Callable[..., Awaitable[BrowserContext]]
Visit = Callable[..., Awaitable[Visitor]]


class Browsers:
    """Chromium as everybody has it, and as it is for who set all text twice as large; each started when needed."""

    async def __aenter__(self) -> Self:
        self._program = next(filter(None, map(shutil.which, NAMES)), None)
        if self._program is None:
            pytest.fail("The browser tests need Chromium on the PATH (on Debian: apt-get install chromium).")
        expect.set_options(timeout=PATIENCE_MS)
        self._running: dict[bool, Browser] = {}
        self._manager = async_playwright()
        self._playwright = await self._manager.__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        for browser in self._running.values():
            await browser.close()
        await self._manager.__aexit__()

    async def get(self, *, large: bool) -> Browser:
        if large not in self._running:
            flags = [*FLAGS, LARGE_TEXT] if large else FLAGS
            self._running[large] = await self._playwright.chromium.launch(executable_path=self._program, args=flags)
        return self._running[large]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """All journeys go by one loop, which is that of the browsers."""
    for item in items:
        if Path(__file__).parent in item.path.parents and is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.fixture
def open_house(installation, tmp_path, monkeypatch) -> Iterator[OpenHouse]:
    """Opens a house, and closes it afterwards."""
    # The test directs the night from within its own event loop.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setattr(settings, "ORIGINS", settings.ORIGINS)
    with ExitStack() as last:
        yield lambda **night: last.enter_context(House(tmp_path, installation.dsn, **night))


@pytest.fixture
def open_showroom(installation, tmp_path, monkeypatch) -> Iterator[Callable[[str], Showroom]]:
    """Opens a house in that state of `tests/pages/stages.py`, and closes it afterwards."""
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setattr(settings, "ORIGINS", settings.ORIGINS)
    with ExitStack() as last:
        yield lambda state: last.enter_context(Showroom(tmp_path, installation.dsn, state=state))


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browsers() -> AsyncIterator[Browsers]:
    """Started once: what each test opens in them is a context of its own."""
    async with Browsers() as browsers:
        yield browsers


@pytest_asyncio.fixture(loop_scope="session")
async def browse(browsers: Browsers) -> AsyncIterator[Browse]:
    """Gives a browser that knows nothing, until the test ends."""
    async with AsyncExitStack() as last:

        async def start(*, size: ViewportSize = WIDE, large: bool = False, **context: Any) -> BrowserContext:
            options = {"viewport": size, "timezone_id": "Europe/Amsterdam", **context}
            browsing = await (await browsers.get(large=large)).new_context(**options)
            last.push_async_callback(browsing.close)
            browsing.set_default_timeout(PATIENCE_MS)
            await browsing.add_init_script(NOTE_UNFILLED)
            return browsing

        yield start


@pytest_asyncio.fixture(loop_scope="session")
async def guest(browse: Browse) -> Callable[..., Awaitable[Page]]:
    """Gives a browser in which a role is logged in already."""

    async def come(house: Showroom, role: str, *, language: str = "nl") -> Page:
        browsing = await browse()
        await house.admit(role, browsing, language=language)
        return await browsing.new_page()

    return come


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browse: Browse) -> AsyncIterator[Visit]:
    """Gives somebody of the house's people a browser of their own, or (`beside`) a tab in another's."""
    visitors: list[Visitor] = []

    async def come(house: House, name: str, *, beside: Visitor | None = None, **context: Any) -> Visitor:
        browsing = beside.context if beside else await browse(**{"locale": "nl-NL", **context})
        visitors.append(Visitor(house, house.people[name], await browsing.new_page()))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.eyes.check_complaints()


@pytest.fixture
def album(request) -> Album:
    """Keeps pictures where pytest was given `--screenshots`."""
    return Album(request.config.getoption("screenshots"))
