"""The web's processes that speak ASGI: hot paths, streams, or everything behind one port. `balie serve` starts them.

Django's own ASGI handler is not used anywhere: the hot paths would pay ten times over for it.
"""

import asyncio
import signal
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from types import FrameType

import structlog
from django.conf import settings

from balie.consult import live as consult
from balie.consult import news as consult_news
from balie.consult.installed import key_log, token_issuer
from balie.consult.news import News
from balie.lib.asgi import App, Receive, Reply, Scope, Send, find_language, json_reply, send_reply
from balie.lib.problems import Problem
from balie.ordering.api import live as api
from balie.ordering.api.live import LiveApi
from balie.ordering.asking import Asking
from balie.ordering.hub import Hub
from balie.ordering.live import KINDS, TRACED_KINDS, Live
from balie.ordering.picture import Pictures
from balie.ordering.stream import Streams
from balie.practices.door import Door
from balie.practices.functions.live import PATH as FUNCTIONS
from balie.practices.functions.live import FunctionsLive
from balie.practices.passes import PassCheck
from balie.practices.streams import Seats
from balie.practices.tokens import Tokens
from balie.runtime.batcher import Batcher, Kind
from balie.runtime.duties import process_name
from balie.runtime.link import Listener

log = structlog.get_logger()

TraceKinds = Callable[[Mapping[str, Kind]], Mapping[str, Kind]]

READY_WITHIN_S = 3.0
STALE_S = 2.0


async def nowhere(scope: Scope, _receive: Receive, send: Send) -> None:
    """What this role does not answer."""
    await send_reply(send, Problem("not_found").reply(find_language(scope)))


class Site:
    """One process of a role (live, streams or all): its connections, its memory, and where each path goes.

    `pages` is Django as an ASGI app, for the role that has everything; `trace_kinds` is there where traces are kept.
    """

    def __init__(self, role: str, *, pages: App = nowhere, trace_kinds: TraceKinds | None = None) -> None:
        dsn, passes, tokens = settings.DATABASE_URL, PassCheck(), Tokens()
        door = Door(passes)
        self.role = role
        self.pictures = Pictures(dsn, passes, tokens)
        functions = self.pictures.functions
        kinds = trace_kinds(TRACED_KINDS) if trace_kinds else KINDS
        talks = trace_kinds(consult.KINDS) if trace_kinds else consult.KINDS
        self.batcher = Batcher(dsn, kinds, process=process_name("live")) if role in {"live", "all"} else None
        self.seats = Seats(passes, most=settings.STREAMS_MOST)
        self.hub = Hub(self.pictures, self.seats) if role in {"streams", "all"} else None
        asking = Asking(self.pictures, self.batcher) if self.batcher else None
        self._live: App = Live(self.pictures, asking, door) if asking else nowhere
        self._api: App = LiveApi(self.pictures, asking, tokens) if asking else nowhere
        self.consult = (
            consult.Live(dsn, door, token_issuer(), functions, key_log=key_log(), kinds=talks) if self.batcher else None
        )
        self._streams: App = Streams(self.pictures, self.hub, self.seats, door) if self.hub else nowhere
        self._functions: App = FunctionsLive(functions, door) if self.batcher else nowhere
        self.news = News(dsn, self.seats, door, functions) if self.hub else None
        self._pages = pages
        self._listener = Listener(dsn)
        self._listener.on("room", self.pictures.hear)
        self._listener.on("days", self.pictures.hear)
        self._listener.on("functions", self.pictures.hear)
        self._listener.on("pass", self.pictures.hear_of_passes)
        if self.news:
            self._listener.on("consult", self.news.hear)
            self._listener.on("reads", self.news.hear_reads)
            self._listener.on("destroyed", self.news.hear_destroyed)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await self._lifespan(receive, send)
            return
        path: str = scope["path"]
        if path == "/live/health":
            await send_reply(send, self.health())
        elif path == FUNCTIONS:
            await self._functions(scope, receive, send)
        elif self.consult and path.startswith(consult.ROOT):
            await self.consult(scope, receive, send)
        elif path.startswith(api.ROOT):
            await self._api(scope, receive, send)
        elif path.startswith("/live/"):
            await self._live(scope, receive, send)
        elif self.news and path == consult_news.PATH:
            await self.news(scope, receive, send)
        elif path.startswith("/stream/"):
            await self._streams(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    def health(self) -> Reply:
        """Whether this process is well, and what is wrong when it is not."""
        at = time.monotonic()
        age_s = at - self.pictures.read_at
        links = [self.pictures.link, *([self.batcher.link] if self.batcher else [])]
        up = all(link.up.is_set() for link in links)
        runs = not any(campaign.room.still(at) for campaign in self.pictures.campaigns.values())
        content: dict[str, object] = {
            "role": self.role,
            "database": "up" if up else "away",
            "picture_age_ms": round(age_s * 1000) if self.pictures.read_at else None,
            "clock": "runs" if runs else "still",
        }
        if self.batcher:
            content["commit_ms"] = self.batcher.commit_ms
        if self.hub:
            content["streams"] = self.seats.count
        return json_reply(200 if up and runs and age_s < STALE_S else 503, content)

    async def _lifespan(self, receive: Receive, send: Send) -> None:
        """Start, serve until told to stop, stop. A database that is away delays the start by seconds, no more."""
        await receive()
        running = asyncio.create_task(self._run())
        running.add_done_callback(_stop_if_failed)
        with suppress(TimeoutError):
            async with asyncio.timeout(READY_WITHIN_S):
                await self.pictures.read_once.wait()
                if self.batcher:
                    await self.batcher.link.up.wait()
                if self.news:
                    await self.news.ready.wait()
        if self.hub:
            _before_the_end(self.seats.close)
        await send({"type": "lifespan.startup.complete"})
        await receive()
        running.cancel()
        await asyncio.wait({running})
        await send({"type": "lifespan.shutdown.complete"})

    async def _run(self) -> None:
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._listener.run())
            tasks.create_task(self.pictures.run())
            if self.batcher:
                tasks.create_task(self.batcher.run())
            if self.consult:
                tasks.create_task(self.consult.run())
            if self.hub:
                tasks.create_task(self.hub.run())
                tasks.create_task(self.seats.run())
            if self.news:
                tasks.create_task(self.news.run())


def _before_the_end(close: Callable[[], None]) -> None:
    """Call `close` when the process is told to stop, before the server hears of it: the server waits for responses
    that are under way, and a stream is under way for ever.
    """
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        servers_own = signal.getsignal(number)

        def stop(signum: int, frame: FrameType | None, servers_own: object = servers_own) -> None:
            loop.call_soon_threadsafe(close)
            if callable(servers_own):
                servers_own(signum, frame)

        signal.signal(number, stop)


def _stop_if_failed(running: asyncio.Task[None]) -> None:
    """A process whose inner life has ended answers nothing right: end it, and the server starts another."""
    if not running.cancelled() and (fault := running.exception()):
        log.critical("process_failed", exc_info=fault)
        signal.raise_signal(signal.SIGKILL)
