"""How much processor time each part of an installation uses, killed and restarted processes included."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from multiprocessing import get_context

import psutil

LOOK_EVERY_S = 2.0

Used = list[tuple[tuple[int, float], float]]  # per process, by number and start, the seconds it has used


class CpuMeter:
    """Adds up what the processes below some roots use; `roots` names the parts anew at each look."""

    def __init__(self, roots: Callable[[], Mapping[str, list[int]]]) -> None:
        self._roots = roots
        self._seen: dict[tuple[int, float], float] = {}
        self._used: dict[str, float] = defaultdict(float)
        self._since = time.monotonic()
        self._first = self._latest = psutil.cpu_times()

    async def watch(self) -> None:
        """Until cancelled.

        In a process of its own: looking at every process of the machine takes tens of milliseconds, and a thread would
        take them from whom we play, whose waits are what is measured.
        """
        with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as beside:
            while True:
                self._add(await asyncio.get_running_loop().run_in_executor(beside, read_used, dict(self._roots())))
                await asyncio.sleep(LOOK_EVERY_S)

    def _add(self, parts: Mapping[str, Used]) -> None:
        self._latest = psutil.cpu_times()
        for part, each in parts.items():
            for process, used in each:
                # What a process used before it was first seen is start-up, and not the load's.
                self._used[part] += used - self._seen.get(process, used)
                self._seen[process] = used

    def seconds(self, part: str) -> float:
        """That a part has used since it was first seen."""
        return self._used[part]

    def whole_percent(self) -> float:
        """Of all processors, whoever used them, on average until the latest look."""
        whole = [after - before for before, after in zip(self._first, self._latest, strict=True)]
        spent = dict(zip(self._latest._fields, whole, strict=True))
        idle = spent["idle"] + spent.get("iowait", 0.0)
        return round(100 * (1 - idle / sum(whole)), 1) if sum(whole) else 0.0

    def percent(self) -> dict[str, float]:
        """Of one core, on average since the meter was made."""
        took = time.monotonic() - self._since
        return {part: round(100 * used / took, 1) for part, used in sorted(self._used.items())}


def read_used(roots: Mapping[str, list[int]]) -> dict[str, Used]:
    """What the processes at and below the roots of each part have used since they began."""
    children: dict[int, list[psutil.Process]] = defaultdict(list)
    everybody = {process.pid: process for process in psutil.process_iter(["ppid"])}
    for process in everybody.values():
        children[process.info["ppid"]].append(process)
    found: dict[str, Used] = {}
    for part, pids in roots.items():
        tree = [everybody[pid] for pid in pids if pid in everybody]
        found[part] = each = []
        for process in tree:  # grows while it is walked
            tree += children[process.pid]
            with suppress(psutil.NoSuchProcess):
                times = process.cpu_times()
                each.append(((process.pid, process.create_time()), times.user + times.system))
    return found
