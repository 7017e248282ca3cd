"""Receipts: what has reached whom, and what they have read, by places in a conversation."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import groupby
from typing import Annotated, Any

import msgspec
from psycopg.rows import class_row

from balie.consult.hot import as_array
from balie.consult.logbook import IDENTITY, Entry, write_log
from balie.consult.protocol.payloads import Name
from balie.lib.asgi import moment_or_none
from balie.runtime.hot import Connection, fetch_one

READS_MOST = 100
BODY_MOST = 16 * 1024
TOPIC = "reads"

KEEP = "select group_id, read, read_on from consult_read_v2(%s, %s::text[], %s::bigint[], %s::bigint[])"
FIND = "select id from consult_group where name = %s and kind = 'conversation' and consult_belongs_v1(id, %s)"
READ = """
select group_name, persons, person, delivered, read, read_at from consult_readings_v1(%s::bigint[], %s::bigint[])
"""
UNREAD = """
select count(*)
  from consult_identity i
 cross join lateral consult_mine_v1(i.person_id) m
  join consult_group g on g.id = m.group_id and g.kind = 'conversation'
  left join consult_reading r on r.group_id = g.id and r.identity_id = i.id
 where i.person_id = %s
   and exists (select from consult_message x join consult_device d on d.id = x.device_id
                where x.group_id = g.id and x.place > coalesce(r.read, 0) and x.feed >= m.since
                  and d.identity_id <> i.id)
"""
Place = Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)]


class ReadBody(msgspec.Struct, frozen=True):
    """Up to which place messages have reached this device, and up to which they were read."""

    conversation: Name
    delivered: Place = 0
    read: Place = 0


class ReadsBody(msgspec.Struct, frozen=True):
    reads: Annotated[list[ReadBody], msgspec.Meta(min_length=1, max_length=READS_MOST)]

    def __post_init__(self) -> None:
        if len({each.conversation for each in self.reads}) != len(self.reads):
            raise ValueError("a conversation twice")


class Reading(msgspec.Struct, frozen=True):
    """How far one person is, and the listeners who may hear it."""

    group_name: str
    persons: list[int]
    person: str
    delivered: int
    read: int
    read_at: datetime | None

    def content(self) -> dict[str, Any]:
        far = {"delivered": self.delivered, "read": self.read, "read_at": moment_or_none(self.read_at)}
        return {"person": self.person, **far}


async def keep_reads(conn: Connection, person: int, reads: Sequence[ReadBody]) -> list[int]:
    """Take them over where they are further than what was known; the rows of the conversations in which that is so."""
    names, delivered, read = zip(*map(msgspec.structs.astuple, reads), strict=True)
    async with conn.transaction():
        said = (person, list(names), as_array(delivered), as_array(read))
        changed = await (await conn.execute(KEEP, said, prepare=True)).fetchall()
        owner = await (await conn.execute(IDENTITY, (person,))).fetchone()
        if owner:
            entries = [Entry(group, "read", {"place": place}) for group, place, read_on in changed if read_on]
            await write_log(conn, owner[0], entries)
    return [row[0] for row in changed]


async def read_reads(conn: Connection, person: int, conversation: str) -> list[dict[str, Any]] | None:
    """How far everybody in a conversation is; None when this person does not belong to it."""
    found = await (await conn.execute(FIND, (conversation, person))).fetchone()
    if found is None:
        return None
    return [each.content() for each in await read_readings(conn, found[0:1], ())]


async def count_unread(conn: Connection, person: int) -> int:
    """Of the conversations this person belongs to, those in which others said something they have not read."""
    count: int = (await fetch_one(conn, UNREAD, (person,)))[0]
    return count


async def read_readings(conn: Connection, groups: Sequence[int], persons: Iterable[int]) -> list[Reading]:
    """How far everybody is in these conversations, with those of `persons` who may hear it."""
    async with conn.cursor(row_factory=class_row(Reading)) as cursor:
        await cursor.execute(READ, (as_array(groups), as_array(sorted(persons))), prepare=True)
        return await cursor.fetchall()


def by_conversation(readings: Sequence[Reading]) -> list[tuple[list[int], dict[str, Any]]]:
    """For each conversation the listeners, and what they hear."""
    found = []
    for name, group in groupby(readings, key=lambda each: each.group_name):
        rows = list(group)
        found.append((rows[0].persons, {"conversation": name, "reads": [each.content() for each in rows]}))
    return found
