"""Can a practice take its place, hold a date and give it back; and is what the calendar shows of now?

In a campaign that no page shows, where this practice is alone. Nothing is confirmed, so no order is ever made.
"""

import uuid
from dataclasses import dataclass
from typing import Annotated, Any, ClassVar, Final

import aiohttp
import msgspec
from django.conf import settings

from balie.ops.card import Card, read_card
from balie.ops.probes.http import Answer, ask, visit
from balie.ops.probes.looking import Probe, Steps, Unwell

DOSES: Final = 10

_stood: dict["Calendar", bool] = {}  # at the look before


class _HotPath(Probe, frozen=True):
    faults: ClassVar[tuple[type[Exception], ...]] = (OSError, aiohttp.ClientError)


class Order(_HotPath, frozen=True):
    """Joins, holds the one day of the campaign, and releases it."""

    kind: ClassVar[str] = "order"

    async def walk(self, steps: Steps) -> str:
        card, key = read_card(), str(uuid.uuid4())
        line = {"product": card.product, "location": card.location, "doses": DOSES, "day": card.day}
        queue, orders = f"/live/queue/{card.campaign}", f"/live/orders/{card.campaign}"
        async with visit() as session:
            desk = _Desk(steps, session, card)
            joined = await desk.say("joining", f"{queue}/join")
            if not joined["called"]:
                raise Unwell(f"joining: number {joined['number']} waits, and nobody calls it")
            held = await desk.say("holding", f"{orders}/hold", key=key, lines=[line])
            released = await desk.say("releasing", f"{orders}/release", key=key)
        if (held["outcome"], released["outcome"]) != ("held", "released"):
            raise Unwell(f"holding: {held['outcome']}, releasing: {released['outcome']}")
        return f"joined, held and released in {steps.took_ms} ms"


class Calendar(_HotPath, frozen=True):
    """How old the calendar is, and whether the clock beside it goes on. One look at a clock that stands says little;
    two in a row do.
    """

    kind: ClassVar[str] = "calendar"

    age_ms: Annotated[int, msgspec.Meta(gt=0)] = 1000

    async def walk(self, steps: Steps) -> str:
        card = read_card()
        async with visit() as session:
            desk = _Desk(steps, session, card)
            shown = await desk.ask("the calendar", f"/live/orders/{card.campaign}/calendar")
        said = f"the calendar is {shown['age_ms']} ms old, with {len(shown['days'])} days"
        if shown["age_ms"] > self.age_ms or not shown["days"]:
            raise Unwell(said)
        stood, _stood[self] = _stood.get(self, False), shown["still"]
        if stood and shown["still"]:
            raise Unwell(f"{said}, but its clock stands still")
        return said


@dataclass(frozen=True)
class _Desk:
    """The hot paths, as the watch's practice speaks to them. A refusal raises Unwell with its code."""

    steps: Steps
    session: aiohttp.ClientSession
    card: Card

    async def say(self, what: str, path: str, **more: Any) -> Any:
        return await self.ask(what, path, msgspec.json.encode({"practice": self.card.practice, **more}))

    async def ask(self, what: str, path: str, body: bytes | None = None) -> Any:
        origin, method = settings.ORIGINS[0], "GET" if body is None else "POST"
        headers = {
            "cookie": f"{settings.PASS_COOKIE}={self.card.make_pass()}",
            "content-type": "application/json",
            "origin": origin,
        }
        asking = ask(self.session, method, origin + path, body=body, headers=headers)
        answer = await self.steps.take(what, asking)
        content = _content(answer)
        if answer.status != 200:
            raise Unwell(f"{what}: answers {answer.status} {content.get('code', '')}".rstrip())
        return content


def _content(answer: Answer) -> Any:
    try:
        return msgspec.json.decode(answer.text)
    except msgspec.DecodeError:
        return {}
