"""The consulting calls of the live process: async, set-based, no ORM. The rules are in `sql/`, not here."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from psycopg.rows import class_row

from balie.runtime.hot import Connection

STORE = """
select outcome, place, received_at
  from consult_store_batch_v1(%s::text[], %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[])
"""
FEED = "select * from consult_feed_v1(%s, %s, %s)"


class StoreRequest(msgspec.Struct, frozen=True):
    """A message to be kept: in which conversation, from whom, from which of their devices, and under which key."""

    conversation: str
    person: int
    device: str
    id: str
    key: str
    envelope: str


class StoreAnswer(msgspec.Struct, frozen=True):
    """`outcome` is one of consult_store_batch_v1's; place and time are there when stored."""

    outcome: str
    place: int | None
    received_at: datetime | None


class FeedRow(msgspec.Struct, frozen=True):
    """A message as the server has it: `place` is its place in the conversation, `feed` the one among all."""

    feed: int
    conversation: str
    place: int
    id: str
    person: str
    device: str
    envelope: str
    received_at: datetime


async def store_batch(conn: Connection, requests: Sequence[StoreRequest]) -> list[StoreAnswer]:
    """Settle messages in one transaction; answers in the order asked. The same conversation and id may be in a batch
    once: psycopg.errors.UniqueViolation.
    """
    conversations, persons, *texts = zip(*map(msgspec.structs.astuple, requests), strict=True)
    # Text, as psycopg would choose another type of array for larger numbers, and prepare another statement with it.
    numbers = "{" + ",".join(map(str, persons)) + "}"
    async with conn.cursor(row_factory=class_row(StoreAnswer)) as cursor:
        await cursor.execute(STORE, (list(conversations), numbers, *map(list, texts)), prepare=True)
        return await cursor.fetchall()


async def read_feed(conn: Connection, person: int, *, after: int, most: int) -> list[FeedRow]:
    """What this person may read that came after a place in the feed, oldest first."""
    async with conn.cursor(row_factory=class_row(FeedRow)) as cursor:
        await cursor.execute(FEED, (person, after, most), prepare=True)
        return await cursor.fetchall()
