"""Once an hour, where the books of the log are: a root over their last entries, as an entry of the key log. Whoever
changes an entry afterwards, and all that follow it, comes to other roots than key servers have cosigned.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from balie.consult.protocol.encoding import b64
from balie.consult.protocol.logs import head_hash, root_name
from balie.lib.asgi import moment
from balie.runtime.hot import Connection, fetch_one

INTERVAL_S: Final = 60.0
LEASE_S: Final = 150.0
EVERY: Final = timedelta(hours=1)

# Of books that have something since the last root; none when that is less than so long ago.
MOVED: Final = """
select b.id, coalesce(g.name, b.identity_id), b.number, b.hash
  from consult_log_book b left join consult_group g on g.id = b.group_id
 where not exists (select from consult_log_head h where h.book_id = b.id and h.number = b.number)
   and not exists (select from consult_log_root r where r.at > clock_timestamp() - %s)
"""
LAST: Final = """
select date_trunc('milliseconds', clock_timestamp()), (select r.name from consult_log_root r order by r.id desc limit 1)
"""
KEEP: Final = "insert into consult_log_root (name, previous, at) values (%s, %s, %s) returning id"
KEEP_HEAD: Final = "insert into consult_log_head (root_id, book_id, number, hash) values (%s, %s, %s, %s)"
ROOTS_MOST: Final = 50
READ: Final = "select r.id, r.at from consult_log_root r where r.id > %s order by r.id limit %s"
HEADS: Final = """
select h.root_id, coalesce(g.name, b.identity_id), h.number, h.hash
  from consult_log_head h join consult_log_book b on b.id = h.book_id left join consult_group g on g.id = b.group_id
 where h.root_id = any (%s)
"""
APPEND: Final = "select consult_key_log_root_v1(%s)"


async def publish_root(conn: Connection, _fence: int, *, every: timedelta = EVERY) -> None:
    """When an hour is over and something was written in it. Nobody who writes in the log waits for this: what commits
    later is in the next. Of two at once one fails: both go on from the same root.
    """
    async with conn.transaction():
        moved = await (await conn.execute(MOVED, (every,))).fetchall()
        if moved:
            at, last = await fetch_one(conn, LAST)
            await _keep(conn, moved, name=root_name(last or "", moment(at), _hashed(moved)), previous=last or "", at=at)


def _hashed(moved: Sequence[tuple[int, str, int, str]]) -> list[bytes]:
    return [head_hash(book, number, hashed) for _, book, number, hashed in moved]


async def _keep(conn: Connection, moved: Sequence[tuple[int, str, int, str]], **root: object) -> None:
    made: int = (await fetch_one(conn, KEEP, (root["name"], root["previous"], root["at"])))[0]
    async with conn.cursor() as cursor:
        await cursor.executemany(KEEP_HEAD, [(made, book, number, hashed) for book, _, number, hashed in moved])
    await conn.execute(APPEND, (root["name"],))


async def read_roots(conn: Connection, *, after: int) -> dict[str, Any]:
    """A page of roots. Heads are hashes: whoever knows a book sees whether it is among them, and nobody else."""
    rows = await (await conn.execute(READ, (after, ROOTS_MOST))).fetchall()
    heads: dict[int, list[str]] = {root: [] for root, _ in rows}
    for root, book, number, hashed in await (await conn.execute(HEADS, (list(heads),))).fetchall():
        heads[root].append(b64(head_hash(book, number, hashed)))
    roots = [{"number": root, "at": moment(at), "heads": heads[root]} for root, at in rows]
    return {"roots": roots, "more": len(rows) == ROOTS_MOST}
