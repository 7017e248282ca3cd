"""Connections of the hot paths and the processes behind them, and the few calls all of them make.

Everything here is async psycopg; nothing touches the ORM.
"""

from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import TupleRow, tuple_row
from psycopg.types.json import Jsonb
from psycopg_pool import AsyncConnectionPool

CHANNEL = "balie"

# Tables are empty at midnight and plans stay cached: without these the first plan, a sequential scan, stays for the
# whole night (measured: one foreign-key check 0.28 ms instead of 0.003).
HOT_SETTINGS = (
    "-c enable_seqscan=off -c plan_cache_mode=force_generic_plan -c jit=off -c lock_timeout=500ms -c timezone=UTC"
)

Connection = AsyncConnection[TupleRow]


async def connect(dsn: str, *, name: str) -> Connection:
    """A connection in autocommit with the settings of the hot paths; `name` shows in pg_stat_activity."""
    return await AsyncConnection.connect(
        dsn, autocommit=True, row_factory=tuple_row, application_name=f"balie {name}", options=HOT_SETTINGS
    )


def pool(dsn: str, *, name: str, most: int, patience_s: float) -> AsyncConnectionPool[Connection]:
    """Such connections for reading side by side, at most so many; made again when they were lost. Not open yet. Whoever
    waits for one longer than `patience_s` gets an OperationalError.
    """
    how = {"autocommit": True, "application_name": f"balie {name}", "options": HOT_SETTINGS}
    return AsyncConnectionPool(
        dsn,
        connection_class=AsyncConnection[TupleRow],
        kwargs=how,
        min_size=1,
        max_size=most,
        timeout=patience_s,
        open=False,
    )


async def fetch_one(conn: Connection, query: str, params: tuple[Any, ...] = ()) -> TupleRow:
    """The one row that `query` gives."""
    row = await (await conn.execute(query.encode(), params)).fetchone()
    if row is None:
        raise LookupError(f"no row from: {query}")
    return row


async def take_lease(conn: Connection, *, duty: str, owner: str, seconds: float) -> int | None:
    """The fence of the duty when `owner` has its lease now, else None."""
    fence: int | None = (await fetch_one(conn, "select runtime_lease_take_v1(%s, %s, %s)", (duty, owner, seconds)))[0]
    return fence


async def drop_lease(conn: Connection, *, duty: str, owner: str) -> None:
    """Give the lease back at a graceful stop, so that another need not wait for it to run out."""
    await conn.execute("select runtime_lease_drop_v1(%s, %s)", (duty, owner))


async def advance_clock(conn: Connection, *, fence: int) -> bool:
    """One tick of the service clock; false when the fence has passed to another leader."""
    advanced: bool = (await fetch_one(conn, "select runtime_clock_advance_v1(%s)", (fence,)))[0]
    return advanced


async def beat(conn: Connection, *, process: str, role: str, detail: dict[str, Any]) -> None:
    """Say that this process lives; `detail` is for probes, e.g. ``{"commit_ms": 4.1}``."""
    await conn.execute("select runtime_beat_v1(%s, %s, %s)", (process, role, Jsonb(detail)))


async def notify(conn: Connection, *topics: str) -> None:
    """Tell the other processes what to read again, in a transaction of its own that waits for no disk: what it tells of
    is safe already, and who missed it in a crash reads all anew.

    After the commit, never inside the transaction: there NOTIFY takes a lock that makes commits wait for each other
    (measured: 5,304 to 1,454 per second).
    """
    told = "select set_config('synchronous_commit', 'off', true), pg_notify(%s, topic) from unnest(%s::text[]) topic"
    await conn.execute(told, (CHANNEL, list(topics)))
