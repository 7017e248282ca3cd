"""Open responses with server-sent events: whoever has a pass may have some, within the process's cap.

Nothing here waits for a reader: news goes into each stream's short queue, and a stream that lets its queue fill up is
dropped.
"""

import asyncio
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import msgspec

from balie.lib.asgi import Header, Message, Receive, Send
from balie.practices.passes import Pass, PassCheck
from balie.runtime.metrics import STREAMS

PASSES_EVERY_S = 5.0
PENDING_MOST = 20  # about five seconds of news
# A browser has one stream of a kind, whatever its tabs; nobody has so many, and nobody can take what all have.
OF_ONE_PERSON_MOST = 20

HEADERS: tuple[Header, ...] = (
    (b"content-type", b"text/event-stream"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # a proxy must pass events on as they come
)


def event(name: str, content: Any) -> bytes:
    """One server-sent event. JSON holds no line break, so one line of data does; bytes are JSON already."""
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return b"event: " + name.encode() + b"\ndata: " + body + b"\n\n"


class Stream:
    """One open response."""

    def __init__(self, held: Pass) -> None:
        self.held = held
        self._pending: list[bytes] = []
        self._wake = asyncio.Event()
        self._ended = self._dropped = False
        self._writer: asyncio.Task[Any] | None = None

    def push(self, news: bytes) -> None:
        """Send it soon; or, if too much waits to be sent already, end."""
        if len(self._pending) < PENDING_MOST:
            self._pending.append(news)
            self._wake.set()
        elif self._writer is not None:
            self._dropped = True
            self._writer.cancel()

    def end(self) -> None:
        self._ended = True
        self._wake.set()

    async def write(self, receive: Receive, send: Send) -> None:
        """Send what is pushed until the stream ends, the reader leaves, or it proves too slow."""
        self._writer = asyncio.current_task()
        watch = asyncio.create_task(self._end_when_reader_leaves(receive))
        try:
            while not self._ended:
                await self._wake.wait()
                self._wake.clear()
                news, self._pending = self._pending, []
                if news:
                    await send(_part(b"".join(news), more=True))
            await send(_part(b"", more=False))
        except asyncio.CancelledError:
            if not self._dropped:
                raise
        finally:
            watch.cancel()

    async def _end_when_reader_leaves(self, receive: Receive) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass
        self.end()


def _part(body: bytes, *, more: bool) -> Message:
    return {"type": "http.response.body", "body": body, "more_body": more}


class Seats:
    """All streams of one process, of whatever kind; `run` is their life, `close` their end."""

    def __init__(self, passes: PassCheck, *, most: int) -> None:
        self.closed = False
        self._passes, self._most = passes, most
        self._streams: set[Stream] = set()
        self._of_person: Counter[int] = Counter()

    @property
    def count(self) -> int:
        return len(self._streams)

    def refuses(self, held: Pass) -> bool:
        """Whether there is no room for one more stream, at all or of this person."""
        return self.count >= self._most or self._of_person[held.person] >= OF_ONE_PERSON_MOST

    @contextmanager
    def taken(self, stream: Stream) -> Iterator[None]:
        """One seat, as long as the stream lasts."""
        self._streams.add(stream)
        self._of_person[stream.held.person] += 1
        STREAMS.inc()
        try:
            yield
        finally:
            self._streams.discard(stream)
            self._of_person[stream.held.person] -= 1
            STREAMS.dec()

    def close(self) -> None:
        """End all streams, and begin none any more: the process is about to stop."""
        self.closed = True
        for stream in self._streams:
            stream.end()

    async def run(self) -> None:
        """A pass that was revoked ends its streams at once, and one that ran out soon. Until cancelled."""
        while True:
            with suppress(TimeoutError):
                async with asyncio.timeout(PASSES_EVERY_S):
                    await self._passes.learned.wait()
            self._passes.learned.clear()
            now = time.time()
            for stream in self._streams:
                if not self._passes.counts(stream.held, now):
                    stream.end()
