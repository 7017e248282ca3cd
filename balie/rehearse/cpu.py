"""How much processor time each part of an installation uses, killed and restarted processes included."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping

import psutil

LOOK_EVERY_S = 2.0


class CpuMeter:
    """Adds up what the processes below some roots use; `roots` names the parts anew at each look."""

    def __init__(self, roots: Callable[[], Mapping[str, list[int]]]) -> None:
        self._roots = roots
        self._seen: dict[tuple[int, float], float] = {}
        self._used: dict[str, float] = defaultdict(float)
        self._since = time.monotonic()
        self._first = self._latest = psutil.cpu_times()

    async def watch(self) -> None:
        """Until cancelled. In a thread: a look at every process of the machine would hold up whom we play."""
        while True:
            await asyncio.to_thread(self.look)
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        self._latest = psutil.cpu_times()
        children: dict[int, list[psutil.Process]] = defaultdict(list)
        everybody = {process.pid: process for process in psutil.process_iter(["ppid"])}
        for process in everybody.values():
            children[process.info["ppid"]].append(process)
        for part, roots in self._roots().items():
            tree = [everybody[root] for root in roots if root in everybody]
            for process in tree:  # grows while it is walked
                tree += children[process.pid]
                self._add(part, process)

    def _add(self, part: str, process: psutil.Process) -> None:
        try:
            key, times = (process.pid, process.create_time()), process.cpu_times()
        except psutil.NoSuchProcess:
            return
        used = times.user + times.system
        # What a process used before it was first seen is start-up, and not the load's.
        self._used[part] += used - self._seen.get(key, used)
        self._seen[key] = used

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
