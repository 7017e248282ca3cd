"""A steady clock, and what is measured by it: latencies from the intended start, our own lag, the age of pictures."""

from __future__ import annotations

import asyncio
import time

from hdrh.histogram import HdrHistogram

MAX_MS = 600_000


class Clock:
    """Seconds since 1970 that never jump: the wall clock of the start plus monotonic time."""

    def __init__(self) -> None:
        self._offset = time.time() - time.monotonic()
        self.lag = Histogram()

    def now(self) -> float:
        return time.monotonic() + self._offset

    async def until(self, moment: float) -> float:
        """Sleep until the moment, and return it: the *intended* start of what follows. Being late counts as lag."""
        wait = moment - self.now()
        if wait > 0:
            await asyncio.sleep(wait)
            self.lag.add((self.now() - moment) * 1000)
        return moment


class Histogram:
    """Milliseconds, with microseconds kept to three digits."""

    def __init__(self) -> None:
        self._histogram = HdrHistogram(1, MAX_MS * 1000, 3)

    def add(self, ms: float) -> None:
        self._histogram.record_value(round(min(max(ms, 0.001), MAX_MS) * 1000))

    @property
    def count(self) -> int:
        return int(self._histogram.get_total_count())

    def at(self, percentile: float) -> float:
        return round(float(self._histogram.get_value_at_percentile(percentile)) / 1000, 2)

    def summary(self) -> dict[str, float]:
        return {"p50": self.at(50), "p99": self.at(99), "max": self.at(100), "count": self.count} if self.count else {}


class Measures:
    """Latencies per kind of request, as percentiles and as a timeline for the plots."""

    def __init__(self) -> None:
        self.histograms: dict[str, Histogram] = {}
        self.timeline: list[tuple[float, str, float]] = []  # when it ended, what, how long in ms
        self.ages: list[tuple[float, float]] = []  # when, age of the calendar in ms
        self.age = Histogram()

    def add(self, kind: str, *, started_at: float, ended_at: float) -> None:
        ms = (ended_at - started_at) * 1000
        self.histograms.setdefault(kind, Histogram()).add(ms)
        self.timeline.append((ended_at, kind, ms))

    def add_age(self, at: float, ms: float) -> None:
        self.age.add(ms)
        self.ages.append((at, ms))

    def summary(self) -> dict[str, dict[str, float]]:
        return {kind: histogram.summary() for kind, histogram in self.histograms.items()}
