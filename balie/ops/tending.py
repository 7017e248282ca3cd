"""A duty of `balie watch`: tended once a second, in a thread of its own, beside looks that never wait for it."""

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from django.db import connections

from balie.ops.router import DATABASE

log = structlog.get_logger()

EVERY_S: Final = 1.0
SELDOM: Final = timedelta(seconds=10)


class Duty(ABC):
    """`name` is for the log and the thread."""

    name: str

    def __init__(self) -> None:
        self._loop: asyncio.AbstractEventLoop | None = None
        self._woken = asyncio.Event()
        self._seldom_at: datetime | None = None

    @abstractmethod
    def tend(self, now: datetime) -> None:
        """Everything that is to be done at this moment."""

    async def run(self) -> None:
        """Until cancelled."""
        self._loop = loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix=self.name) as thread:
            while True:
                await loop.run_in_executor(thread, self._tend_now)
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(self._woken.wait(), EVERY_S)
                self._woken.clear()

    def wake(self) -> None:
        """Tend at once; from whatever thread."""
        with contextlib.suppress(RuntimeError):  # the loop has ended
            if self._loop:
                self._loop.call_soon_threadsafe(self._woken.set)

    def _tend_now(self) -> None:
        try:
            self.tend(datetime.now(UTC))
        finally:
            connections[DATABASE].close_if_unusable_or_obsolete()

    def _is_seldom(self, now: datetime) -> bool:
        """Whether what need not be done each second is due; once every `SELDOM`."""
        due = self._seldom_at is None or now - self._seldom_at >= SELDOM
        if due:
            self._seldom_at = now
        return due

    def _take(self, steps: Iterable[Callable[[], object]]) -> None:
        """One after another. What fails is told in the log and keeps nothing else from being done; it is tried again
        the next time.
        """
        for step in steps:
            try:
                step()
            except Exception:
                log.exception("duty_failed", duty=self.name)
