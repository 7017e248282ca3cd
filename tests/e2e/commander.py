"""Somebody who leads an outage from the console of the watch: sees, reads, opens, tells, promises and closes."""

import re

from django.core.signing import Signer
from playwright.async_api import BrowserContext, Page, expect

from tests.e2e.eyes import Eyes
from tests.e2e.visitor import PHONE

SOON = "23:59"


def organisers_pass(secret: str, *, person: int, cookie: str) -> dict[str, str]:
    """The cookie of whoever logged in at the application, which this watch shares its key with."""
    far = 4_102_444_800_000
    value = Signer(key=secret, salt="balie.pass").sign_object((person, None, "", True, 0, far - 1, far))
    return {"name": cookie, "value": value}


class Commander:
    """One tab of theirs."""

    def __init__(self, page: Page, url: str) -> None:
        self.page, self.url, self.eyes = page, url, Eyes(page)

    @classmethod
    async def come(cls, browsing: BrowserContext, url: str, cookie: dict[str, str]) -> "Commander":
        await browsing.add_cookies([{**cookie, "url": url}])
        return cls(await browsing.new_page(), url)

    async def see(self, headline: str) -> None:
        """The console: what fails, and the drawing of what stands on what."""
        await self.page.goto(f"{self.url}/watch/")
        await expect(self.page.get_by_role("heading", name=headline, level=1)).to_be_visible()
        await expect(self.page.locator(".balie-graph-frame svg")).to_contain_text("De website")
        await self.eyes.look()
        await self.eyes.check_keyboard()

    async def read_the_runbook(self) -> None:
        await self.page.get_by_role("link", name=re.compile("^Draaiboek:")).first.click()
        await expect(self.page.get_by_text("Wat herstarten niet oplost")).to_be_visible()
        await self.eyes.look()
        await self.page.go_back()

    async def open_by_hand(self, title: str) -> None:
        """What probes do not see, told to everybody."""
        page = self.page
        await page.get_by_role("link", name="Incidenten en wat iedereen hoort").click()
        await expect(page.get_by_role("heading", name="Open er zelf een")).to_be_visible()
        await self.eyes.look()
        await page.get_by_label("Kop in het Nederlands").fill(title)
        await page.get_by_label("Kop in het Engels").fill("Printing goes wrong")
        await page.get_by_label("Wat heeft er last van").select_option("")
        await self._write("Afdrukken gaat mis. Bestellen werkt.", "Printing goes wrong. Ordering works.")
        await page.get_by_role("button", name="Open en vertel het iedereen").click()
        await expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()
        await self.eyes.look()

    async def tell_and_promise(self) -> None:
        page = self.page
        await self._write("Wij weten waar het aan ligt.", "We know what it is.")
        await page.get_by_label("Volgende update uiterlijk om").fill(SOON)
        await page.get_by_role("button", name="Vertel het iedereen").click()
        await expect(page.locator(".balie-promise__time")).to_contain_text(SOON.replace(":", "."))
        await expect(page.locator("#told ~ *").get_by_text("Wij weten waar het aan ligt.")).to_be_visible()

    async def close(self) -> None:
        """By keyboard, and on a phone."""
        page = self.page
        await page.set_viewport_size(PHONE)
        await self.eyes.look()
        await self._write("Het is opgelost.", "It is solved.")
        await page.get_by_role("button", name="Vertel het en sluit").press("Enter")
        await expect(page.get_by_text("gesloten").first).to_be_visible()
        await expect(page.get_by_role("button", name="Vertel het iedereen")).to_have_count(0)
        await self.eyes.look()

    async def look_in_english(self) -> None:
        """The console once more, on the phone."""
        await self.page.goto(f"{self.url}/watch/language?to=en")
        await expect(self.page.get_by_role("heading", name="The web site does not work", level=1)).to_be_visible()
        await self.eyes.look()

    async def see_what_everybody_sees(self, title: str) -> None:
        answer = await self.page.goto(f"{self.url}/status/")
        assert answer is not None
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        await expect(self.page.get_by_text(title).first).to_be_visible()

    async def _write(self, dutch: str, english: str) -> None:
        await self.page.get_by_label("Tekst in het Nederlands").fill(dutch)
        await self.page.get_by_label("Tekst in het Engels").fill(english)


async def lead(browsing: BrowserContext, url: str, cookie: dict[str, str]) -> None:
    """The whole way, beside an outage that the watch named itself."""
    who, title = await Commander.come(browsing, url, cookie), "Afdrukken gaat mis"
    await who.see("De website werkt niet")
    await who.read_the_runbook()
    await who.open_by_hand(title)
    await who.tell_and_promise()
    await who.close()
    await who.look_in_english()
    await who.see_what_everybody_sees(title)
    who.eyes.check_complaints()
