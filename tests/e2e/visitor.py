"""Somebody with a browser: logs in as people do, and looks at everything they meet."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from re import Pattern

from playwright.async_api import BrowserContext, Locator, Page, Route, expect

from balie.practices.templatetags.balie import day as name_of
from balie.practices.testing import totp_code
from balie.waitingroom.gate import SLOWEST_POLL_MS
from tests.e2e.eyes import Eyes
from tests.e2e.house import House
from tests.e2e.night import PASSWORD, Login

WIDE = {"width": 1280, "height": 900}
PHONE = {"width": 390, "height": 844}

_TAB_STOPS_MOST = 60
# A code counts once. The next one counts already; the one before does too, but not when it arrives in the next period.
_NEAR = (0, 1)
_used: set[tuple[str, str]] = set()


def starting_with_day(day: date, after: str = "", *, before: str = "", weekday: bool = True) -> Pattern[str]:
    """What begins with a day as screens write it, and goes on with `after` somewhere."""
    words = r"\s*".join(name_of(day).split()[0 if weekday else 1 :])
    return re.compile(rf"\s*{before}{words}\b.*{after}", re.IGNORECASE | re.DOTALL)


def unused_code(secret: str) -> str:
    """One that this secret's app shows now or next, whichever has not been typed yet."""
    codes = (totp_code(secret, periods_from_now=periods) for periods in _NEAR)
    code = next(code for code in codes if (secret, code) not in _used)
    _used.add((secret, code))
    return code


class Visitor:
    """One person in one tab. `look` is called in every state of every page."""

    def __init__(self, house: House, who: Login, page: Page) -> None:
        self.house, self.who, self.page = house, who, page
        self.eyes = Eyes(page)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    async def look(self) -> None:
        await self.eyes.look()

    async def log_in(self, *, looking: bool = False) -> None:
        """From the front page through both steps, to wherever this person belongs now."""
        page = self.page
        await page.goto(self.house.url)
        await expect(self.heading("Log in bij Balie")).to_be_visible()
        if looking:
            await self.look()
        await self.give_password()
        await expect(self.heading("Vul de code uit uw app in")).to_be_visible()
        if looking:
            await self.look()
        await page.get_by_label("Code van 6 cijfers").fill(unused_code(self.who.secret))
        await self.button("Log in").click()
        await page.wait_for_url(lambda url: "/account/" not in url)

    async def give_password(self) -> None:
        """On the login page."""
        await self.page.get_by_label("E-mail").fill(self.who.email)
        await self.page.get_by_label("Wachtwoord", exact=True).fill(PASSWORD)
        await self.button("Log in").click()

    async def go(self, page: str) -> None:
        """To one of the campaign's pages, by its address: `wachtkamer`, `kalender`, …"""
        await self.page.goto(self.address(page))

    def address(self, page: str) -> str:
        return f"{self.house.url}/bestellen/{self.house.campaign.slug}/{page}/"

    async def arrives_at(self, page: str) -> None:
        """Waits until this is the page, however one came there."""
        await expect(self.page).to_have_url(self.address(page), timeout=15_000)

    def heading(self, name: str | Pattern[str]) -> Locator:
        return self.page.get_by_role("heading", name=name)

    def button(self, name: str | Pattern[str], *, exact: bool = True) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact)

    def day(self, day: date) -> Locator:
        """A delivery day in the calendar."""
        return self.page.get_by_role("table").get_by_role("button", name=starting_with_day(day))

    async def focused_day(self) -> date:
        """The delivery day on which the keyboard is."""
        weekday, number, *_, month = (await self.page.locator("button:focus .balie-day__date").inner_text()).split()
        return next(day for day in self.house.days if name_of(day) == f"{weekday} {number} {month}")

    @property
    def held(self) -> Locator:
        """The date that is held for the practice."""
        return self.page.locator(".balie-held__date")

    async def number(self) -> str:
        """On the ticket. Who opens the page just before a process heard of the draw hears of it with the next poll."""
        ticket = self.page.locator(".balie-ticket__number")
        await expect(ticket).to_have_text(re.compile(r"\d"), timeout=2 * SLOWEST_POLL_MS)
        return await ticket.inner_text()

    @asynccontextmanager
    async def holding_back(self, pattern: str) -> AsyncIterator[Callable[[], None]]:
        """Requests like these leave the browser only once one has called what this gives."""
        gate = asyncio.Event()

        async def wait(route: Route) -> None:
            await gate.wait()
            await route.continue_()

        await self.page.route(pattern, wait)
        yield gate.set
        await self.page.unroute(pattern)

    async def sees(self, words: str | Pattern[str], *, within_s: float = 30) -> None:
        await expect(self.page.get_by_text(words).locator("visible=true").first).to_be_visible(timeout=within_s * 1000)

    async def tab_to(self, goal: Locator, *, backwards: bool = False) -> None:
        """Tab until `goal` has the focus."""
        for _ in range(_TAB_STOPS_MOST):
            await self.page.keyboard.press("Shift+Tab" if backwards else "Tab")
            if await goal.count() and await goal.evaluate("(element) => element === document.activeElement"):
                return
        raise AssertionError(f"no way to {goal} by keyboard")

    async def walk_to(self, day: date) -> None:
        """With the arrows, from the day that has the focus."""
        for _ in self.house.days:
            focused = await self.focused_day()
            if focused == day:
                return
            await self.page.keyboard.press("ArrowRight" if focused < day else "ArrowLeft")
        raise AssertionError(f"the arrows do not lead to {day}")
