"""The log of who did what, as anybody may check it: chains of entries, and roots over where they are
(`keylog.md`, "Roots of the log").
"""

from collections.abc import Iterable
from hashlib import sha256
from typing import Final

from balie.consult.protocol.encoding import info, name

ROOTS: Final = name("key-log-roots")  # instead of whose keys an entry of the key log is about


def entry_hash(*, book: str, number: int, at: str, what: str, person: str, detail: str, previous: str) -> str:
    """Of an entry of a book (name of a group, or id of a person); `at` as it is given."""
    fields = (book, str(number), at, what, person, detail, previous)
    return name("log-entry", *(each.encode() for each in fields))


def head_hash(book: str, number: int, hashed: str) -> bytes:
    """That the last entry of a book was this. Nobody learns from it which book."""
    return sha256(info("log-head", book.encode(), str(number).encode(), hashed.encode())).digest()


def root_name(previous: str, at: str, heads: Iterable[bytes]) -> str:
    """Of the books that have something new since the root before."""
    return name("log-root", previous.encode(), at.encode(), sha256(b"".join(sorted(heads))).digest())
