"""What a practice does once its order stands: keep it, change or cancel it, or let Balie wait for a full day."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from balie.rehearse.cast import Role
from balie.rehearse.judge.evidence import Act, Line
from balie.rehearse.players import Stage
from balie.rehearse.year.browser import Browser, Page

STEP = 10
EARLY_DAYS = 12  # of the season; everybody would rather have these
MOODS = {"raise": 0.12, "lower": 0.14, "move": 0.12, "wish": 0.28, "cancel": 0.06, "start over": 0.16}
OFFER_AGAIN_S = 8.0  # between looks whether there is an offer; a mail tells it too
OFFER_WITHIN_S = 80.0
REFUSING = 0.25  # of those who are offered something


@dataclass
class Standing:
    """The order as its practice knows it."""

    number: str
    lines: frozenset[Line]
    revision: int = 0


class Afterthought:
    """One practice, after its night."""

    def __init__(self, role: Role, stage: Stage, *, slug: str, session: str) -> None:
        self.practice, self.stage, self._cookie = role.member.practice, stage, role.member.cookie
        self.chance = random.Random(f"later-{self.practice}")
        self._path, self._list = f"/bestellen/{slug}/bestelling", f"/bestellen/{slug}/wachtlijst/"
        tempo = stage.tempo
        self._browser = Browser(session, stage.proxy, stage.clock, patience_s=tempo.patience_s, chance=self.chance)

    async def play(self) -> None:
        order = self._order()
        if order is None:
            return
        mood = self.chance.choices([*MOODS, "keep"], [*MOODS.values(), 1 - sum(MOODS.values())])[0]
        await self._think()
        if mood == "cancel":
            await self._cancel(order)
        elif mood == "start over" and (day := await self._other_day(order, full=True)) and await self._cancel(order):
            await self._wait_for(frozenset(line._replace(day=day) for line in order.lines))
        elif mood == "raise":
            await self._change(order, _scaled(order.lines, self.chance.uniform(1.05, 1.3)))
        elif mood == "lower":
            await self._change(order, _scaled(order.lines, self.chance.uniform(0.4, 0.95)))
        elif mood in {"move", "wish"} and (day := await self._other_day(order, full=mood == "wish")):
            await self._change(order, frozenset(line._replace(day=day) for line in order.lines))

    def _order(self) -> Standing | None:
        """What the confirmation was of; nothing where its answer never came."""
        log = self.stage.log
        mine = (click for click in log.clicks if click.practice == self.practice and click.number)
        click = next(mine, None)
        return Standing(click.number, log.promised[click.key]) if click and click.number else None

    async def _other_day(self, order: Standing, *, full: bool) -> str | None:
        """One of the early days; of those without room for the order, or of those with."""
        answer = await self.stage.proxy.ask("GET", self.stage.orders("calendar"), cookie=self._cookie)
        if not answer.ok:
            return None
        doses, places = sum(line.doses for line in order.lines), len({line.location for line in order.lines})
        now = {line.day for line in order.lines}
        found = [
            day["day"]
            for day in answer.body["days"]
            if day["day"] not in now and (day["doses"]["free"] < doses or day["addresses"]["free"] < places) == full
        ]
        return self.chance.choice(found[:EARLY_DAYS]) if found else None

    async def _change(self, order: Standing, lines: frozenset[Line]) -> None:
        """Look first, as everybody must; where it does not fit, let Balie wait."""
        if lines == order.lines:
            return
        looked = await self._press("wijzigen", order, lines, "look")
        if not looked.offers("change"):
            self._note("change", order, looked, lines)
            if looked.offers("wait"):
                await self._think()
                self._note("wish", order, await self._press("wijzigen", order, lines, "wait"), lines)
            return
        await self._think()
        pressed = await self._press("wijzigen", order, lines, "change")
        self._note("change", order, pressed, lines, said_lost=looked.lost_days)

    async def _cancel(self, order: Standing) -> bool:
        fields = {"practice": self.practice, "number": order.number, "do": "cancel"}
        page = await self._browser.press(f"{self._path}/annuleren/", fields)
        self._note("cancel", order, page)
        return page.done

    async def _wait_for(self, lines: frozenset[Line]) -> None:
        """On the waiting list, until there is an offer, which most take."""
        await self._think()
        fields: dict[str, object] = {"practice": self.practice, "do": "ask", "day": next(iter(lines)).day}
        fields |= {f"doses-{line.product}-{line.location}": line.doses for line in lines}
        nothing = Standing("", lines)
        page = await self._browser.press(self._list, fields)
        self._note("wish", nothing, page, lines)
        if not page.done:
            return
        clock = self.stage.clock
        until = clock.now() + OFFER_WITHIN_S
        while not (page := await self._browser.look(self._list)).offers("accept"):
            if clock.now() > until:
                return
            await clock.until(clock.now() + OFFER_AGAIN_S)
        await self._think()
        do = "give_up" if self.chance.random() < REFUSING else "accept"
        wish = {"practice": self.practice, "wish": page.field("wish"), "do": do}
        page = await self._browser.press(self._list, wish)
        if do == "accept" and page.done:
            nothing.number = await self._number()
            self.stage.log.numbers[self.practice].add(nothing.number)
        self._note("accept" if do == "accept" else "refuse", nothing, page, lines)

    async def _number(self) -> str:
        """Of the order that stands."""
        path = self.stage.orders(f"mine?practice={self.practice}")
        while not (answer := await self.stage.proxy.ask("GET", path, cookie=self._cookie)).ok:
            await self._think()
        return str(answer.body["order"]["number"])

    async def _press(self, page: str, order: Standing, lines: frozenset[Line], button: str) -> Page:
        fields = {"practice": self.practice, "number": order.number, "revision": order.revision, "do": button}
        return await self._browser.press(f"{self._path}/{page}/", fields | _fields(sorted(lines)))

    def _note(
        self,
        kind: str,
        order: Standing,
        page: Page,
        lines: frozenset[Line] = frozenset(),
        said_lost: frozenset[str] = frozenset(),
    ) -> None:
        heard = "error" if page.uncertain else "done" if page.done else "refused"
        act = Act(
            practice=self.practice,
            number=order.number,
            kind=kind,
            heard=heard,
            heard_at=self.stage.clock.now(),
            revision=order.revision,
            lines=lines,
            said_lost=said_lost,
        )
        self.stage.log.acts.append(act)

    async def _think(self) -> None:
        clock = self.stage.clock
        await clock.until(clock.now() + self.chance.uniform(*self.stage.tempo.think_s))


def _scaled(lines: frozenset[Line], by: float) -> frozenset[Line]:
    """So much more or less of everything, in steps; at least one step."""
    return frozenset(line._replace(doses=max(STEP, round(line.doses * by / STEP) * STEP)) for line in lines)


def _fields(lines: Sequence[Line]) -> dict[str, object]:
    """The form: one delivery for each day and place."""
    fields: dict[str, object] = {}
    for number, (day, location) in enumerate(sorted({(line.day, line.location) for line in lines})):
        fields |= {f"day-{number}": day, f"location-{number}": location}
        there = [line for line in lines if (line.day, line.location) == (day, location)]
        fields |= {f"doses-{number}-{line.product}": line.doses for line in there}
    return fields
