"""Asking one after the other without waiting for who is silent: the next is asked after a pause, or when one failed."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Awaitable, Callable, Coroutine, Iterable, Sequence
from typing import Any, TypeVar

T = TypeVar("T")
Pause = Callable[[float], Awaitable[None]]
Attempt = Callable[[], Coroutine[Any, Any, T]]


class FailedError(Exception):
    """An attempt came to nothing, and has said so in the trail."""


async def hedged(
    attempts: Sequence[Attempt[T]], *, at_once: int, patience_s: float, pause: Pause
) -> AsyncGenerator[T, None]:
    """Whatever attempts bring, as it comes. `at_once` of them begin; the next begins when one fails, and when
    `patience_s` went by since the last began. Close it (`aclosing`) when there is enough: the rest is cancelled.
    """
    waiting = deque(attempts)
    running = {asyncio.create_task(waiting.popleft()()) for _ in range(min(at_once, len(waiting)))}
    timer = asyncio.create_task(_after(pause, patience_s))
    try:
        while running:
            watched: set[asyncio.Task[Any]] = {*running, timer} if waiting else {*running}
            done, _ = await asyncio.wait(watched, return_when=asyncio.FIRST_COMPLETED)
            ended = running & done
            running -= ended
            due = sum(isinstance(each.exception(), FailedError) for each in ended) + (timer in done)
            if waiting and due:
                await stop([timer])
                running |= {asyncio.create_task(waiting.popleft()()) for _ in range(min(due, len(waiting)))}
                timer = asyncio.create_task(_after(pause, patience_s))
            for each in ended:
                if not isinstance(each.exception(), FailedError):
                    yield each.result()
    finally:
        await stop([*running, timer])


async def within(seconds: float, pause: Pause, work: Coroutine[Any, Any, T]) -> T:
    """What `work` brings. Raises TimeoutError when it takes longer; it is cancelled then."""
    task, timer = asyncio.create_task(work), asyncio.create_task(_after(pause, seconds))
    try:
        await asyncio.wait({task, timer}, return_when=asyncio.FIRST_COMPLETED)
        if task.done():
            return task.result()
    finally:
        await stop([task, timer])
    raise TimeoutError


async def stop(tasks: Iterable[asyncio.Task[Any]]) -> None:
    """Cancel, and wait until they have ended."""
    tasks = list(tasks)
    for each in tasks:
        each.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _after(pause: Pause, seconds: float) -> None:
    await pause(seconds)
