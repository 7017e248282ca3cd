"""The HTTP of a key server: small JSON requests, no cookies, nothing cached."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

import msgspec
import structlog
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from balie.consult.protocol.reasons import Rejected
from balie.keyserver.config import STORE, Config, Keys, load_config, load_keys
from balie.keyserver.numbers import HEADER, NUMBER, Numbered, set_up_logging
from balie.keyserver.releases import RefusedError, Rules, TooManyError
from balie.keyserver.store import Store
from balie.keyserver.tokens import Tokens
from balie.keyserver.witness import BehindError, witness

log = structlog.get_logger()

BODY_MAX: Final = 512 * 1024
BODY_WITHIN_S: Final = 5
WAITING_MOST: Final = 256
HEALTH_WITHIN_S: Final = 2
COSIGN: Final = "cosign"
Clock = Callable[[], float]


class TooLargeError(Exception):
    """The body is longer than any request is."""


FAULTS: Final = {
    RefusedError: (403, "refused"),
    TooLargeError: (413, "too-large"),
    TimeoutError: (408, "slow"),
    ClientDisconnect: (408, "slow"),
}


class KeyServerApp:
    """Answers requests; what touches the store happens one after the other, on a thread of its own."""

    def __init__(self, config: Config, keys: Keys, tokens: Tokens, *, clock: Clock = time.time) -> None:
        self.config, self.keys, self._tokens, self._clock = config, keys, tokens, clock
        self._rules: Rules | None = None
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="store")
        self._waiting = 0
        self._registry = CollectorRegistry()
        self._answers = Counter("keyserver_answers", "Answers", ["what", "status"], registry=self._registry)
        self._seconds = Histogram("keyserver_seconds", "Seconds until an answer", ["what"], registry=self._registry)

    @asynccontextmanager
    async def lifespan(self, _app: Starlette) -> AsyncIterator[None]:
        """The store is opened before the first request and closed after the last has been answered."""
        store = await self._stored(lambda: Store(Path(self.config.data) / STORE))
        self._rules = Rules(self.config, self.keys, store)
        yield
        await self._stored(store.close)
        self._thread.shutdown()

    async def _stored(self, what: Callable[[], Any]) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._thread, what)

    async def answer(self, request: Request) -> Response:
        """One request of a person, or of the issuer: who asks, what, and the answer."""
        what, began = request.url.path.rpartition("/")[2], time.perf_counter()
        try:
            response = await self._answer(request, what)
        except Exception:
            log.exception("failed", request=request.scope[NUMBER], what=what)
            response = refused(request, 500, "fault")
        self._answers.labels(what, response.status_code).inc()
        self._seconds.labels(what).observe(time.perf_counter() - began)
        return response

    async def _answer(self, request: Request, what: str) -> Response:
        now = int(self._clock())
        entitled = self._tokens.issuer if what == COSIGN else self._tokens.person
        who = entitled(request.headers.get("authorization", ""), now)
        if who is None:
            return refused(request, 401, "token")
        if self._waiting >= WAITING_MOST:
            return refused(request, 503, "busy", {"retry-after": "1"})
        self._waiting += 1
        try:
            async with asyncio.timeout(BODY_WITHIN_S):
                body = await read(request)
            return said(200, await self._stored(partial(self._act, what, who, body, now)))
        except BehindError as behind:
            return said(409, {"error": "behind", "size": behind.size})
        except (Rejected, TooManyError, RefusedError, TooLargeError, TimeoutError, ClientDisconnect) as fault:
            return refused(request, *why(fault))
        finally:
            self._waiting -= 1

    def _act(self, what: str, who: str, body: bytes, now: int) -> Any:
        assert self._rules is not None
        match what:
            case "deposit":
                return self._rules.deposit(who, body, now)
            case "nonce":
                return self._rules.nonce(who, now)
            case "release":
                return self._rules.release(who, body, now)
            case "held":
                return self._rules.held(who, body, now)
            case "cosign":
                return witness(self.config, self.keys, self._rules.store, body, now)
            case _:
                return self._rules.log(who)

    async def about(self, _request: Request) -> Response:
        """Who this is; clients compare it with what their settings say."""
        return said(200, {"server": self.config.name, **self.keys.public()})

    async def health(self, _request: Request) -> Response:
        """Well only if the store answers within two seconds."""
        assert self._rules is not None
        try:
            async with asyncio.timeout(HEALTH_WITHIN_S):
                well = await self._stored(self._rules.store.alive)
        except TimeoutError:
            well = False
        return said(200 if well else 503, {"server": self.config.name, "well": well})

    async def metrics(self, _request: Request) -> Response:
        return Response(generate_latest(self._registry), media_type="text/plain; version=0.0.4")


def why(fault: Exception) -> tuple[int, str, dict[str, str]]:
    """Status, word and headers of a refusal."""
    if isinstance(fault, Rejected):
        return 400, str(fault.reason), {}
    if isinstance(fault, TooManyError):
        return 429, "limit", {"retry-after": str(fault.retry_after_s)}
    return *FAULTS[type(fault)], {}


async def read(request: Request) -> bytes:
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > BODY_MAX:
            raise TooLargeError
    return bytes(body)


def said(status: int, content: Any, headers: dict[str, str] | None = None) -> Response:
    """JSON that nobody keeps. Bytes are passed on as they are: an answer that is repeated is the same."""
    body = content if isinstance(content, bytes) else msgspec.json.encode(content)
    return Response(body, status, {"cache-control": "no-store", **(headers or {})}, "application/json")


def refused(request: Request, status: int, word: str, headers: dict[str, str] | None = None) -> Response:
    """Why not; under the number of the header it stands in the log."""
    what = request.url.path.rpartition("/")[2]
    log.info("refused", request=request.scope[NUMBER], what=what, status=status, error=word)
    return said(status, {"error": word}, headers)


def create(config: Config, keys: Keys, *, clock: Clock = time.time, traced: Sequence[Middleware] = ()) -> Starlette:
    """The application. Browsers at the configured origins may ask; cookies never come along. `traced` sees what
    was numbered.
    """
    app = KeyServerApp(config, keys, Tokens(config), clock=clock)
    asked = ["deposit", "nonce", "release", "held", COSIGN]
    routes = [
        *(Route(f"/v1/{what}", app.answer, methods=["POST"]) for what in asked),
        Route("/v1/log", app.answer, methods=["GET"]),
        Route("/v1/server", app.about, methods=["GET"]),
        Route("/health", app.health, methods=["GET"]),
        Route("/metrics", app.metrics, methods=["GET"]),
    ]
    cors = Middleware(
        CORSMiddleware,
        allow_origins=config.origins,
        allow_methods=["GET", "POST"],
        allow_headers=["authorization", "content-type"],
        expose_headers=[HEADER],
        max_age=600,
    )
    return Starlette(routes=routes, middleware=[Middleware(Numbered), *traced, cors], lifespan=app.lifespan)


def load(path: Path) -> Starlette:
    """Called in the worker process."""
    set_up_logging()
    config = load_config(path)
    return create(config, load_keys(config), traced=_traced(config) if config.traces else ())


def _traced(config: Config) -> list[Middleware]:
    from balie.keyserver.tracing import Traced, provide  # noqa: PLC0415 - else nothing of it is loaded

    return [Middleware(Traced, provider=provide(config.name, config.traces))]
