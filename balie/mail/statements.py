"""Named SQL of a context for processes that live long and must outlive their database."""

import asyncio
from contextlib import suppress
from typing import Any

import psycopg
from psycopg.rows import class_row, tuple_row

from balie.lib.sqlfiles import read_sql
from balie.runtime.hot import Connection, connect

_STATEMENT_S = 10


class OutboxAwayError(Exception):
    """The database did not answer; nothing has changed, try again later."""


class Statements:
    """One connection; made again by itself after it was lost. Each call is one short statement of its own."""

    def __init__(self, dsn: str, *, name: str, context: str = "mail") -> None:
        self._dsn = dsn
        self._context = context
        self._name = name
        self._conn: Connection | None = None

    async def run(self, statement: str, params: dict[str, Any], row: type | None = None) -> list[Any]:
        """The rows that `balie/<context>/sql/<statement>.sql` gives, as tuples or as `row`. Raises OutboxAwayError."""
        try:
            async with asyncio.timeout(_STATEMENT_S):
                if self._conn is None:
                    self._conn = await connect(self._dsn, name=self._name)
                cursor = self._conn.cursor(row_factory=class_row(row) if row else tuple_row)
                await cursor.execute(read_sql(self._context, statement).encode(), params)
                return await cursor.fetchall() if cursor.description else []
        except (psycopg.OperationalError, psycopg.InterfaceError, TimeoutError) as error:
            await self.close()
            raise OutboxAwayError(str(error) or type(error).__name__) from error

    async def close(self) -> None:
        """Let the connection go."""
        if self._conn is not None:
            conn, self._conn = self._conn, None
            with suppress(psycopg.Error):
                await conn.close()
