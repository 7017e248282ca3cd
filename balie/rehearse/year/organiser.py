"""The organiser at the page of the delivery days, while everybody orders: days shrink to what is taken, and grow."""

from __future__ import annotations

import itertools
import random
from typing import Any

from balie.rehearse.players import Stage
from balie.rehearse.year.browser import Browser

EVERY_S = (1.5, 3.0)
PATIENCE_S = 60.0
DAYS = 12  # the first ones, where it is crowded
LESS = {"doses": 100, "addresses": 1}  # of what is free stays free
MORE = {"doses": 1000, "addresses": 3}


class Organiser:
    """One of the staff. `cookie` is a pass that shows the calendar."""

    def __init__(self, stage: Stage, *, slug: str, session: str, cookie: str) -> None:
        self.stage, self.chance, self._cookie = stage, random.Random("organiser"), cookie
        self._path = f"/regiekamer/{slug}/bezorgdagen/"
        self._browser = Browser(session, stage.proxy, stage.clock, patience_s=PATIENCE_S, chance=self.chance)

    async def play(self) -> None:
        """Until cancelled: one day less, another more."""
        clock = self.stage.clock
        for shrinks in itertools.cycle((True, False)):
            await clock.until(clock.now() + self.chance.uniform(*EVERY_S))
            days = await self._days()
            if days:
                await self._edit([self.chance.choice(days)], shrinks=shrinks)

    async def grow(self) -> None:
        """All crowded days get more, for whoever still waits."""
        if days := await self._days():
            await self._edit(days, shrinks=False)

    async def _days(self) -> list[dict[str, Any]]:
        answer = await self.stage.proxy.ask("GET", self.stage.orders("calendar"), cookie=self._cookie)
        return answer.body["days"][:DAYS] if answer.ok else []

    async def _edit(self, days: list[dict[str, Any]], *, shrinks: bool) -> None:
        fields: dict[str, object] = {"do": "change", "reason": "repetitie"}
        for day in days:
            fields[f"shown-{day['day']}"] = "/".join(str(day[what]["limit"]) for what in LESS)
            for what, less in LESS.items():
                limit, free = day[what]["limit"], day[what]["free"]
                fields[f"{what}-{day['day']}"] = limit - free + min(free, less) if shrinks else limit + MORE[what]
        page = await self._browser.press(self._path, fields)
        self.stage.log.days_edited += page.done
        self.stage.log.days_refused += page.status == 422
