"""Pictures of screens for the documentation: at both widths, in the light, and small enough for the repository.

`scripts/screenshots` keeps them; without it the same pages are only walked through.
"""

import re
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path

from PIL import Image
from playwright.async_api import Page, expect

from balie.ordering.models import Campaign
from tests.e2e.eyes import SETTLED
from tests.e2e.house import House
from tests.e2e.night import by_database
from tests.e2e.visitor import PHONE, WIDE, Visitor
from tests.pages.addresses import address
from tests.pages.screens import name_of, screens

SIZES = {"wide": WIDE, "phone": PHONE}
MOST_HIGH = 1800  # px; what is below repeats itself
COLOURS = 128
NO_TIME_YET = "--.--.--"
# What a page shows once its script has been told how things stand.
SHOWN = {
    ("waiting", "before the doors"): "De wachtkamer gaat open om",
    ("waiting", "doors open"): "U bent binnen",
    ("waiting", "called"): "U bent aan de beurt",
    ("waiting", "holding"): "Nog ",
    ("waiting", "trial"): "U bent aan de beurt",
    ("waiting", "closed"): "Bestellen is gesloten",
    ("calendar", "called"): "vrij",
    ("calendar", "holding"): "minuten over",
    ("conversations", "any"): "U heeft nog geen sleutel",
    ("own_keys", "any"): "U heeft nog geen sleutel",
    ("import", "an import"): "2 fouten in 2 regels",
    ("night", "before the doors"): "stand van",
    ("night", "called"): "stand van",
    ("night", "ordered"): "stand van",
    ("night", "closed"): "stand van",
    ("night", "trial"): "stand van",
}


class Album:
    """A folder of pictures, by the name of what is on them; without a folder nothing is kept."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder

    async def take(self, page: Page, name: str) -> None:
        """As `NAME-wide.webp` and `NAME-phone.webp`."""
        if self._folder is None:
            return
        size = page.viewport_size
        assert size is not None
        self._folder.mkdir(parents=True, exist_ok=True)
        await expect(page.get_by_text(NO_TIME_YET)).to_have_count(0)
        for width, view in SIZES.items():
            await page.set_viewport_size(view)
            height = await page.evaluate("() => document.documentElement.scrollHeight")
            # All of it at once: what sticks to the screen's foot stands at the foot of the picture.
            await page.set_viewport_size({**view, "height": max(view["height"], min(height, MOST_HIGH))})
            await page.evaluate("() => scrollTo(0, 0)")
            await page.evaluate(SETTLED)
            shot = await page.screenshot(animations="disabled", caret="hide")
            (self._folder / f"{name}-{width}.webp").write_bytes(shrink(shot))
        await page.set_viewport_size(size)


def shrink(shot: bytes) -> bytes:
    """The same picture in few colours, without loss beyond that: text stays sharp."""
    picture = Image.open(BytesIO(shot)).convert("RGB")
    few = picture.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    small = BytesIO()
    few.convert("RGB").save(small, format="WEBP", lossless=True, quality=100, method=4)
    return small.getvalue()


class Walk:
    """Through the rows of docs/pages.md that these visitors may see, by the table's names of roles."""

    def __init__(self, house: House, album: Album, visitors: Mapping[str, Visitor]) -> None:
        self.house, self.album, self.visitors = house, album, visitors

    async def see(self, state: str, campaign: Campaign | None = None) -> None:
        for screen in screens():
            if screen.state == state and screen.role in self.visitors:
                visitor = self.visitors[screen.role]
                path = by_database(address)(screen.page, campaign or self.house.campaign)
                answer = await visitor.page.goto(self.house.url + path)
                assert answer is not None
                assert (answer.status, visitor.page.url) == (200, self.house.url + path), screen
                if words := SHOWN.get((screen.page, state)):
                    await visitor.sees(re.compile(words))
                await self.album.take(visitor.page, screen.name)

    async def keep(self, role: str, moment: str) -> None:
        """Where this visitor is now."""
        await self.album.take(self.visitors[role].page, name_of("moment", moment))
