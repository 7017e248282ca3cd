"""Every page of docs/pages.md, in every state, as people meet it: zoomed, by keyboard, dark, in English, on paper."""

import pytest

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
    for sight in house.sights(BY_STATE[state]):
        page = await guest(house, sight.role)
        eyes = Eyes(page)
        await page.goto(house.url + sight.path)
        await eyes.look()
        await eyes.check_keyboard()
        if sight.page != "waiting":  # what one waits for may come while we look: see test_stillness.py
            await eyes.check_shift()
        await page.context.close()

        page = await guest(house, sight.role, color_scheme="dark", language="en")
        eyes = Eyes(page)
        await page.goto(house.url + sight.path)
        await eyes.check_axe("color-contrast")
        await page.set_viewport_size({**WIDE, "width": NARROWEST})
        await eyes.check_width()
        await page.emulate_media(media="print")
        await page.set_viewport_size(PAPER)
        await eyes.check_width()
        left = await page.evaluate(ON_PAPER)
        assert not left, "\n".join([page.url, *left])
        await page.context.close()
