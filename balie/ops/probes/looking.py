"""What every probe is, and how long its steps may take."""

import asyncio
from collections.abc import Awaitable
from typing import Annotated, Any, ClassVar, Final, TypeVar

import msgspec

T = TypeVar("T")
Seconds = Annotated[float, msgspec.Meta(gt=0)]
WITHIN_S: Final = 1.8

_abandoned: set[asyncio.Future[Any]] = set()


class Unwell(Exception):  # noqa: N818 - what was looked at is unwell; the probe made no error
    """What was looked at is not well. The text is the evidence."""


class Steps:
    """The steps of one look, which together may take `within_s`. `faults`: what is raised by who is not well."""

    def __init__(self, within_s: float, faults: tuple[type[Exception], ...]) -> None:
        self._faults = faults
        self._loop = asyncio.get_running_loop()
        self._began = self._loop.time()
        self._ends = self._began + within_s

    @property
    def took_ms(self) -> int:
        return round((self._loop.time() - self._began) * 1000)

    async def take(self, what: str, work: Awaitable[T]) -> T:
        """What `work` brings. Raises Unwell, which begins with `what`, when it fails or takes too long. It is then left
        to itself: a cancelled task may wait for the very stall that made it late.
        """
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task}, timeout=max(0.0, self._ends - self._loop.time()))
            if not task.done():
                raise Unwell(f"{what}: no answer after {self.took_ms / 1000:.1f} s")
            return task.result()
        except self._faults as fault:
            raise Unwell(f"{what}: {words_of(fault)}") from fault
        finally:
            if not task.done():
                task.cancel()
                _abandoned.add(task)  # the loop itself keeps no task alive
                task.add_done_callback(_forget)


class Probe(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """`within_s` is how long all steps of one look may take; keep it below the deadline that the watch gives a look, so
    that the evidence names the step.
    """

    kind: ClassVar[str]
    faults: ClassVar[tuple[type[Exception], ...]] = (OSError,)

    within_s: Seconds = WITHIN_S

    async def look(self) -> str:
        """Evidence that all is well. Raises Unwell with evidence that it is not."""
        return await self.walk(Steps(self.within_s, self.faults))

    async def walk(self, steps: Steps) -> str:
        """The path, step by step."""
        raise NotImplementedError


def words_of(fault: Exception) -> str:
    """One line that people can read."""
    return " ".join(str(fault).split()) or type(fault).__name__


def _forget(task: asyncio.Future[Any]) -> None:
    _abandoned.discard(task)
    if not task.cancelled():
        task.exception()  # it came too late to matter
