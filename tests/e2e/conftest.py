"""A house with its night, and visitors with real browsers."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import ExitStack

import pytest
from django.conf import settings
from playwright.async_api import Browser, async_playwright, expect

from tests.e2e.house import House
from tests.e2e.visitor import WIDE, Visitor

FLAGS = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu"]
NAMES = ("chromium", "chromium-browser", "google-chrome")
PATIENCE_MS = 15_000  # a busy machine must not look like a fault

OpenHouse = Callable[..., House]
Visit = Callable[..., Awaitable[Visitor]]


@pytest.fixture
def open_house(installation, tmp_path, monkeypatch) -> Iterator[OpenHouse]:
    """Opens a house, and closes it afterwards."""
    # The test directs the night from within its own event loop.
    monkeypatch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
    monkeypatch.setattr(settings, "ORIGINS", settings.ORIGINS)
    with ExitStack() as last:
        yield lambda **night: last.enter_context(House(tmp_path, installation.dsn, **night))


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.fail("The browser tests need Chromium on the PATH (on Debian: apt-get install chromium).")
    expect.set_options(timeout=PATIENCE_MS)
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        await browser.close()


@pytest.fixture
async def visit(browser, request) -> AsyncIterator[Visit]:
    """Gives somebody of the house's people a browser of their own, or (`beside`) a tab in another's."""
    visitors: list[Visitor] = []

    async def come(house: House, name: str, *, beside: Visitor | None = None, size=WIDE, **context) -> Visitor:
        if beside is None:
            options = {"viewport": size, "locale": "nl-NL", "timezone_id": "Europe/Amsterdam", **context}
            browsing = await browser.new_context(**options)
            browsing.set_default_timeout(PATIENCE_MS)
        else:
            browsing = beside.context
        page = await browsing.new_page()
        visitors.append(Visitor(house, house.people[name], page, pictures=request.config.getoption("screenshots")))
        return visitors[-1]

    yield come
    for visitor in visitors:
        visitor.eyes.check_complaints()
        await visitor.context.close()
