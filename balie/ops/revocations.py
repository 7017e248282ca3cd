"""Passes that count no longer, as the watch hears of them: read from the database while that lives, and kept in its
folder for the night in which it does not. Passes are revoked by rows of the database, so whatever was revoked has been
read within seconds, and of what could not be read, nothing could be revoked either.
"""

import asyncio
from pathlib import Path
from typing import Final

import msgspec
import psycopg
import structlog
from django.conf import settings
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from balie.consult.client.device import write_private
from balie.practices.passes import PassCheck

log = structlog.get_logger()

EVERY_S: Final = 2.0
RETRY_S: Final = 2.0
CONNECT_WITHIN_S: Final = 2
READ_WITHIN_S: Final = 5.0
READ: Final = "select person, practice, generation from watch.revoked_passes order by person, generation"
Row = tuple[int, int | None, int]


class Revocations:
    """Tells `passes` what was revoked, first what the file remembers."""

    def __init__(self, passes: PassCheck, folder: Path, *, dsn: str = "") -> None:
        self._passes, self._dsn = passes, dsn or settings.WATCH_DSN
        self._path = folder / "revoked.json"
        self._known: list[Row] = []
        self._away = False

    def remember(self) -> None:
        """What the file says."""
        try:
            self._known = msgspec.json.decode(self._path.read_bytes(), type=list[Row])
        except FileNotFoundError:
            return
        except (OSError, ValueError) as fault:
            log.warning("revocations_not_remembered", fault=str(fault))
            return
        self._passes.learn(self._known)

    async def run(self) -> None:
        """Until cancelled. A database that is away is asked again."""
        self.remember()
        while True:
            try:
                conn = await AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=CONNECT_WITHIN_S)
                async with conn:
                    while True:
                        await self.read(conn)
                        self._away = False
                        await asyncio.sleep(EVERY_S)
            except (psycopg.Error, TimeoutError) as fault:
                if not self._away:
                    log.warning("revocations_without_database", fault=" ".join(str(fault).split()))
                self._away = True
            await asyncio.sleep(RETRY_S)

    async def read(self, conn: AsyncConnection[TupleRow]) -> None:
        """Take over all that the database has."""
        async with asyncio.timeout(READ_WITHIN_S):
            rows: list[Row] = [(row[0], row[1], row[2]) for row in await (await conn.execute(READ)).fetchall()]
        if rows == self._known:
            return
        self._known = rows
        self._passes.learn(rows)
        try:
            write_private(self._path, msgspec.json.encode(rows))
        except OSError as fault:
            log.warning("revocations_not_kept", fault=str(fault))
