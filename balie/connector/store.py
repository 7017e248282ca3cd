"""What a connector must not forget, in one SQLite file: what it was given to send, and in which order it heard things.

What others said is not kept here: it is read again from the conversations. What is to be sent is, until it was sent.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

State = Literal["waiting", "sent", "refused"]

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS outgoing (
  id TEXT PRIMARY KEY, identifier TEXT NOT NULL UNIQUE, digest TEXT NOT NULL, conversation TEXT NOT NULL,
  content BLOB, at INTEGER NOT NULL, state TEXT NOT NULL DEFAULT 'waiting', why TEXT NOT NULL DEFAULT '',
  tries INTEGER NOT NULL DEFAULT 0, again_at REAL NOT NULL DEFAULT 0,
  CHECK (state IN ('waiting', 'sent', 'refused')), CHECK ((content IS NULL) = (state <> 'waiting'))
) STRICT;
CREATE INDEX IF NOT EXISTS outgoing_waiting ON outgoing (again_at) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS heard (
  number INTEGER PRIMARY KEY AUTOINCREMENT, message TEXT NOT NULL UNIQUE, conversation TEXT NOT NULL
) STRICT;
"""
COLUMNS: Final = "id, identifier, digest, conversation, content, at, state, why, tries"


@dataclass(frozen=True)
class Outgoing:
    """`digest` is of all that was given, under the record system's own `identifier`; `at` in seconds since 1970."""

    id: str
    identifier: str
    digest: str
    conversation: str
    content: bytes | None
    at: int
    state: State = "waiting"
    why: str = ""
    tries: int = 0


class Store:
    """One connection, used by one thread at a time. A commit is on the disk before it is answered."""

    def __init__(self, path: Path) -> None:
        path.touch(mode=0o600)
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + SCHEMA)

    def keep(self, outgoing: Outgoing) -> Outgoing:
        """Under its identifier there is one, for ever: what stands there, which may be another."""
        given = (
            outgoing.id,
            outgoing.identifier,
            outgoing.digest,
            outgoing.conversation,
            outgoing.content,
            outgoing.at,
        )
        self._db.execute(
            "INSERT INTO outgoing (id, identifier, digest, conversation, content, at) VALUES (?, ?, ?, ?, ?, ?)"
            " ON CONFLICT (identifier) DO NOTHING",
            given,
        )
        return self._one("identifier = ?", outgoing.identifier)[0]

    def outgoing(self, message: str) -> Outgoing | None:
        return next(iter(self._one("id = ?", message)), None)

    def due(self, now: float) -> list[Outgoing]:
        """What may be tried now, in the order in which it was given."""
        return self._one("state = 'waiting' AND again_at <= ? ORDER BY rowid", now)

    def next_at(self) -> float | None:
        """When something may be tried next."""
        at: float | None = self._db.execute("SELECT min(again_at) FROM outgoing WHERE state = 'waiting'").fetchone()[0]
        return at

    def waiting(self) -> int:
        return int(self._db.execute("SELECT count(*) FROM outgoing WHERE state = 'waiting'").fetchone()[0])

    def settle(self, message: str, state: Literal["sent", "refused"], why: str = "") -> None:
        """It is over, and its words are forgotten."""
        self._db.execute(
            "UPDATE outgoing SET state = ?, why = ?, content = NULL WHERE id = ? AND state = 'waiting'",
            (state, why, message),
        )

    def put_off(self, message: str, again_at: float, why: str) -> None:
        self._db.execute(
            "UPDATE outgoing SET tries = tries + 1, again_at = ?, why = ? WHERE id = ? AND state = 'waiting'",
            (again_at, why, message),
        )

    def hear(self, messages: Iterable[tuple[str, str]]) -> None:
        """Messages, each with its conversation, in the order in which they are told on. Known ones keep their place."""
        self._db.execute("BEGIN IMMEDIATE")
        self._db.executemany(
            "INSERT INTO heard (message, conversation) VALUES (?, ?) ON CONFLICT (message) DO NOTHING", messages
        )
        self._db.execute("COMMIT")

    def heard(self, after: int, most: int) -> list[tuple[int, str, str]]:
        """Number, message and conversation."""
        found = "SELECT number, message, conversation FROM heard WHERE number > ? ORDER BY number LIMIT ?"
        return self._db.execute(found, (after, most)).fetchall()

    def conversation_of(self, message: str) -> str | None:
        row: tuple[str] | None = self._db.execute(
            "SELECT conversation FROM heard WHERE message = ?", (message,)
        ).fetchone()
        return row[0] if row else None

    def close(self) -> None:
        self._db.close()

    def _one(self, where: str, *values: object) -> list[Outgoing]:
        found = self._db.execute(f"SELECT {COLUMNS} FROM outgoing WHERE {where}", values)  # noqa: S608 - our own words
        return [Outgoing(*row) for row in found]
