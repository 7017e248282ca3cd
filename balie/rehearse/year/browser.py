"""Somebody who is logged in and presses buttons on pages, as a browser without scripts does."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

from balie.rehearse.measure import Clock
from balie.rehearse.proxy import Failure, Proxy

TOKEN = "r" * 32  # of a form; the cookie beside it is ours too
LOST = re.compile(r"U verliest \w+ (\d{1,2}) (\w+) (\d{4}):")
MONTHS = (
    "januari februari maart april mei juni juli augustus september oktober november december".split()  # noqa: SIM905
)


@dataclass(frozen=True)
class Page:
    """What came back. `status` is 0 where nothing did, and nobody knows whether it was done."""

    status: int
    text: str = ""
    where: str = ""  # the page that follows

    @property
    def uncertain(self) -> bool:
        return self.status == 0 or self.status >= 500

    @property
    def done(self) -> bool:
        """What was pressed was done: another page follows."""
        return self.status in {302, 303} and not self.where.startswith("/account/")

    def offers(self, button: str) -> bool:
        """Whether there is a button that does this."""
        return f'name="do" value="{button}"' in self.text

    def field(self, name: str) -> str:
        """What stands in a hidden field of the first form that has it."""
        found = re.search(rf'name="{name}" value="([^"]*)"', self.text)
        return found[1] if found else ""

    @property
    def lost_days(self) -> frozenset[str]:
        """The days that the page says would be lost."""
        found = LOST.findall(self.text)
        return frozenset(f"{year}-{MONTHS.index(month) + 1:02}-{int(day):02}" for day, month, year in found)


class Browser:
    """One session. Who gets no answer presses again, as long as `patience_s`."""

    def __init__(self, session: str, proxy: Proxy, clock: Clock, *, patience_s: float, chance: random.Random) -> None:
        self._proxy, self._clock, self._patience_s, self._chance = proxy, clock, patience_s, chance
        self._headers = {
            "Cookie": f"{session}; csrftoken={TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
        }

    async def press(self, path: str, fields: Mapping[str, object]) -> Page:
        """Send a form; again where no certain answer came, which is harmless as each of ours names what it saw."""
        begun = self._clock.now()
        while True:
            page = await self._once(path, urlencode({**fields, "csrfmiddlewaretoken": TOKEN}))
            if not page.uncertain or self._clock.now() - begun > self._patience_s:
                return page
            await asyncio.sleep(self._chance.uniform(0.4, 1.0))

    async def look(self, path: str) -> Page:
        """The page as it is now; nothing where it does not come."""
        return await self._once(path, None)

    async def _once(self, path: str, data: str | None) -> Page:
        url, method = self._proxy.upstreams_for(path)[0] + path, "GET" if data is None else "POST"
        try:
            async with self._proxy.session.request(
                method, url, data=data, headers=self._headers, allow_redirects=False
            ) as answer:
                return Page(answer.status, await answer.text(), answer.headers.get("Location", ""))
        except Failure:
            return Page(0)
