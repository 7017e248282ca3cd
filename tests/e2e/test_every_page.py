"""Every page of docs/pages.md, in every state, as people meet it: zoomed, by keyboard, dark, in English, on paper."""

from itertools import groupby

import pytest
from playwright.async_api import Page

from tests.e2e.eyes import NARROWEST, Eyes
from tests.e2e.visitor import WIDE
from tests.pages.test_table import BY_STATE

pytestmark = [pytest.mark.slow, pytest.mark.timeout(600)]

PAPER = {"width": 680, "height": 960}  # what is left of A4 within our margins

# Nothing to press, and ink on white.
ON_PAPER = """() => {
  const seen = (element) => element.checkVisibility({ visibilityProperty: true });
  const buttons = [...document.querySelectorAll(".utrecht-button")];
  const pale = [...document.querySelectorAll("h1, h2, p, dd, td")].filter((each) => {
    const [red, green, blue] = getComputedStyle(each).color.match(/\\d+/g).map(Number);
    return seen(each) && each.closest(".balie-ticket") === null && (red + green + blue) / 3 > 150;
  });
  return [...buttons.filter(seen), ...pale].map((each) => each.outerHTML.slice(0, 120));
}"""


@pytest.mark.parametrize("state", sorted(BY_STATE))
async def test_every_page(state, open_showroom, guest):
    house = open_showroom(state)
    for role, sights in groupby(sorted(house.sights(BY_STATE[state])), lambda sight: sight.role):
        dutch, english = await guest(house, role), await guest(house, role, language="en")
        for sight in sights:
            await look(dutch, house.url + sight.path, waiting=sight.page == "waiting")
            await look_in_english(english, house.url + sight.path)
        await dutch.context.close()
        await english.context.close()


async def look(page: Page, url: str, *, waiting: bool) -> None:
    eyes = Eyes(page)
    await page.goto(url)
    await eyes.look()
    if not await eyes.is_new("keyboard, dark and paper"):
        return
    await eyes.check_keyboard()
    if not waiting:  # what one waits for may come while we look: see test_stillness.py
        await eyes.check_shift()
    await page.emulate_media(color_scheme="dark")
    await eyes.check_axe("color-contrast")
    await page.emulate_media(media="print")
    await page.set_viewport_size(PAPER)
    await eyes.check_width()
    left = await page.evaluate(ON_PAPER)
    assert not left, "\n".join([page.url, *left])
    await page.emulate_media(media="screen", color_scheme="light")
    await page.set_viewport_size(WIDE)
    eyes.remember()


async def look_in_english(page: Page, url: str) -> None:
    """Other words have other lengths."""
    eyes = Eyes(page)
    await page.goto(url)
    if not await eyes.is_new("other widths"):
        return
    for size in ({**WIDE, "width": NARROWEST}, PAPER):
        await page.set_viewport_size(size)
        await eyes.check_width()
    await page.set_viewport_size(WIDE)
    eyes.remember()
