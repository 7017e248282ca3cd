"""Attachments: age files, opaque to us, under the hash of what was sent. Up and down whole, a few at a time."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from typing import Final, LiteralString

from balie.consult.asking import GroupQuery, read_query, using
from balie.consult.protocol.attachments import SIZE_MAX
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.payloads import ONE_KIB, Name
from balie.lib.asgi import Header, Receive, Reply, Scope, json_reply, read_body, reply
from balie.lib.problems import Problem
from balie.practices.passes import Pass
from balie.runtime.batcher import DEADLINE_S
from balie.runtime.hot import Connection, pool

FILE_MAX: Final = SIZE_MAX + 16 * ONE_KIB  # age adds a header, and 16 bytes to each 64 KiB
BEGINNING: Final = b"age-encryption.org/v1\n"
DAY_MAX: Final = 500 * 1024 * ONE_KIB  # of one person, in 24 hours
SLOWEST: Final = 32 * 1024  # bytes a second; who sends more slowly is not waited for
AT_ONCE: Final = 8
CONNECTIONS: Final = 2

FIND = "select id from consult_group where name = %s and kind = 'conversation' and consult_belongs_v1(id, %s)"
FIND_TO_READ = "select id from consult_group where name = %s and kind = 'conversation' and consult_reads_v1(id, %s)"
OWNER = "select id from consult_identity where person_id = %s for no key update"
OF_A_DAY = """
select coalesce(sum(size), 0) from consult_attachment
 where identity_id = %s and stored_at > clock_timestamp() - interval '24 hours'
"""
KNOWN = "select size from consult_attachment where group_id = %s and hash = %s"
KEEP = """
insert into consult_attachment (group_id, hash, identity_id, size, file, stored_at)
values (%s, %s, %s, %s, %b, clock_timestamp()) on conflict (group_id, hash) do nothing
"""
READ = "select file from consult_attachment where group_id = %s and hash = %s"
LASTING: tuple[Header, ...] = (
    (b"content-type", b"application/octet-stream"),
    (b"cache-control", b"private, max-age=31536000, immutable"),
    (b"x-content-type-options", b"nosniff"),
)


class AttachmentQuery(GroupQuery, frozen=True, kw_only=True):
    """`hash` is of the file as it was sent."""

    hash: Name


class Attachments:
    """Files have connections of their own: no message waits for one."""

    def __init__(self, dsn: str) -> None:
        self.files = pool(dsn, name="consult files", most=CONNECTIONS, patience_s=DEADLINE_S)
        self._under_way = 0

    async def keep(self, held: Pass, scope: Scope, receive: Receive) -> Reply:
        """The answer to a file that comes up."""
        asked = read_query(scope, GroupQuery)
        async with self._turn():
            await using(self.files, lambda conn: _conversation(conn, asked.group, held.person))
            file = await read_body(receive, limit=FILE_MAX, within_s=DEADLINE_S, bytes_per_s=SLOWEST)
            if not file.startswith(BEGINNING):
                raise Problem("bad_request", errors=[{"at": "", "code": "malformed"}])
            name = b64(await asyncio.to_thread(lambda: sha256(file).digest()))
            await using(self.files, lambda conn: _keep(conn, held.person, asked.group, name, file))
            return json_reply(200, {"hash": name, "size": len(file)})

    async def give(self, held: Pass, scope: Scope, _receive: Receive) -> Reply:
        """The answer to whoever asks for a file."""
        asked = read_query(scope, AttachmentQuery)

        async def find(conn: Connection) -> Reply:
            group = await _conversation(conn, asked.group, held.person, FIND_TO_READ)
            async with conn.cursor(binary=True) as cursor:
                row = await (await cursor.execute(READ, (group, asked.hash))).fetchone()
            if row is None:
                raise Problem("not_found")
            return reply(200, bytes(row[0]), *LASTING)

        async with self._turn():
            return await using(self.files, find)

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """Files are held in memory: only so many at once."""
        if self._under_way >= AT_ONCE:
            raise Problem("try_again")
        self._under_way += 1
        try:
            yield
        finally:
            self._under_way -= 1


async def _conversation(conn: Connection, name: str, person: int, find: LiteralString = FIND) -> int:
    """Its row, for who belongs to it. Raises Problem."""
    row = await (await conn.execute(find, (name, person))).fetchone()
    if row is None:
        raise Problem("not_found")
    found: int = row[0]
    return found


async def _keep(conn: Connection, person: int, conversation: str, name: str, file: bytes) -> None:
    async with conn.transaction():
        group = await _conversation(conn, conversation, person)
        if await (await conn.execute(KNOWN, (group, name))).fetchone():
            return
        row = await (await conn.execute(OWNER, (person,))).fetchone()
        assert row is not None
        stored = await (await conn.execute(OF_A_DAY, (row[0],))).fetchone()
        if stored and stored[0] + len(file) > DAY_MAX:
            raise Problem("limit", errors=[{"at": "", "code": "attachments"}])
        await conn.execute(KEEP, (group, name, row[0], len(file), file))
