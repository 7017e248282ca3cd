"""Everything a key server remembers, in one SQLite file. One connection, used by one thread.

A commit is on the disk before it is answered (`synchronous=FULL`). What must happen once is a guarded UPDATE whose row
count decides.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

NONCE_GOOD_S: Final = 120
ANSWER_KEPT_S: Final = 60
DAY_S: Final = 86_400
HOUR_S: Final = 3600

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS dossier (person TEXT PRIMARY KEY, content BLOB NOT NULL, share BLOB NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS nonce (
  nonce TEXT PRIMARY KEY, person TEXT NOT NULL, made INTEGER NOT NULL, spent INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE INDEX IF NOT EXISTS nonce_person ON nonce (person, made);
CREATE TABLE IF NOT EXISTS answer (
  person TEXT NOT NULL, request TEXT NOT NULL, made INTEGER NOT NULL, body BLOB NOT NULL, PRIMARY KEY (person, request)
) STRICT;
CREATE TABLE IF NOT EXISTS event (
  id INTEGER PRIMARY KEY, person TEXT NOT NULL, made INTEGER NOT NULL, what TEXT NOT NULL, detail TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS checkpoint (
  origin TEXT PRIMARY KEY, size INTEGER NOT NULL, root BLOB NOT NULL, made INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS event_person ON event (person, what, made);
"""


class Store:
    """Times are whole seconds since 1970."""

    def __init__(self, path: Path) -> None:
        self._db = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;" + SCHEMA)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self._db.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._db.execute("ROLLBACK")
            raise
        self._db.execute("COMMIT")

    def alive(self) -> bool:
        return bool(self._db.execute("SELECT 1").fetchone())

    def dossier(self, person: str) -> tuple[bytes, bytes] | None:
        """What is known of a person, and their share."""
        row: tuple[bytes, bytes] | None = self._db.execute(
            "SELECT content, share FROM dossier WHERE person = ?", (person,)
        ).fetchone()
        return row

    def keep_dossier(self, person: str, content: bytes, share: bytes) -> None:
        self._db.execute(
            "INSERT INTO dossier (person, content, share) VALUES (?, ?, ?)"
            " ON CONFLICT (person) DO UPDATE SET content = excluded.content, share = excluded.share",
            (person, content, share),
        )

    def add_nonce(self, nonce: str, person: str, now: int) -> None:
        self._db.execute("DELETE FROM nonce WHERE made < ?", (now - HOUR_S,))
        self._db.execute("INSERT INTO nonce (nonce, person, made) VALUES (?, ?, ?)", (nonce, person, now))

    def nonces_since(self, person: str, since: int) -> int:
        found = self._db.execute("SELECT count(*) FROM nonce WHERE person = ? AND made > ?", (person, since))
        return int(found.fetchone()[0])

    def spend_nonce(self, nonce: str, person: str, now: int) -> bool:
        """Whether it was this person's, is still good, and had not been spent: true once."""
        spent = self._db.execute(
            "UPDATE nonce SET spent = 1 WHERE nonce = ? AND person = ? AND spent = 0 AND made > ?",
            (nonce, person, now - NONCE_GOOD_S),
        )
        return spent.rowcount == 1

    def answer(self, person: str, request: str, now: int) -> bytes | None:
        """What was answered to the very same request within a minute."""
        row: tuple[bytes] | None = self._db.execute(
            "SELECT body FROM answer WHERE person = ? AND request = ? AND made > ?",
            (person, request, now - ANSWER_KEPT_S),
        ).fetchone()
        return row[0] if row else None

    def keep_answer(self, person: str, request: str, body: bytes, now: int) -> None:
        self._db.execute("DELETE FROM answer WHERE made <= ?", (now - ANSWER_KEPT_S,))
        self._db.execute("INSERT INTO answer VALUES (?, ?, ?, ?)", (person, request, now, body))

    def log(self, person: str, what: str, detail: str, now: int) -> None:
        self._db.execute(
            "INSERT INTO event (person, made, what, detail) VALUES (?, ?, ?, ?)", (person, now, what, detail)
        )

    def events_since(self, person: str, what: str, since: int) -> int:
        found = self._db.execute(
            "SELECT count(*) FROM event WHERE person = ? AND what = ? AND made > ?", (person, what, since)
        )
        return int(found.fetchone()[0])

    def events(self, person: str, most: int = 200) -> list[tuple[int, str, str]]:
        """Newest first: when, what, and how or why."""
        return self._db.execute(
            "SELECT made, what, detail FROM event WHERE person = ? ORDER BY id DESC LIMIT ?", (person, most)
        ).fetchall()

    def checkpoint(self, origin: str) -> tuple[int, bytes] | None:
        """Size and root of what was cosigned last."""
        row: tuple[int, bytes] | None = self._db.execute(
            "SELECT size, root FROM checkpoint WHERE origin = ?", (origin,)
        ).fetchone()
        return row

    def keep_checkpoint(self, origin: str, size: int, root: bytes, now: int) -> None:
        self._db.execute(
            "INSERT INTO checkpoint VALUES (?, ?, ?, ?) ON CONFLICT (origin) DO UPDATE"
            " SET size = excluded.size, root = excluded.root, made = excluded.made"
            " WHERE checkpoint.size <= excluded.size",
            (origin, size, root, now),
        )

    def copy_to(self, path: Path) -> None:
        """A copy that is whole, while the server runs."""
        with sqlite3.connect(path) as copy:
            self._db.backup(copy)
        copy.close()

    def close(self) -> None:
        self._db.close()
