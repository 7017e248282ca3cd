"""The key log as one process has it: the tree over all entries, kept up with the database, and proofs from it."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from balie.consult.keylog.tree import Tree
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.keylog import Checkpoint, entry_leaf, entry_of
from balie.runtime.hot import Connection

PAGE: Final = 10_000

NEW: Final = "select of, name from consult_key_log_entry where index >= %s order by index limit %s"
OF: Final = """
select of, index, name from consult_key_log_entry where of = any(%s::text[]) and index < %s order by index
"""
LATEST: Final = """
select size, note, cosigned_at from consult_key_log_checkpoint where origin = %s order by size desc limit 1
"""
ENTRIES: Final = "select of, name from consult_key_log_entry where index >= %s and index < %s order by index limit %s"


def hashes(of: Sequence[bytes]) -> list[str]:
    return [b64(each) for each in of]


@dataclass
class KeyLog:
    """`origin` is what checkpoints call it."""

    origin: str
    tree: Tree = field(default_factory=Tree)
    _reading: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def catch_up(self, conn: Connection) -> None:
        """All entries there are. The first time takes a second for every half million."""
        async with self._reading:
            more = True
            while more:
                rows = await (await conn.execute(NEW, (self.tree.size, PAGE))).fetchall()
                self.tree.extend(await asyncio.to_thread(_leaves, rows))
                more = len(rows) == PAGE

    def checkpoint(self) -> Checkpoint:
        """What it is now, not cosigned."""
        size = self.tree.size
        return Checkpoint(self.origin, size, self.tree.root(size))

    async def known(self, conn: Connection, *, since: int, persons: Sequence[str]) -> dict[str, Any]:
        """The latest cosigned checkpoint, that it goes on from the one of size `since`, and of these people every entry
        in it with its proof.
        """
        row = await (await conn.execute(LATEST, (self.origin,))).fetchone()
        if row is None:
            return {"checkpoint": None, "consistency": [], "entries": {}}
        size, note, _ = row
        if self.tree.size < size:
            await self.catch_up(conn)
        of = {entry_of(person): person for person in persons}
        entries: dict[str, list[dict[str, Any]]] = {person: [] for person in persons}
        for each, index, name in await (await conn.execute(OF, (list(of), size))).fetchall():
            proof = hashes(self.tree.inclusion(index, size))
            entries[of[each]].append({"statement": name, "index": index, "proof": proof})
        consistency = hashes(self.tree.consistency(since, size)) if since <= size else []
        return {"checkpoint": note, "consistency": consistency, "entries": entries}


async def read_entries(conn: Connection, origin: str, *, after: int, most: int) -> dict[str, Any]:
    """A page of the log, up to its latest checkpoint, for those who look for themselves what it says of them."""
    row = await (await conn.execute(LATEST, (origin,))).fetchone()
    if row is None:
        return {"checkpoint": None, "entries": [], "more": False}
    size, note, _ = row
    entries = await (await conn.execute(ENTRIES, (after, size, most))).fetchall()
    listed = [{"of": of, "statement": name} for of, name in entries]
    return {"checkpoint": note, "entries": listed, "more": after + len(entries) < size}


def _leaves(rows: Sequence[tuple[str, str]]) -> list[bytes]:
    return [entry_leaf(of, name) for of, name in rows]
