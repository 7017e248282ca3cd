"""Does the faults of `faults.py` to an installation: tells the sink, kills processes, sets clocks wrong.

Kills without a window come again every ten seconds as long as the load lasts, another process each time; with a START
alone there is one; with a DURATION the process stays dead that long, and what restarts it must wait.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Protocol

import aiohttp
import psutil

from balie.embedded.supervisor import Child
from balie.rehearse.faults import ALL_LIVE, OUTAGES, Fault
from balie.rehearse.measure import Clock
from balie.rehearse.operations.disk import fill
from balie.rehearse.operations.truth import may_name, must_name, ways_taken

KILL_EVERY_S = 10.0
KILLED = {"worker-kill": "work", "watch-kill": "watch"}  # which part, whole
ASLEEP_S, AWAKE_S = 2.0, 0.05  # of a slow part, in turns


class Hold(Protocol):
    """Lets something stand still, or go on."""

    def __call__(self, *, stopped: bool) -> None: ...


class Breakable(Protocol):
    """What can be broken: parts by role, those that must not be restarted now, the sink's switch, the skewed clock."""

    parts: dict[str, list[Child]]
    kept_dead: set[Child]
    sink_control: str

    @property
    def skew_file(self) -> Path: ...

    @property
    def watch_folder(self) -> Path: ...

    def roots(self) -> dict[str, list[int]]: ...


class Injector:
    """Breaks one installation. `opens_at` is where START counts from; `stop` ends what lasts as long as the load."""

    def __init__(self, target: Breakable, faults: Sequence[Fault], *, clock: Clock, opens_at: float) -> None:
        self.target, self.faults, self.clock, self.opens_at = target, faults, clock, opens_at
        self.windows: list[dict[str, Any]] = []
        self._over = asyncio.Event()
        self._smtp: dict[str, float | bool] = {}
        self._turns = {role: itertools.cycle(children) for role, children in target.parts.items()}

    @asynccontextmanager
    async def during_load(self) -> AsyncIterator[None]:
        """Faults are on as their windows say while the body runs; afterwards everything is whole again."""
        tasks = [asyncio.create_task(self._play(fault)) for fault in self.faults]
        try:
            yield
        finally:
            self._over.set()
            await asyncio.gather(*tasks)

    async def _play(self, fault: Fault) -> None:
        if fault.start_s is not None and not await self._passes(self.opens_at + fault.start_s):
            return  # the load was over before
        window = {"name": fault.text, "says": fault.says, "start_s": self._now(), "stop_s": None}
        window |= {"expected": ", ".join(sorted(must_name(fault))), "named": []}
        window |= {"may_name": sorted(may_name(fault)), "ways": sorted(ways_taken(fault))}
        window |= dict.fromkeys(("detected_s", "named_s", "paged_s", "closed_s", "posted_s"))
        self.windows.append(window)
        await self._do(fault)
        window["stop_s"] = self._now()

    async def _do(self, fault: Fault) -> None:
        match fault.name:
            case "web-kill":
                await self._kill(fault, fault.value.removesuffix("-all"), whole=fault.duration_s is not None)
            case name if name in KILLED:
                await self._kill(fault, KILLED[name], whole=True)
            case "disk-full":
                await self._fill_up(fault)
            case "keyserver-slow":
                await self._slow_down(fault, partial(hold_still, _named(fault, self.target.parts[OUTAGES[fault.name]])))
            case "worker-hang":
                workers = self.target.parts["work"]
                hung = workers if fault.value == "all" else [next(self._turns["work"])]
                await self._freeze(fault, partial(hold_still, hung))
            case "db-slow" | "db-stop":
                hold = self._slow_down if fault.name == "db-slow" else self._freeze
                await hold(fault, self._hold_database_still)
            case "clock-skew":
                await self._skew(fault)
            case name if name in OUTAGES:
                await self._take_down(fault, self.target.parts[OUTAGES[name]])
            case _:
                await self._sicken(fault)

    async def _lasts(self, fault: Fault) -> None:
        if fault.duration_s is None:
            await self._over.wait()
        else:
            await self._passes(self.clock.now() + fault.duration_s)

    async def _passes(self, moment: float) -> bool:
        """Wait for the moment; False when the load is over first."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(max(0.0, moment - self.clock.now())):
                await self._over.wait()
        return not self._over.is_set()

    def _now(self) -> float:
        return round(self.clock.now() - self.opens_at, 1)

    async def _sicken(self, fault: Fault) -> None:
        name = fault.name.removeprefix("smtp-")
        self._smtp[name] = fault.seconds if fault.value else True
        await self._tell_sink()
        await self._lasts(fault)
        self._smtp.pop(name, None)
        await self._tell_sink()

    async def _tell_sink(self) -> None:
        async with (
            aiohttp.ClientSession(raise_for_status=True) as session,
            session.put(f"{self.target.sink_control}/faults", json=self._smtp),
        ):
            pass

    async def _skew(self, fault: Fault) -> None:
        self.target.skew_file.write_text(fault.value, encoding="ascii")
        await self._lasts(fault)
        self.target.skew_file.write_text("0", encoding="ascii")

    async def _fill_up(self, fault: Fault) -> None:
        make_room = await asyncio.to_thread(fill, self.target.watch_folder)
        try:
            await self._lasts(fault)
        finally:
            make_room()

    async def _take_down(self, fault: Fault, parts: Sequence[Child]) -> None:
        victims = _named(fault, parts)
        self.target.kept_dead.update(victims)
        for victim in victims:
            kill_part(victim)
        await self._lasts(fault)
        self.target.kept_dead.difference_update(victims)

    async def _slow_down(self, fault: Fault, hold: Hold) -> None:
        """Most of the time it does not run: it takes connections at once, and answers up to two seconds later."""
        over = asyncio.create_task(self._lasts(fault))
        try:
            while not over.done():
                for stopped, seconds in ((True, ASLEEP_S), (False, AWAKE_S)):
                    hold(stopped=stopped)
                    await asyncio.wait([over], timeout=seconds)
        finally:
            over.cancel()
            hold(stopped=False)

    async def _freeze(self, fault: Fault, hold: Hold) -> None:
        """It does not run at all: what is sent to it is taken by the kernel, and nobody answers."""
        hold(stopped=True)
        try:
            await self._lasts(fault)
        finally:
            hold(stopped=False)

    def _hold_database_still(self, *, stopped: bool) -> None:
        """The server first when it stops, so that it begins no more of its processes; and last when it goes on."""
        for pid in self.target.roots()["database"]:
            server = psutil.Process(pid)
            if stopped:
                server.suspend()
            for child in server.children():
                with contextlib.suppress(psutil.NoSuchProcess):
                    child.suspend() if stopped else child.resume()
            if not stopped:
                server.resume()

    async def _kill(self, fault: Fault, role: str, *, whole: bool) -> None:
        if fault.duration_s is not None:
            victims = self._victims(fault, role)
            self.target.kept_dead.update(victims)
            for victim in victims:
                kill_part(victim)
            await self._lasts(fault)
            self.target.kept_dead.difference_update(victims)
            return
        while True:
            for victim in self._victims(fault, role):
                kill_part(victim) if whole else kill_worker(victim)
            if fault.windowed or not await self._passes(self.clock.now() + KILL_EVERY_S):
                return

    def _victims(self, fault: Fault, role: str) -> Sequence[Child]:
        return self.target.parts[role] if fault.value in {"all", ALL_LIVE} else [next(self._turns[role])]


def _named(fault: Fault, parts: Sequence[Child]) -> Sequence[Child]:
    return parts if fault.value == "all" else [parts[int(fault.value) - 1]]


def hold_still(victims: Sequence[Child], *, stopped: bool) -> None:
    """Stop their processes, or let them go on; one that was killed meanwhile is past that."""
    for victim in victims:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(victim.pid, signal.SIGSTOP if stopped else signal.SIGCONT)


def kill_part(victim: Child) -> None:
    """Send kill -9 to the process and whatever it started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(victim.pid, signal.SIGKILL)


def kill_worker(victim: Child) -> None:
    """Send kill -9 to one worker process of a server, which has to notice and start another by itself."""
    with contextlib.suppress(psutil.NoSuchProcess):
        workers = psutil.Process(victim.pid).children()
        if workers:
            max(workers, key=lambda worker: worker.create_time()).kill()
