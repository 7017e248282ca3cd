"""Connections for processes that live on when the database goes away: made again after a loss, with growing pauses."""

import asyncio
from collections.abc import Awaitable, Callable

import psycopg
import structlog

from balie.runtime.hot import CHANNEL, Connection, connect

log = structlog.get_logger()

CONNECT_S = 3.0
FIRST_PAUSE_S = 0.05
LONGEST_PAUSE_S = 1.0
LISTEN_CHECK_S = 5.0
LISTEN_ANSWER_S = 3.0


class AwayError(Exception):
    """The database is away, or did not answer in time; nobody can say whether the work was done. Ask again."""


class Link:
    """One connection that comes back. `conn` is None while it is away, `up` is set while it is there."""

    def __init__(self, dsn: str, *, name: str) -> None:
        self.dsn, self.name = dsn, name
        self.conn: Connection | None = None
        self.up = asyncio.Event()

    async def run(self, use: Callable[[Connection], Awaitable[None]]) -> None:
        """Connect and `use` the connection; again whenever either fails. Ends only by cancellation."""
        pause = FIRST_PAUSE_S
        while True:
            try:
                async with asyncio.timeout(CONNECT_S):
                    conn = await connect(self.dsn, name=self.name)
                pause = FIRST_PAUSE_S
                try:
                    self.conn = conn
                    self.up.set()
                    await use(conn)
                finally:
                    self.conn = None
                    self.up.clear()
                    await conn.close()
            except (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError, AwayError) as fault:
                log.warning("connection_lost", connection=self.name, fault=str(fault).strip() or type(fault).__name__)
            except Exception:
                log.exception("connection_failed", connection=self.name)
                pause = LONGEST_PAUSE_S
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_S)


class Listener:
    """The one listening connection of a process. It hears ids and passes them on; what they stand for is read again by
    whoever asked to hear.

    A topic's `hear` is called with the id, and with None after every (re)connection: anything may have been missed.
    """

    def __init__(self, dsn: str) -> None:
        self._link = Link(dsn, name="listen")
        self._hear: dict[str, Callable[[int | None], None]] = {}

    def on(self, topic: str, hear: Callable[[int | None], None]) -> None:
        self._hear[topic] = hear

    async def run(self) -> None:
        await self._link.run(self._listen)

    async def _listen(self, conn: Connection) -> None:
        await conn.execute(f"listen {CHANNEL}".encode())
        for hear in self._hear.values():
            hear(None)
        while True:
            async for heard in conn.notifies(timeout=LISTEN_CHECK_S):
                topic, _, about = heard.payload.partition(":")
                if topic in self._hear and about.isdecimal():
                    self._hear[topic](int(about))
            async with asyncio.timeout(LISTEN_ANSWER_S):  # a dead peer is silent, and so is a quiet night
                await conn.execute("select 1")
