"""Looks at every part again and again, each by itself: one that hangs delays no other.

A look that is late is left to itself rather than waited for: cancelling it may wait for the very stall that made it
late. All decisions are made on a monotonic clock; wall time is only what people read.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime
from typing import Final

import structlog

from balie.ops.graph import Graph
from balie.ops.probes import Probe, Unwell
from balie.ops.states import PROBE, Reading, State, Track, Way, after
from balie.ops.verdicts import ways_below

log = structlog.get_logger()

DEADLINE_S: Final = 2.0
HANGING_MOST: Final = 3
APART_S: Final = 1.0
EVIDENCE_MOST: Final = 500


class Clock:
    """The time of this machine."""

    def monotonic(self) -> float:
        return time.monotonic()

    def wall(self) -> datetime:
        return datetime.now(UTC)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class Seat:
    """One probe, and its looks that never ended: past `HANGING_MOST` of them no more are begun."""

    def __init__(self, probe: Probe, *, every_s: float, slow_ms: int | None) -> None:
        self.probe, self.every_s, self.slow_ms = probe, every_s, slow_ms
        self.at_once = asyncio.Event()
        self.hanging: set[asyncio.Task[str]] = set()

    async def look(self, clock: Clock) -> Reading:
        """One look, over by the deadline whatever the probe does."""
        began = clock.monotonic()
        word, evidence = await self._look(clock)
        ended = clock.monotonic()
        if word is State.UP and self.slow_ms is not None and (ended - began) * 1000 > self.slow_ms:
            word = State.SLOW
            evidence = f"{evidence}; took {round((ended - began) * 1000)} ms, more than {self.slow_ms}"
        return Reading(word, evidence[:EVIDENCE_MOST], began, ended, clock.wall())

    async def _look(self, clock: Clock) -> tuple[State, str]:
        if len(self.hanging) >= HANGING_MOST:
            await clock.sleep(DEADLINE_S)
            if len(self.hanging) >= HANGING_MOST:
                return State.DOWN, f"no answer: {HANGING_MOST} earlier looks still wait for one"
        look = asyncio.create_task(self.probe.look())
        limit = asyncio.create_task(clock.sleep(DEADLINE_S))
        try:
            await asyncio.wait({look, limit}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            limit.cancel()
            if not look.done():
                self._abandon(look)
        return _outcome(look, self.probe) if look.done() else (State.DOWN, f"no answer within {DEADLINE_S:g} s")

    def _abandon(self, look: asyncio.Task[str]) -> None:
        look.cancel()
        self.hanging.add(look)
        look.add_done_callback(self._ended)

    def _ended(self, look: asyncio.Task[str]) -> None:
        self.hanging.discard(look)
        if not look.cancelled():
            look.exception()  # it came too late to matter


def _outcome(look: asyncio.Task[str], probe: Probe) -> tuple[State, str]:
    try:
        return State.UP, look.result()
    except Unwell as unwell:
        return State.DOWN, str(unwell)
    except (Exception, asyncio.CancelledError) as fault:  # noqa: BLE001 - whatever it is, it is the probe's own
        log.warning("probe_failed", probe=probe.kind, fault=f"{type(fault).__name__}: {fault}")
        return State.UNSEEN, f"the probe itself failed: {type(fault).__name__}: {fault}"


class Runner:
    """Keeps a track for each probe of a graph, and tells `told` after every look."""

    def __init__(
        self,
        graph: Graph,
        *,
        every_s: float,
        told: Callable[[], Awaitable[None]],
        clock: Clock,
    ) -> None:
        self.graph, self.clock, self._told = graph, clock, told
        self.seats = {
            (name, way): Seat(probe, every_s=graph.nodes[name].every_s or every_s, slow_ms=graph.nodes[name].slow_ms)
            for (name, way), probe in graph.probes.items()
        }
        self.tracks: dict[Way, Track] = {way: Track() for way in self.seats}

    def remember(self, names: Iterable[str], at: datetime) -> None:
        """These nodes were failing when an earlier run ended: they must be well for a stable period first."""
        for name in names:
            for each in (name, *self.graph.covers.get(name, ())):
                if (each, PROBE) in self.tracks:
                    self.tracks[each, PROBE] = Track(failing_since=self.clock.monotonic(), first_failing_at=at)

    async def run(self) -> None:
        """Until cancelled. The first looks are spread over a second, not to arrive all at once; but what goes through
        and what goes past begin together, to compare the same moment.
        """
        names = list(dict.fromkeys(name for name, _ in self.seats))
        async with asyncio.TaskGroup() as tasks:
            for way in self.seats:
                tasks.create_task(self._keep(way, names.index(way[0]) / len(names)))

    async def _keep(self, way: Way, begin_after_s: float) -> None:
        seat = self.seats[way]
        await self.clock.sleep(begin_after_s)
        while True:
            seat.at_once.clear()
            due = self.clock.monotonic() + seat.every_s
            await self._look(way)
            await self._rest(seat, due - self.clock.monotonic())
            if self.tracks[way].state is State.DOUBTFUL:  # two looks within a moment would be one
                await self.clock.sleep(max(0.0, due - seat.every_s + APART_S - self.clock.monotonic()))

    async def _look(self, way: Way) -> None:
        before = self.tracks[way]
        reading = await self.seats[way].look(self.clock)
        self.tracks[way] = track = after(before, reading, self.graph.stable_s)
        if track.state is State.DOUBTFUL:
            self._ask_at_once(ways_below(self.graph, way[0]) | {way})
        await self._told()

    def _ask_at_once(self, ways: Iterable[Way]) -> None:
        """Whether it fails, and if so what is to blame, must be known now and not at the next turn."""
        for way in ways:
            self.seats[way].at_once.set()

    async def _rest(self, seat: Seat, seconds: float) -> None:
        """Until the next look is due, or wanted."""
        if seconds <= 0 or seat.at_once.is_set():
            return
        wanted = asyncio.create_task(seat.at_once.wait())
        due = asyncio.create_task(self.clock.sleep(seconds))
        try:
            await asyncio.wait({wanted, due}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            wanted.cancel()
            due.cancel()
