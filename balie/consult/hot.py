"""The consulting calls of the live process: async, set-based, no ORM. The rules are in `sql/`, not here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec
from psycopg.rows import class_row

from balie.lib.asgi import moment
from balie.runtime.hot import Connection, fetch_one

STORE = """
select outcome, place, received_at, closed
  from consult_store_batch_v1(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
"""
PAGE = "select reached, feeds from consult_page_v2(%s, %s, %s, %s)"
NEAR = 500  # numbers from the end of the feed: most who ask are up to date
HISTORY = "select reached, feeds from consult_history_v2(%s, %s, %s, %s, %s)"
OF_PERSON = "select name, feeds from consult_of_person_v1(%s, %s)"
GROUPS = "select reached, group_name, kind, since, last, place, read, until, ended from consult_groups_v3(%s)"
TEAM_NAMES = """
select g.name, n.name, p.name, n.for_patients from consult_group g
  join consult_team_name n on n.group_id = g.id left join practices_practice p on p.id = n.practice_id
 where g.name = any(%s::text[])
"""
EVENTS = """
select feed, received_at, person, group_name, place, id, device, envelope, typ, name, signed, sealed
  from consult_events_v1(%s, %s::bigint[])
"""
NEWS = """
select feed, persons, received_at, person, group_name, place, id, device, envelope
  from consult_news_v1(%s, %s::bigint[], %s)
"""


class StoreRequest(msgspec.Struct, frozen=True):
    """A message to be kept: in which conversation, from whom, from which of their devices, and under which key."""

    conversation: str
    person: int
    device: str
    id: str
    key: str
    envelope: str


class StoreAnswer(msgspec.Struct, frozen=True):
    """`outcome` is one of consult_store_batch_v1's; place and time are there when stored, `closed` is the switch that
    keeps somebody from writing.
    """

    outcome: str
    place: int | None
    received_at: datetime | None
    closed: int | None


@dataclass(frozen=True)
class Page:
    """Numbers of events, oldest first, and up to where these are all there are."""

    feeds: list[int]
    reached: int
    more: bool


class EventRow(msgspec.Struct, frozen=True):
    """A message or a statement as the server has it; the members of the other are None. `person` posted it."""

    feed: int
    received_at: datetime
    person: str
    group_name: str | None
    place: int | None
    id: str | None
    device: str | None
    envelope: str | None
    typ: str | None
    name: str | None
    signed: str | None
    sealed: str | None

    def content(self) -> dict[str, Any]:
        """As the feed gives it."""
        if self.envelope is not None:
            return message_content(self)
        assert self.signed is not None
        event: dict[str, Any] = {"feed": self.feed, "received_at": moment(self.received_at)}
        statement: dict[str, Any] = {"typ": self.typ, "name": self.name, "person": self.person}
        statement |= {"group": self.group_name, "signed": msgspec.Raw(self.signed.encode())}
        if self.sealed is not None:
            statement["sealed"] = msgspec.Raw(self.sealed.encode())
        return event | {"statement": statement}


class NewsRow(msgspec.Struct, frozen=True):
    """Something new, and the listeners it is for: a message, or a statement that they must ask for."""

    feed: int
    persons: list[int] | None
    received_at: datetime | None
    person: str | None
    group_name: str | None
    place: int | None
    id: str | None
    device: str | None
    envelope: str | None


def message_content(row: EventRow | NewsRow) -> dict[str, Any]:
    """A message as the feed gives it."""
    assert row.received_at is not None
    message = {"conversation": row.group_name, "person": row.person, "device": row.device, "id": row.id}
    return {
        "feed": row.feed,
        "received_at": moment(row.received_at),
        "message": {**message, "place": row.place, "envelope": row.envelope},
    }


async def store_batch(conn: Connection, requests: Sequence[StoreRequest]) -> list[StoreAnswer]:
    """Settle messages in one transaction; answers in the order asked. The same conversation and id may be in a batch
    once: psycopg.errors.UniqueViolation.
    """
    conversations, persons, *texts = zip(*map(msgspec.structs.astuple, requests), strict=True)
    async with conn.cursor(row_factory=class_row(StoreAnswer)) as cursor:
        await cursor.execute(STORE, (list(conversations), as_array(persons), *map(list, texts)), prepare=True)
        return await cursor.fetchall()


def as_array(of: Sequence[int]) -> str:
    """Numbers as text: psycopg would choose another type of array for larger ones, and prepare another statement."""
    return "{" + ",".join(map(str, of)) + "}"


async def read_page(conn: Connection, person: int, *, after: int, most: int) -> Page:
    """What came for this person after a number in the feed."""
    reached, feeds = await fetch_one(conn, PAGE, (person, after, most, NEAR))
    return _page(feeds, reached, after=after, most=most)


async def read_history(conn: Connection, person: int, group: str, *, after: int, until: int, most: int) -> Page | None:
    """What came in a group between two numbers; None when this person does not belong to it."""
    row = await (await conn.execute(HISTORY, (person, group, after, until, most), prepare=True)).fetchone()
    return _page(row[1], min(row[0], until - 1), after=after, most=most) if row else None


def _page(feeds: list[int], reached: int, *, after: int, most: int) -> Page:
    more = len(feeds) == most
    return Page(feeds, feeds[-1] if more else max(reached, after), more)


async def read_events(conn: Connection, person: int, feeds: Sequence[int]) -> list[EventRow]:
    """The events with these numbers, oldest first, with the sealed copies that are for this person."""
    async with conn.cursor(row_factory=class_row(EventRow)) as cursor:
        await cursor.execute(EVENTS, (person, as_array(feeds)), prepare=True)
        return await cursor.fetchall()


async def read_news(conn: Connection, after: int, persons: Sequence[int], *, most: int) -> tuple[int, list[NewsRow]]:
    """Up to where the feed has come, and what of it is for these listeners. Nothing when it has come more than `most`
    numbers further.
    """
    async with conn.cursor(row_factory=class_row(NewsRow)) as cursor:
        await cursor.execute(NEWS, (after, as_array(persons), most), prepare=True)
        reached, *rows = await cursor.fetchall()
    return reached.feed, rows


async def read_groups(conn: Connection, person: int) -> dict[str, Any]:
    """What this person belongs to now, and what was theirs, as the protocol says it."""
    rows = await (await conn.execute(GROUPS, (person,), prepare=True)).fetchall()
    teams = [group for _, group, kind, *_ in rows if kind == "team"]
    named = {team: name for team, *name in await (await conn.execute(TEAM_NAMES, (teams,))).fetchall()} if teams else {}
    groups = []
    for _, group, kind, since, last, place, read, until, ended in rows:
        if group is not None:
            listed = {"group": group, "kind": kind, "since": since, "last": last, "place": place, "read": read}
            listed |= ({"until": until} if until is not None else {}) | ({"ended": ended} if ended else {})
            name, practice, for_patients = named.get(group, (None, None, False))
            called = {"name": name, "practice": practice, "for_patients": for_patients}
            groups.append(listed | (called if kind == "team" else {}))
    return {"feed": rows[0][0], "groups": groups}


async def read_person(conn: Connection, asks: int, identity: str) -> dict[str, Any] | None:
    """Name and statements of a person; None when there is nobody of that id."""
    row = await (await conn.execute(OF_PERSON, (asks, identity), prepare=True)).fetchone()
    if row is None:
        return None
    events = await read_events(conn, asks, row[1])
    return {"person": identity, "name": row[0], "events": [each.content() for each in events]}
