"""The log of who did what (NEN 7513): a chain of entries for each group and each person. It only grows."""

from collections.abc import Sequence
from typing import Annotated, Any, Final, Literal

import msgspec

from balie.consult.protocol.payloads import Id, Name
from balie.lib.asgi import moment
from balie.lib.problems import Problem
from balie.runtime.hot import Connection

ENTRIES_MOST: Final = 20
PAGE_MOST: Final = 200
BODY_MOST: Final = 16 * 1024

WRITE = "select consult_log_v1(%s, %s::bigint[], %s::text[], %s::text[])"
IDENTITY = "select id from consult_identity where person_id = %s and known <> ''"
FIND = "select id from consult_group where name = %s and consult_reads_v1(id, %s)"
FIND_DESTROYED = """
select d.group_id from consult_group g join consult_destruction d on d.group_id = g.id
  join consult_witness w on w.destruction_id = d.id join consult_identity i on i.id = w.identity_id
 where g.name = %s and i.person_id = %s
"""
READ = """
select e.number, e.at, e.what, e.identity_id, e.detail, e.previous, e.hash
  from consult_log_book b join consult_log_entry e on e.book_id = b.id
 where (b.group_id = %s or b.identity_id = %s) and e.number > %s order by e.number limit %s
"""


class Told(msgspec.Struct, frozen=True):
    """What only a client can tell: that somebody opened a group, took something out, got their keys back, or looked
    into a statement in their name that no key of theirs made (`cleared`, with what they found in `note`). `at`: when,
    in seconds since 1970, where it could not be told at once.
    """

    what: Literal["opened", "exported", "unlocked", "cleared"]
    group: Name | None = None
    device: Id | None = None
    note: Annotated[str, msgspec.Meta(max_length=200)] = ""
    statement: Name | None = None
    at: Annotated[int, msgspec.Meta(ge=0, le=2**53)] | None = None

    def __post_init__(self) -> None:
        is_cleared = self.what == "cleared"
        if is_cleared != (self.statement is not None) or (is_cleared and (self.group or not self.note.strip())):
            raise ValueError("cleared goes with a statement and a note, and is about nothing else")


class ToldBody(msgspec.Struct, frozen=True):
    entries: Annotated[list[Told], msgspec.Meta(min_length=1, max_length=ENTRIES_MOST)]


class Entry(msgspec.Struct, frozen=True):
    """To be written: in the book of a group (its row), or in one's own (None)."""

    group: int | None
    what: str
    detail: dict[str, Any]


async def write_log(conn: Connection, identity: str, entries: Sequence[Entry]) -> None:
    """Write down what this person did, in the caller's transaction: the books are locked until its commit."""
    if entries:
        groups = [each.group for each in entries]
        details = [msgspec.json.encode(each.detail).decode() for each in entries]
        await conn.execute(WRITE, (identity, groups, [each.what for each in entries], details))


async def tell_log(conn: Connection, person: int, told: Sequence[Told]) -> None:
    """Write down what a client tells. Raises Problem when this person has no keys, or belongs to no such group."""
    async with conn.transaction():
        row = await (await conn.execute(IDENTITY, (person,))).fetchone()
        if row is None:
            raise Problem("no_keys")
        entries = []
        for each in told:
            group = await find_book(conn, person, each.group) if each.group else None
            detail = {"device": each.device, "note": each.note, "statement": each.statement, "at": each.at}
            entries.append(Entry(group, each.what, {name: said for name, said in detail.items() if said}))
        await write_log(conn, row[0], entries)


async def find_book(conn: Connection, person: int, group: str) -> int:
    """The row of a group that this person belongs to, or read before their treatment ended. Raises Problem."""
    row = await (await conn.execute(FIND, (group, person))).fetchone()
    if row is None:
        raise Problem("not_found")
    found: int = row[0]
    return found


async def _find_to_read(conn: Connection, person: int, group: str) -> int:
    """As `find_book`, and of what is destroyed for who could read it then."""
    row = await (await conn.execute(FIND_DESTROYED, (group, person))).fetchone()
    return row[0] if row else await find_book(conn, person, group)


async def read_log(conn: Connection, person: int, group: str | None, *, after: int) -> dict[str, Any]:
    """A page of a group's log, or of one's own."""
    book = await _find_to_read(conn, person, group) if group else None
    own = await (await conn.execute(IDENTITY, (person,))).fetchone() if group is None else None
    rows = await (await conn.execute(READ, (book, own[0] if own else None, after, PAGE_MOST))).fetchall()
    entries = [
        {
            "number": number,
            "at": moment(at),
            "what": what,
            "person": identity,
            "detail": detail,
            "previous": previous,
            "hash": hashed,
        }
        for number, at, what, identity, detail, previous, hashed in rows
    ]
    return {"entries": entries, "more": len(rows) == PAGE_MOST}
