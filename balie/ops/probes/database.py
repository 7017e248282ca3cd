"""Can rows be written and read, do they reach the replicas, and what do the rows say of everybody else?

All of it as the role `balie_watch`, which may read the views of schema `watch` and write its one mark.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any, ClassVar, Final

import msgspec
from django.conf import settings
from psycopg import AsyncConnection, InterfaceError, InternalError, OperationalError
from psycopg.rows import TupleRow

from balie.ops.lacking import NotSetUpError
from balie.ops.probes.looking import Probe, Seconds, Steps, Unwell

Connection = AsyncConnection[TupleRow]
WRITE: Final = "update watch.mark set number = number + 1, at = clock_timestamp() returning number"
READ: Final = "select number from watch.mark"
AGAIN_S: Final = 0.05


class DatabaseProbe(Probe, frozen=True):
    """A probe that asks the database. A statement that is wrong, or not allowed, is no fault of the database."""

    faults: ClassVar[tuple[type[Exception], ...]] = (OSError, OperationalError, InterfaceError, InternalError)


class Database(DatabaseProbe, frozen=True):
    """Writes a row, and reads it."""

    kind: ClassVar[str] = "database"

    async def walk(self, steps: Steps) -> str:
        async with connected(steps) as conn:
            written = await steps.take("writing a row", number(conn, WRITE))
            read = await steps.take("reading it", number(conn, READ))
        if read < written:
            raise Unwell(f"reading it: row {written} was written, and {read} came back")
        return f"a row was written and read in {steps.took_ms} ms"


class Replica(DatabaseProbe, frozen=True):
    """How soon replica number `number` of `BALIE_WATCH_REPLICAS`, counted from 1, has what was written."""

    kind: ClassVar[str] = "replica"

    number: Annotated[int, msgspec.Meta(ge=1)] = 1
    lag_s: Seconds = 1.0

    async def walk(self, steps: Steps) -> str:
        if len(settings.WATCH_REPLICAS) < self.number:
            raise NotSetUpError(f"BALIE_WATCH_REPLICAS names no replica {self.number}")
        replica = settings.WATCH_REPLICAS[self.number - 1]
        async with connected(steps) as conn, connected(steps, replica, "connecting to the replica") as copy:
            written = await steps.take("writing a row", number(conn, WRITE))
            began = asyncio.get_running_loop().time()
            while await steps.take("reading it at the replica", number(copy, READ)) < written:
                if asyncio.get_running_loop().time() - began > self.lag_s:
                    raise Unwell(f"the replica is more than {self.lag_s:g} s behind")
                await asyncio.sleep(AGAIN_S)
            lag_ms = round((asyncio.get_running_loop().time() - began) * 1000)
        return f"the replica had a new row within {lag_ms} ms"


class Clock(DatabaseProbe, frozen=True):
    """Does the service clock go on? It stands while nobody advances it, and every hold with it. `unattended_s`: for how
    long nobody may have; longer than signs of life may be old, so that a worker that is dead is seen first.
    """

    kind: ClassVar[str] = "clock"

    unattended_s: Seconds = 4.0

    async def walk(self, steps: Steps) -> str:
        query = "select service_now, unattended_s from watch.clock"
        async with connected(steps) as conn:
            now, unattended_s = await steps.take("reading the clock", row(conn, query))
        said = f"the service clock shows {now:%H:%M:%S} UTC, and was advanced {unattended_s:.1f} s ago"
        if unattended_s > self.unattended_s:
            raise Unwell(f"{said}: it stands still")
        return said


class Workers(DatabaseProbe, frozen=True):
    """Do at least so many processes of this role say that they live? `age_s`: how long ago the latest may have done."""

    kind: ClassVar[str] = "workers"

    role: str = "work"
    at_least: Annotated[int, msgspec.Meta(ge=1)] = 1
    age_s: Seconds = 3.0

    async def walk(self, steps: Steps) -> str:
        query = (
            "select count(*) filter (where age_s <= %(age_s)s), min(age_s) from watch.heartbeats where role = %(role)s"
        )
        async with connected(steps) as conn:
            said = await steps.take("reading signs of life", row(conn, query, age_s=self.age_s, role=self.role))
        alive, latest_s = said
        last = "none ever gave a sign of life" if latest_s is None else f"the latest sign is {latest_s:.1f} s old"
        if alive < self.at_least:
            raise Unwell(f"{alive} of at least {self.at_least} “{self.role}” live; {last}")
        return f"{alive} “{self.role}” live; {last}"


class Outbox(DatabaseProbe, frozen=True):
    """Does mail that could leave wait for longer than `age_s`?"""

    kind: ClassVar[str] = "outbox"

    age_s: Seconds = 60.0

    async def walk(self, steps: Steps) -> str:
        async with connected(steps) as conn:
            due, oldest_s = await steps.take("reading the outbox", row(conn, "select due, oldest_s from watch.outbox"))
        said = f"{due} mails wait to be taken, the oldest for {oldest_s:.0f} s"
        if oldest_s > self.age_s:
            raise Unwell(said)
        return said


@asynccontextmanager
async def connected(steps: Steps, dsn: str = "", what: str = "connecting to the database") -> AsyncIterator[Connection]:
    """A connection of one's own, as somebody who comes now would make."""
    connecting = AsyncConnection.connect(
        dsn or settings.WATCH_DSN, autocommit=True, application_name="balie watch", options="-c jit=off"
    )
    conn = await steps.take(what, connecting)
    try:
        yield conn
    finally:
        await conn.close()


async def row(conn: Connection, query: str, **values: Any) -> TupleRow:
    """The one row that a query gives."""
    found = await (await conn.execute(query.encode(), values)).fetchone()
    assert found is not None
    return found


async def number(conn: Connection, query: str) -> int:
    """The one number that a query gives."""
    (found,) = await row(conn, query)
    return int(found)
