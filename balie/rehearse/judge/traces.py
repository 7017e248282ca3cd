"""Whether anything that was said in confidence stands where a server or an operator can read it.

People put the same mark, made up for this one run, at the beginning and the end of whatever they say. Who finds it, in
whatever form, has found a message.
"""

from __future__ import annotations

import quopri
from base64 import b32encode, b64encode
from collections.abc import Iterable, Iterator
from pathlib import Path

import psycopg
from psycopg import sql

Source = tuple[str, bytes]  # what it is called in the report, and its bytes

TABLES = """
select n.nspname, c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'm', 'p') and n.nspname not in ('pg_catalog', 'information_schema', 'pg_toast') order by 1, 2
"""
URL_SAFE = bytes.maketrans(b"+/", b"-_")
PIECE = 8 * 1024 * 1024  # bytes looked through at once


def forms(mark: str) -> dict[str, bytes]:
    """The mark as it may have been written, by the name of the form. Base64 has three, after what stands before it;
    its ends depend on the neighbours and are left off.
    """
    plain = mark.encode("ascii")
    found = {
        "text": plain,
        "utf-16": mark.encode("utf-16-le"),
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
    }
    for shift in range(3):
        skip = (8 * shift + 5) // 6
        whole = (8 * (shift + len(plain))) // 6
        standard = b64encode(bytes(shift) + plain)[skip:whole]
        found[f"base64+{shift}"] = standard
        if (other := standard.translate(URL_SAFE)) != standard:
            found[f"base64url+{shift}"] = other
    for shift in range(5):
        skip, whole = (8 * shift + 4) // 5, (8 * (shift + len(plain))) // 5
        found[f"base32+{shift}"] = b32encode(bytes(shift) + plain)[skip:whole]
    return found


def find_traces(mark: str, sources: Iterable[Source]) -> list[str]:
    """Where the mark stands, and in which form; lines that mail broke are joined before one looks again."""
    searched = forms(mark)
    traces = []
    for name, content in sources:
        ways = {content, content.replace(b"=\r\n", b"").replace(b"=\n", b"").replace(b"\r\n", b"").replace(b"\n", b"")}
        ways |= {quopri.decodestring(content)} if b"=" in content else set()
        traces += [f"{name}: {form}" for form, wanted in searched.items() if any(wanted in way for way in ways)]
    return traces


def read_database(dsn: str) -> Iterator[Source]:
    """Every column of every row of every table of every schema, as the database sends them in binary: text and bytes as
    they are.
    """
    with psycopg.connect(dsn) as connection:
        for schema, table in connection.execute(TABLES).fetchall():
            what = sql.SQL("copy (select * from {}) to stdout (format binary)").format(sql.Identifier(schema, table))
            with connection.cursor().copy(what) as copy:
                yield from _pieces(f"table {schema}.{table}", copy)


def _pieces(name: str, chunks: Iterable[bytes | bytearray | memoryview]) -> Iterator[Source]:
    """Rows in pieces of some size; a row is never cut, since the database sends whole ones."""
    held: list[bytes] = []
    size = 0
    for chunk in chunks:
        held.append(bytes(chunk))
        size += len(chunk)
        if size >= PIECE:
            yield name, b"".join(held)
            held, size = [], 0
    yield name, b"".join(held)


def read_files(*folders: Path) -> Iterator[Source]:
    """Every file below these folders: logs, mails, what a key server keeps."""
    for folder in folders:
        for path in sorted(folder.rglob("*")):
            if path.is_file() and not path.is_symlink():
                yield f"file {folder.name}/{path.relative_to(folder)}", path.read_bytes()
