"""A clock that stands still until a test moves it, and probes that do what a test wants."""

import asyncio
import heapq
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import ClassVar

from balie.ops.runner import Clock

BEGAN = datetime(2023, 8, 19, 14, 30, tzinfo=UTC)
TURNS = 30  # of the loop, for everything that was woken to come to rest


class DrivenClock(Clock):
    def __init__(self) -> None:
        self.now = 0.0
        self._order = count()
        self._sleepers: list[tuple[float, int, asyncio.Future[None]]] = []

    def monotonic(self) -> float:
        return self.now

    def wall(self) -> datetime:
        return BEGAN + timedelta(seconds=self.now)

    async def sleep(self, seconds: float) -> None:
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._sleepers, (self.now + seconds, next(self._order), woken))
        await woken

    async def advance(self, seconds: float) -> None:
        """Let that much time pass, and everybody do what they do in it."""
        until = self.now + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= until:
            self.now, _, woken = heapq.heappop(self._sleepers)
            if not woken.done():
                woken.set_result(None)
                await self._settle()
        self.now = until

    async def _settle(self) -> None:
        for _ in range(TURNS):
            await asyncio.sleep(0)


class Scripted:
    """A probe: `does` is replaced by tests. `looks` counts how often it was asked."""

    kind: ClassVar[str] = "scripted"

    def __init__(self) -> None:
        self.looks = 0
        self.does = self.well

    async def well(self) -> str:
        return "well"

    async def look(self) -> str:
        self.looks += 1
        return await self.does()
