"""Browsers that listen to the stream, and know at every moment how old the calendar on their screen is."""

from __future__ import annotations

import asyncio

import aiohttp
import msgspec

from balie.rehearse.cast import Role
from balie.rehearse.players import Stage
from balie.rehearse.proxy import Failure

LOOK_EVERY_S = 0.1
AGAIN_S = 0.5


class Watcher:
    """One open calendar. When its stream breaks off it polls, as pages do, and listens again as soon as it can."""

    def __init__(self, role: Role, stage: Stage) -> None:
        self.role, self.stage = role, stage
        self._as_of: float | None = None  # on our clock: received, minus the age it had then

    async def watch(self) -> None:
        """Until cancelled."""
        await self.stage.clock.until(self.role.arrives_at)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listen())
            tasks.create_task(self._look())

    async def _look(self) -> None:
        clock = self.stage.clock
        while True:
            await asyncio.sleep(LOOK_EVERY_S)
            if self._as_of is not None:
                self.stage.measures.add_age(clock.now(), (clock.now() - self._as_of) * 1000)

    async def _listen(self) -> None:
        path = f"/stream/{self.stage.campaign}?practice={self.role.member.practice}"
        while True:
            try:
                async with await self.stage.proxy.events(path, cookie=self.role.member.cookie) as response:
                    await self._read(response)
            except Failure:
                pass
            await self._poll()
            await asyncio.sleep(AGAIN_S)

    async def _read(self, response: aiohttp.ClientResponse) -> None:
        event = ""
        async for raw in response.content:
            field, _, value = raw.decode().rstrip("\r\n").partition(": ")
            if field == "event":
                event = value
            elif field == "data" and event in {"calendar", "beat"}:
                self._receive(msgspec.json.decode(value)["age_ms"])

    async def _poll(self) -> None:
        answer = await self.stage.proxy.ask("GET", self.stage.orders("calendar"), cookie=self.role.member.cookie)
        if answer.ok:
            self._receive(answer.body["age_ms"])

    def _receive(self, age_ms: float) -> None:
        self._as_of = self.stage.clock.now() - age_ms / 1000
