"""Django's pages behind ASGI: a few threads, a short line before them, and a calm answer when the line is full.

A thread is taken only once the whole request is there, so whoever sends half a form keeps none. What waits is bounded:
a page that says when it will ask again is better than one that hangs. Somebody who has filled in a form is let into the
line longer than somebody who asks for a page.
"""

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import structlog
from a2wsgi import WSGIMiddleware
from prometheus_client import Counter

from balie.lib.asgi import (
    App,
    DisconnectedError,
    Message,
    Receive,
    Reply,
    Scope,
    Send,
    TooLargeError,
    read_body,
    reply,
    send_reply,
)

log = structlog.get_logger()

BODY_WITHIN_S = 10.0
BODY_BYTES_PER_S = 50_000  # a slow line on which a file goes up; each such amount buys another second
THROWN_AWAY_MOST = 1024**3
FORMS_FIRST = 4  # so much longer is the line for those who send something
# When somebody who was turned away is asked to come again: one after the other, or the many would keep busy what they
# wait for; but nobody is sent away for longer than they would believe.
AGAIN_FROM_S, AGAIN_APART_S, AGAIN_MOST_S = 4.0, 0.1, 60.0
LOG_EVERY_S = 5.0
HTML = (b"content-type", b"text/html; charset=utf-8")
NO_STORE = (b"cache-control", b"no-store")


TURNED_AWAY = Counter("balie_pages_turned_away", "Requests for which there was no thread and no room to wait", ["pool"])

Words = Callable[[Scope, int, int], bytes]


@dataclass(frozen=True, kw_only=True)
class Room:
    """How many requests are worked on at once, how many may wait, and how long a body may be.

    At most `readers` bodies come in at once. Where pages can say themselves what is too large, they are `told_all`:
    they get the beginning of it, once the rest has been thrown away.
    """

    threads: int
    waiting: int
    body_most: int
    readers: int = 10_000
    told_all: bool = False


class Pool:
    """One room for a WSGI app. `words` writes the page for who asked this, for a status; a 503 asks again after so many
    seconds.
    """

    def __init__(self, name: str, app: Callable[..., object], room: Room, *, words: Words) -> None:
        self._name, self._room = name, room
        self._app = WSGIMiddleware(app, workers=room.threads)  # type: ignore[arg-type] # WSGI by another name
        self._inside = 0
        self._readers = asyncio.Semaphore(room.readers)
        self._logged_at = 0.0
        self._again_at = 0.0
        self._words = words

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with self._readers:
                body = await self._read(receive)
        except DisconnectedError:
            return
        except TooLargeError:
            await send_reply(send, reply(413, self._words(scope, 413, 0), HTML, NO_STORE))
            return
        except TimeoutError:
            await send_reply(send, reply(408, self._words(scope, 408, 0), HTML, NO_STORE, (b"connection", b"close")))
            return
        if self._is_full(scope["method"]):
            await send_reply(send, self._turn_away(scope))
            return
        self._inside += 1
        try:
            await self._app(scope, _ready(body), send)  # type: ignore[arg-type] # ASGI by another name
        finally:
            self._inside -= 1

    async def _read(self, receive: Receive) -> bytes:
        try:
            return await read_body(
                receive, limit=self._room.body_most, within_s=BODY_WITHIN_S, bytes_per_s=BODY_BYTES_PER_S
            )
        except TooLargeError as large:
            if not self._room.told_all:
                raise
            await _throw_away_the_rest(receive)
            return large.beginning

    def _is_full(self, method: str) -> bool:
        waiting = self._room.waiting * (FORMS_FIRST if method == "POST" else 1)
        return self._inside >= self._room.threads + waiting

    def _turn_away(self, scope: Scope) -> Reply:
        TURNED_AWAY.labels(self._name).inc()
        at = time.monotonic()
        if at - self._logged_at > LOG_EVERY_S:
            self._logged_at = at
            log.warning("pages_busy", pool=self._name, inside=self._inside)
        self._again_at = min(max(self._again_at, at + AGAIN_FROM_S) + AGAIN_APART_S, at + AGAIN_MOST_S)
        seconds = round(self._again_at - at)
        return reply(503, self._words(scope, 503, seconds), HTML, NO_STORE, (b"retry-after", b"%d" % seconds))


class Pages:
    """Each path to the pool of its longest prefix; the prefix of all others is empty."""

    def __init__(self, pools: Mapping[str, App]) -> None:
        self._pools = sorted(pools.items(), key=lambda each: -len(each[0]))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await receive()
            await send({"type": "lifespan.startup.complete"})
            await receive()
            await send({"type": "lifespan.shutdown.complete"})
            return
        pool = next(pool for prefix, pool in self._pools if scope["path"].startswith(prefix))
        await pool(scope, receive, send)


async def _throw_away_the_rest(receive: Receive) -> None:
    """An answer in the middle of a body breaks the connection, and the browser shows its own fault instead of ours."""
    async with asyncio.timeout(BODY_WITHIN_S) as left:
        gone = 0
        while gone < THROWN_AWAY_MOST:
            message = await receive()
            if not message.get("more_body", False):
                return
            until, came = left.when(), len(message["body"])
            assert until is not None
            left.reschedule(until + came / BODY_BYTES_PER_S)
            gone += came


def _ready(body: bytes) -> Receive:
    """A body that was read already. a2wsgi waits for it from another thread, which takes a coroutine."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive
