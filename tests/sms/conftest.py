"""A real gateway with faults, a real outbox, and a sender with quick limits."""

import asyncio
import contextlib
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field, replace

import psycopg
import pytest
from aiohttp import web
from django.conf import settings

from balie.sms.sending import Limits, run_texter

KIND = "order_placed"

# Pauses of the real limits, many times quicker; patience stays long, except where a test is about it.
QUICK = Limits(
    answer_s=30,
    lease_s=40,
    poll_s=0.02,
    grace_s=1,
    pause_s=(0.02, 0.1),
    breaker_pause_s=(0.05, 0.1),
)


def render(reference: str) -> str:
    return f"Balie: uw bestelling {reference} staat vast."


@dataclass
class Gateway:
    """Takes texts over HTTP, as (number, words). While `well` is clear it keeps what it gets and says nothing."""

    port: int = 0
    taken: list[tuple[str, str]] = field(default_factory=list)
    status: int = 200
    well: asyncio.Event = field(default_factory=asyncio.Event)
    arrival: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def url(self) -> str:
        return f"json://127.0.0.1:{self.port}/texts?:to={{to}}"

    async def take(self, request: web.Request) -> web.Response:
        said = await request.json()
        if self.status == 200:
            self.taken.append((said["to"], said["message"]))
            self.arrival.set()
        await self.well.wait()
        return web.Response(status=self.status)

    @property
    def copies(self) -> Counter[tuple[str, str]]:
        return Counter(self.taken)

    async def arrived(self, count: int) -> None:
        while len(self.taken) < count:
            self.arrival.clear()
            await self.arrival.wait()


@pytest.fixture
async def gateway() -> AsyncIterator[Gateway]:
    gateway = Gateway()
    gateway.well.set()
    app = web.Application()
    app.add_routes([web.post("/texts", gateway.take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    gateway.port = runner.addresses[0][1]
    yield gateway
    gateway.well.set()
    await runner.cleanup()


def text_for_ever() -> None:
    """A worker as a process of its own, to be killed. Its argument is the gateway."""
    limits = replace(QUICK, lease_s=1.5)
    asyncio.run(
        run_texter(
            dsn=settings.DATABASE_URL,
            url=sys.argv[1],
            renderers={KIND: render},
            stop=asyncio.Event(),
            limits=limits,
        )
    )


@dataclass(frozen=True)
class Table:
    """The outbox as a test sees it."""

    conn: psycopg.Connection

    def fill(self, count: int, *, kind: str = KIND) -> None:
        self.conn.execute(
            "insert into sms_outbox (kind, reference, once, recipient)"
            " select %s, 'B27-' || n, 'order_placed:' || n, '+3161000' || lpad(n::text, 4, '0')"
            " from generate_series(1, %s) n",
            (kind, count),
        )

    def states(self) -> Counter[str]:
        return Counter(state for (state,) in self.conn.execute("select state from sms_outbox"))

    def one(self, columns: str, reference: str = "B27-1") -> tuple:
        return self.conn.execute(f"select {columns} from sms_outbox where reference = %s", (reference,)).fetchone()

    async def until(self, condition: str) -> None:
        """Until every row meets the condition."""
        # A table has no event to wait for.
        while self.conn.execute(f"select 1 from sms_outbox where not ({condition}) limit 1").fetchone():  # noqa: ASYNC110
            await asyncio.sleep(0.01)


@pytest.fixture
def table(installation):
    with installation.connect() as conn:
        yield Table(conn)


@pytest.fixture
def worker(installation, gateway) -> Callable[..., contextlib.AbstractAsyncContextManager[asyncio.Event]]:
    """A sender that runs inside `async with`, and has stopped by itself after it. Gives the event that stops it."""

    @contextlib.asynccontextmanager
    async def running(
        limits: Limits = QUICK, renderers: Mapping[str, Callable[[str], str]] | None = None, *, url: str | None = None
    ):
        stop = asyncio.Event()
        task = asyncio.create_task(
            run_texter(
                dsn=installation.dsn,
                url=gateway.url if url is None else url,
                renderers=renderers or {KIND: render},
                stop=stop,
                limits=limits,
            )
        )
        try:
            yield stop
        finally:
            stop.set()
            await task

    return running
