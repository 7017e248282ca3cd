"""What requests of consulting ask in their query, and connections to answer them by."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar
from urllib.parse import parse_qs

import msgspec
import psycopg
from psycopg_pool import AsyncConnectionPool

from balie.consult.protocol.payloads import Name
from balie.lib.asgi import Scope
from balie.lib.problems import Problem
from balie.runtime.batcher import DEADLINE_S
from balie.runtime.hot import Connection
from balie.runtime.link import AwayError

T = TypeVar("T")


class GroupQuery(msgspec.Struct, frozen=True):
    group: Name


async def using(connections: AsyncConnectionPool[Connection], use: Callable[[Connection], Awaitable[T]]) -> T:
    """What `use` makes of one of these connections, within the deadline. Raises AwayError."""
    try:
        async with asyncio.timeout(DEADLINE_S), connections.connection() as conn:
            return await use(conn)
    except (psycopg.OperationalError, psycopg.InterfaceError) as fault:
        raise AwayError from fault


def read_query(scope: Scope, form: type[T]) -> T:
    """What is asked in the query. Raises Problem, saying where it does not fit; what nobody asks for is skipped."""
    asked = {name: values[0] for name, values in parse_qs(scope["query_string"].decode("latin-1")).items()}
    for name in ("after", "until"):
        if name in asked and not (asked[name].isascii() and asked[name].isdecimal()):
            raise Problem("bad_request", errors=[{"at": name, "code": "type"}])
    try:
        return msgspec.convert(asked, form, strict=False)
    except msgspec.ValidationError as fault:
        raise Problem(
            "bad_request", errors=[{"at": str(fault).rpartition("$.")[2].rstrip("`"), "code": "type"}]
        ) from None
