"""How much processor time each part of an installation uses, killed and restarted processes included."""

from __future__ import annotations

import asyncio
import time
from collections import defaultdict
from collections.abc import Callable, Mapping

import psutil

LOOK_EVERY_S = 1.0


class CpuMeter:
    """Adds up what the processes below some roots use; `roots` names the parts anew at each look."""

    def __init__(self, roots: Callable[[], Mapping[str, list[int]]]) -> None:
        self._roots = roots
        self._seen: dict[tuple[int, float], float] = {}
        self._used: dict[str, float] = defaultdict(float)
        self._since = time.monotonic()

    async def watch(self) -> None:
        """Until cancelled."""
        while True:
            self.look()
            await asyncio.sleep(LOOK_EVERY_S)

    def look(self) -> None:
        for part, roots in self._roots().items():
            for root in roots:
                self._add_tree(part, root)

    def _add_tree(self, part: str, root: int) -> None:
        try:
            top = psutil.Process(root)
            tree = [top, *top.children(recursive=True)]
        except psutil.NoSuchProcess:
            return
        for process in tree:
            try:
                key, times = (process.pid, process.create_time()), process.cpu_times()
            except psutil.NoSuchProcess:
                continue
            used = times.user + times.system
            # What a process used before it was first seen is start-up, and not the load's.
            self._used[part] += used - self._seen.get(key, used)
            self._seen[key] = used

    def percent(self) -> dict[str, float]:
        """Of one core, on average since the meter was made."""
        took = time.monotonic() - self._since
        return {part: round(100 * used / took, 1) for part, used in sorted(self._used.items())}
