"""The leader's tick of the service clock, with what only ordering knows: whether anybody is in a window."""

from contextlib import suppress

import psycopg

from balie.runtime.duties import tick_clock
from balie.runtime.hot import Connection


async def tick_or_catch_up(conn: Connection, fence: int) -> None:
    """Tick; and when the clock is behind and nobody holds anything, let it catch up (decision 0002)."""
    # Refused the lock, somebody is taking a hold this very moment; the next tick looks again.
    with suppress(psycopg.errors.LockNotAvailable):
        await conn.execute("select ordering_clock_catch_up_v1(%s)", (fence,))
    await tick_clock(conn, fence)
