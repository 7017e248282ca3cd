"""Who else takes part in a night: somebody who draws public random numbers, and a practice that is a moment earlier."""

import asyncio
from contextlib import AsyncExitStack
from datetime import date
from typing import Any, Self
from uuid import uuid4

from aiohttp import web

from balie.practices.models import Membership
from balie.practices.passes import make_pass
from balie.rehearse.cast import Member, read_cast
from balie.rehearse.measure import Clock
from balie.rehearse.proxy import Answer, Proxy
from tests.e2e.house import House
from tests.e2e.night import VISITORS_PRACTICES

VALUE = "7f" * 32
AGAIN_S = 0.1


class Beacon:
    """A drand chain that keeps its next number to itself until told."""

    def __init__(self) -> None:
        self.url = ""
        self._released = False

    def release(self) -> None:
        self._released = True

    async def __aenter__(self) -> Self:
        app = web.Application()
        app.add_routes([web.get("/info", self._info), web.get("/public/{round}", self._public)])
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}"
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._runner.cleanup()

    async def _info(self, _request: web.Request) -> web.Response:
        return web.json_response({"genesis_time": 1_500_000_000, "period": 3})

    async def _public(self, request: web.Request) -> web.Response:
        if not self._released:
            raise web.HTTPNotFound
        return web.json_response({"round": int(request.match_info["round"]), "randomness": VALUE})


class Rival:
    """A practice without a browser, which does at once what the test says."""

    def __init__(self, house: House, number: int = 0) -> None:
        self._house = house
        self.member: Member = read_cast(house.cast)[number]
        assert self.member.practice > VISITORS_PRACTICES
        self.practice = self.member.practice
        self._cookie = make_pass(
            person=self.practice, practice=self.practice, role=Membership.Role.ASSISTANT, organiser=False
        )

    async def __aenter__(self) -> Self:
        urls = {role: [self._house.url] for role in ("live", "streams", "pages")}
        self._proxy = await Proxy(urls, origin=self._house.url, clock=Clock()).__aenter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._proxy.__aexit__()

    async def come_in(self) -> None:
        """Into the waiting room, and wait to be called."""
        answer = await self._post("queue", "join", {})
        while not answer.body["called"]:
            await asyncio.sleep(AGAIN_S)  # as its page would
            path = f"/live/queue/{self._house.campaign.pk}/ticket?practice={self.practice}"
            answer = await self._proxy.ask("GET", path, cookie=self._cookie)

    async def hold(self, day: date, *, doses: int) -> str:
        """Hold so many doses; returns the key of the hold."""
        line = self.member.lines[0]
        return await self._hold(
            lines=[{"product": line.product, "location": line.location, "doses": doses, "day": day}]
        )

    async def order(self, day: date, *, doses: int) -> None:
        """Hold so many doses and confirm."""
        await self._post("orders", "confirm", {"key": await self.hold(day, doses=doses)})

    async def order_as_prepared(self) -> None:
        """Everything it wants, on its first choice or the first free date after it."""
        days = [day for day in self._house.days if day >= self.member.ranking[0]]
        key = await self._hold(lines=self.member.lines, ranking=days)
        await self._post("orders", "confirm", {"key": key})

    async def _hold(self, **wish: object) -> str:
        answer = await self._post("orders", "hold", {"key": str(uuid4()), **wish})
        return str(answer.body["key"])

    async def _post(self, area: str, act: str, body: dict[str, Any]) -> Answer:
        path = f"/live/{area}/{self._house.campaign.pk}/{act}"
        answer = await self._proxy.ask("POST", path, cookie=self._cookie, body={"practice": self.practice, **body})
        assert answer.ok, answer
        return answer


async def order_for_all(house: House, count: int) -> None:
    """So many practices come in and order what they prepared, one after the other as they are called."""
    async with AsyncExitStack() as last:
        rivals = [await last.enter_async_context(Rival(house, number)) for number in range(count)]
        await asyncio.gather(*(rival.come_in() for rival in rivals))
        for rival in rivals:
            await rival.order_as_prepared()
