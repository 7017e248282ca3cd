"""The documentation's site, opened as a folder by somebody without a network."""

import subprocess
import sys
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.architecture.tree import ROOT
from tests.e2e.eyes import Eyes
from tests.e2e.visitor import PHONE, WIDE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(180)]

PAGES = {"docs/index.html": "nl", "docs/praktijk/nacht.html": "nl", "docs/operating.html": "en"}


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    command = [
        sys.executable,
        "-m",
        "sphinx",
        "-q",
        "-E",
        "-c",
        "docs",
        "-d",
        folder / "doctrees",
        ".",
        folder / "html",
    ]
    subprocess.run(command, cwd=ROOT, check=True)
    return folder / "html"


async def test_pages_are_found_and_read_offline(site, browse):
    asked: list[str] = []
    for scheme in ("light", "dark"):
        context = await browse(offline=True, color_scheme=scheme)
        context.on("request", lambda request: asked.append(request.url))
        for path, language in PAGES.items():
            await look(await context.new_page(), (site / path).as_uri(), language)
        await search(await context.new_page(), site)
    assert {url.split(":")[0] for url in asked} == {"file"}


async def look(page: Page, url: str, language: str) -> None:
    eyes = Eyes(page)
    await page.goto(url)
    await expect(page.locator("html")).to_have_attribute("lang", language)
    eyes.check_complaints()
    for size in (WIDE, PHONE):
        await page.set_viewport_size(size)
        await eyes.check_axe()  # complains itself that it may not read style sheets of a folder
        assert await page.evaluate("() => document.documentElement.scrollWidth <= innerWidth"), url


async def search(page: Page, site: Path) -> None:
    """From the start, by the theme's own field."""
    await page.goto((site / "docs" / "index.html").as_uri())
    field = page.locator("input[name=q]")
    await field.fill("herstelcodes")
    await field.press("Enter")
    await expect(
        page.locator("#search-results").get_by_role("link", name="telefoon of passkey kwijt").first
    ).to_be_visible()
