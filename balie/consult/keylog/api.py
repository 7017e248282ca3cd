"""What clients ask of the key log (`docs/spec/consult/keylog.md`)."""

from collections.abc import Awaitable, Callable
from functools import partial
from typing import Annotated

import msgspec
from psycopg_pool import AsyncConnectionPool

from balie.consult.asking import read_query, using
from balie.consult.keylog.log import KeyLog, read_entries
from balie.consult.keylog.rooting import read_roots
from balie.consult.protocol.payloads import INTEGER_MAX, Id
from balie.lib.asgi import Receive, Reply, Scope, json_reply, read_body
from balie.lib.bodies import read
from balie.lib.problems import Problem
from balie.practices.passes import Pass
from balie.runtime.batcher import DEADLINE_S
from balie.runtime.hot import Connection

BODY_MOST = 8 * 1024
PERSONS_MOST = 100
ENTRIES_MOST = 5000
Size = Annotated[int, msgspec.Meta(ge=0, le=INTEGER_MAX)]
Pool = AsyncConnectionPool[Connection]
Answers = dict[tuple[str, str], Callable[[Pass, Scope, Receive], Awaitable[Reply]]]


class KnownBody(msgspec.Struct, frozen=True):
    """About whom; `since` is the size of the last checkpoint that the client has seen."""

    since: Size
    persons: Annotated[list[Id], msgspec.Meta(max_length=PERSONS_MOST)]


class EntriesQuery(msgspec.Struct, frozen=True):
    after: Size = 0


KNOWN = msgspec.json.Decoder(KnownBody)


def answers(key_log: KeyLog | None, *, readers: Pool) -> Answers:
    """Where no key servers cosign it, there is none: `not_found`."""

    def found() -> KeyLog:
        if key_log is None:
            raise Problem("not_found")
        return key_log

    async def known(_held: Pass, _scope: Scope, receive: Receive) -> Reply:
        asked = read(KNOWN, await read_body(receive, limit=BODY_MOST, within_s=DEADLINE_S))
        look = partial(found().known, since=asked.since, persons=asked.persons)
        return json_reply(200, await using(readers, look))

    async def entries(_held: Pass, scope: Scope, _receive: Receive) -> Reply:
        asked = read_query(scope, EntriesQuery)
        look = partial(read_entries, origin=found().origin, after=asked.after, most=ENTRIES_MOST)
        return json_reply(200, await using(readers, look))

    async def roots(_held: Pass, scope: Scope, _receive: Receive) -> Reply:
        asked = read_query(scope, EntriesQuery)
        return json_reply(200, await using(readers, partial(read_roots, after=asked.after)))

    return {("POST", "key-log"): known, ("GET", "key-log"): entries, ("GET", "log-roots"): roots}
