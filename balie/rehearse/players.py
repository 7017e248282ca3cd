"""A virtual practice: what a person with a browser would do that night, over HTTP alone, and its own record of it.

It asks again, with the same key, whenever nobody can say whether a request was done. Latencies run from the moment it
*meant* to act, so a generator that falls behind makes its own figures worse and never better.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import uuid4

import msgspec

from balie.rehearse.cast import Role, Tempo
from balie.rehearse.judge.draw import numbers_of
from balie.rehearse.judge.evidence import Click, ClientLog, lines_of
from balie.rehearse.measure import Clock, Measures
from balie.rehearse.proxy import Answer, Proxy

BEGIN_AGAIN = {"lapsed", "no_hold", "replaced", "full"}
WAIT_A_MOMENT = {"not_called", "not_open"}


class GivenUpError(Exception):
    """The practice ends without an order; the message says why."""


class FullError(GivenUpError):
    """No day has room for the order, and none can come back."""


@dataclass(frozen=True)
class Held:
    key: str
    ends_at: float
    days: frozenset[str]


@dataclass(frozen=True)
class Stage:
    """Where a night is played, and what is kept of it."""

    campaign: int
    proxy: Proxy
    clock: Clock
    log: ClientLog
    measures: Measures
    tempo: Tempo

    def queue(self, what: str) -> str:
        return f"/live/queue/{self.campaign}/{what}"

    def orders(self, what: str) -> str:
        return f"/live/orders/{self.campaign}/{what}"


class Player:
    """One practice on one stage; `play` is its night."""

    def __init__(self, role: Role, stage: Stage) -> None:
        self.role, self.stage, self.chance = role, stage, role.chance
        self.practice = role.member.practice
        self.manner = role.traits.manner
        self.ticket = ""
        self.round = 1
        stage.log.practices.add(self.practice)
        stage.log.unfinished[self.practice] = "not arrived"

    async def play(self) -> None:
        """From arrival to order number. Whoever is stopped on the way remains in `log.unfinished`."""
        unfinished = self.stage.log.unfinished
        try:
            start = await self.stage.clock.until(self.role.arrives_at)
            unfinished[self.practice] = "waiting"
            number = await self._join(start)
            await self._wait_for_turn(number)
            unfinished[self.practice] = "ordering"
            while not await self._order():
                pass
            del unfinished[self.practice]
        except GivenUpError as why:
            unfinished[self.practice] = str(why)
        except (KeyError, TypeError, ValueError) as error:
            unfinished[self.practice] = f"an answer that cannot be read: {error!r}"

    # asking ----------------------------------------------------------------------------------------------------------

    async def _ask(self, method: str, path: str, body: object = None) -> Answer:
        return await self.stage.proxy.ask(method, path, cookie=self.role.member.cookie, body=body)

    async def _insist(
        self,
        kind: str,
        path: str,
        body: dict[str, Any] | None = None,
        *,
        start: float | None = None,
        each: Callable[[Answer], None] | None = None,
    ) -> Answer:
        """Ask until an answer is certain: POST with a body, else GET. Measured from `start`, tries included."""
        clock = self.stage.clock
        begun = clock.now() if start is None else start
        while True:
            answer = await self._ask("GET" if body is None else "POST", path, body)
            if each is not None:
                each(answer)
            if not answer.uncertain:
                if start is not None:
                    self.stage.measures.add(kind, started_at=start, ended_at=answer.ended_at)
                return answer
            if clock.now() - begun > self.stage.tempo.patience_s:
                raise GivenUpError(f"{kind}: no certain answer ({answer.status})")
            again = 0.4 if answer.status == 0 else answer.retry_after_s
            await asyncio.sleep(again * self.chance.uniform(1.0, 1.4))

    async def _think(self) -> float:
        """Let a person's thinking time pass; returns the moment at which they meant to act."""
        clock = self.stage.clock
        return await clock.until(clock.now() + self.chance.uniform(*self.stage.tempo.think_s))

    # waiting room ----------------------------------------------------------------------------------------------------

    async def _join(self, start: float) -> int | None:
        stage = self.stage
        while True:
            answer = await self._insist("join", stage.queue("join"), {"practice": self.practice}, start=start)
            if answer.ok:
                self.ticket, self.round = answer.body["ticket"], answer.body["round"]
                stage.log.rounds[self.practice] = self.round
                stage.log.tickets[self.practice] = (self.ticket, answer.ended_at)
                return answer.body.get("number")
            if answer.code != "not_open":
                raise GivenUpError(f"join: {answer.code}")
            await asyncio.sleep(1)
            start = stage.clock.now()

    async def _wait_for_turn(self, number: int | None) -> None:
        """Poll the file that is the same for all, as often as it says, until the own number may enter."""
        stage = self.stage
        while True:
            answer = await self._ask("GET", stage.queue("state"))
            state = answer.body if answer.ok else {}
            if state.get("phase") == "closed":
                raise GivenUpError("closed")
            if number is None and state and state["rounds"][self.round - 1]["phase"] == "drawn":
                number = await self._learn_number()
            if number is not None and number <= state.get("called", 0):
                stage.log.told[self.practice] = number
                return
            await asyncio.sleep(state.get("poll_after_ms", 1000) / 1000 * self.chance.uniform(0.9, 1.1))

    async def _learn_number(self) -> int | None:
        stage = self.stage
        answer = await self._ask("GET", stage.queue(f"ticket?practice={self.practice}"))
        number: int | None = answer.body.get("number") if answer.ok else None
        if number is not None and self.role.traits.compute:
            draw = await self._insist("draw", stage.queue("draw"))
            if draw.ok and self.ticket in (drawn := numbers_of(draw.body)):
                stage.log.computed[self.practice] = drawn[self.ticket]
        return number

    # ordering --------------------------------------------------------------------------------------------------------

    async def _order(self) -> bool:
        """One window, from first look to decision. True when the order number is in hand."""
        mine = await self._insist("mine", self.stage.orders(f"mine?practice={self.practice}"))
        if mine.body.get("order"):
            self._hear(mine.body["order"]["number"])
            return True
        held = await self._hold()
        return held is None or await self._decide(held)

    async def _hold(self, *, other_than: frozenset[str] = frozenset()) -> Held | None:
        """Hold by ranking or on a chosen day, else on an alternative with room. None: the order exists already."""
        ranking = [day for day in self.role.member.ranking if day.isoformat() not in other_than]
        wish: dict[str, Any] | None = {"ranking": ranking} if ranking and not self.role.traits.by_day else None
        while True:
            if wish is None:
                wish = {"day": await self._free_day(other_than)}
            asked: list[Answer] = []
            key, start = str(uuid4()), await self._think()
            body = self._request(key, wish)
            answer = await self._insist("hold", self.stage.orders("hold"), body, start=start, each=asked.append)
            if answer.ok:
                return self._held(key, asked[0].sent_at, answer)
            if answer.code == "already_ordered":
                self._hear(answer.body["number"])
                return None
            if answer.code not in WAIT_A_MOMENT | {"full"}:
                raise GivenUpError(f"hold: {answer.code} {answer.body.get('errors', '')}")
            alternatives = [day for day in answer.body.get("alternatives", ()) if day not in other_than]
            wish = {"day": self.chance.choice(alternatives)} if alternatives else None

    def _request(self, key: str, wish: dict[str, Any]) -> dict[str, Any]:
        lines = [msgspec.structs.asdict(line) for line in self.role.member.lines]
        if "day" in wish:
            return {"practice": self.practice, "key": key, "lines": [line | wish for line in lines]}
        return {"practice": self.practice, "key": key, "lines": lines, "ranking": wish["ranking"]}

    def _held(self, key: str, asked_at: float, answer: Answer) -> Held:
        self.stage.log.promised[key] = lines = lines_of(answer.body["lines"])
        return Held(key, asked_at + answer.body["remaining_ms"] / 1000, frozenset(line.day for line in lines))

    async def _free_day(self, other_than: frozenset[str]) -> date:
        """A day with room for the whole order, out of the first dozen; raises FullError when there is none."""
        doses = sum(line.doses for line in self.role.member.lines)
        addresses = len({line.location for line in self.role.member.lines})
        while True:
            answer = await self._insist("calendar", self.stage.orders("calendar"))
            if not answer.ok:
                raise GivenUpError(f"calendar: {answer.code}")
            days = [day for day in answer.body["days"] if day["day"] not in other_than]
            free = [d for d in days if d["doses"]["free"] >= doses and d["addresses"]["free"] >= addresses]
            if free:
                return date.fromisoformat(self.chance.choice(free[:12])["day"])
            if not any(day["doses"]["held"] for day in days):
                raise FullError("full")
            await self._think()

    async def _decide(self, held: Held) -> bool:
        """Do with a hold what this practice does with it; afterwards it behaves calmly."""
        clock, manner, self.manner = self.stage.clock, self.manner, "calm"
        if manner == "lapse":
            self.stage.log.lapsed_on_purpose += 1
            return await self._confirm(held, await clock.until(held.ends_at + self.chance.uniform(0.5, 3.0)))
        if manner == "last_moment":
            return await self._confirm(held, await clock.until(held.ends_at - self.chance.uniform(0.15, 0.6)))
        start = await self._think()
        if manner == "release":
            body = {"practice": self.practice, "key": held.key}
            await self._insist("release", self.stage.orders("release"), body, start=start)
            return False
        if manner == "replace":
            held, start = await self._replace(held), await self._think()
        return await self._confirm(held, start)

    async def _replace(self, held: Held) -> Held:
        """Hold another day instead; where no other has room, what is held stays."""
        try:
            return await self._hold(other_than=held.days) or held
        except FullError:
            return held

    async def _confirm(self, held: Held, start: float) -> bool:
        """Click, or double-click; True with the number in hand, False when the practice must begin again."""
        clicks = [self._click(held, start)]
        if self.role.traits.double_click:
            clicks.append(self._click(held, start + self.chance.uniform(0.01, 0.15)))
        answers = await asyncio.gather(*clicks)
        if any(answer.ok for answer in answers):
            await self._look_again(held)
            return True
        if answers[0].code in BEGIN_AGAIN:
            return False
        raise GivenUpError(f"confirm: {answers[0].code}")

    async def _click(self, held: Held, start: float) -> Answer:
        await self.stage.clock.until(start)

        def record(answer: Answer) -> None:
            number = answer.body.get("number") if answer.ok else None
            self.stage.log.clicks.append(
                Click(
                    practice=self.practice,
                    key=held.key,
                    sent_at=answer.sent_at,
                    hold_ends_at=held.ends_at,
                    heard="error" if answer.uncertain else answer.code,
                    number=number,
                )
            )
            if number is not None:
                self._hear(number)

        body = {"practice": self.practice, "key": held.key}
        return await self._insist("confirm", self.stage.orders("confirm"), body, start=start, each=record)

    async def _look_again(self, held: Held) -> None:
        """The order must be visible at once, and pressing again must give the same number."""
        mine = await self._insist("mine", self.stage.orders(f"mine?practice={self.practice}"))
        if mine.body.get("order"):
            self._hear(mine.body["order"]["number"])
        else:
            self.stage.log.invisible.add(self.practice)
        if self.role.traits.repeat:
            await self._click(held, await self._think())

    def _hear(self, number: str) -> None:
        self.stage.log.numbers[self.practice].add(number)
