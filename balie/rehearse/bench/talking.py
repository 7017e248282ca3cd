"""What the bench of messages runs on: an installation with a hundred people who have keys and conversations, and two
databases beside it with few and with many messages.
"""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec
import psycopg

from balie.consult.client.application import Application
from balie.consult.client.device import DeviceSecrets, make_device
from balie.consult.client.enrolment import state_keys
from balie.consult.client.keyrings import Keyring, make_keyring, new_id
from balie.consult.client.talk import Talk
from balie.consult.client.transport import Http, http_transport
from balie.consult.client.world import PERSON, World
from balie.consult.protocol.boxes import lock
from balie.consult.protocol.messages import BOX_TYP
from balie.embedded import parts
from balie.embedded.ports import free_ports
from balie.embedded.supervisor import Part
from balie.rehearse.bench.wire import request_bytes
from balie.rehearse.install import Installation, installed, start_parts, wait_until_answered

PEOPLE = 100
READERS = (1, 9, 49)  # of each message, its author not counted
CIPHERTEXT_BYTES = 700
TOGETHER = 8  # who make keys side by side
STORED = {"10k": 10_000, "1m": 1_000_000}
FILL = """
insert into consult_message (feed, group_id, place, id, device_id, envelope, received_at)
select f.last + 1 + n, g.ids[1 + n %% cardinality(g.ids)], 1 + n / cardinality(g.ids), left(md5(n::text), 22), d.id,
       %(envelope)s, now()
  from (select last from consult_feed) f, (select min(id) as id from consult_device) d,
       (select array_agg(id) as ids from consult_group where kind = 'conversation') g,
       generate_series(0, %(count)s - 1) n
"""
COUNT_ON = """
update consult_group g set last = m.last
  from (select group_id, max(place) as last from consult_message group by group_id) m
 where m.group_id = g.id;
update consult_feed set last = (select max(feed) from consult_message);
"""


@dataclass(frozen=True)
class Author:
    """Somebody in a conversation, and the key they write under there."""

    held: str
    device: str
    conversation: str
    key_name: str
    key: bytes


@dataclass(frozen=True)
class Prepared:
    """A message that is only to be sent."""

    id: str
    request: bytes


@dataclass(frozen=True)
class Town:
    """One live process and its people. `authors`: everybody once, in conversations where each message has so many
    readers.
    """

    live: str
    origin: str
    passes: Sequence[str]
    authors: Mapping[int, Sequence[Author]]

    def messages(self, readers: int, count: int) -> list[Prepared]:
        """Of everybody in turn."""
        authors = self.authors[readers]
        return [self._message(authors[number % len(authors)]) for number in range(count)]

    def _message(self, author: Author) -> Prepared:
        message = new_id()
        body = {
            "conversation": author.conversation,
            "device": author.device,
            "id": message,
            "envelope": envelope(author),
        }
        content = msgspec.json.encode(body)
        path = "/live/consult/messages"
        return Prepared(message, request_bytes("POST", path, origin=self.origin, cookie=author.held, body=content))


def envelope(author: Author) -> str:
    """As long as that of a short message, under the conversation's real key; nobody is to open it."""
    return lock(BOX_TYP, author.key, secrets.token_bytes(CIPHERTEXT_BYTES), kid=author.key_name)


@dataclass(frozen=True)
class Talking:
    """`town` is the whole installation, which has streams; `stored` has live processes with so much stored before."""

    installation: Installation
    town: Town
    stored: Mapping[str, Town]

    @property
    def stream(self) -> str:
        return self.installation.upstreams["streams"][0]


@contextmanager
def talking_ground(stored: Mapping[str, int] = STORED) -> Iterator[Talking]:
    """People state their keys and begin conversations over HTTP."""
    with TemporaryDirectory(prefix="balie-bench-logs-") as logs, installed(logs=Path(logs)) as installation:
        from django.db import connections

        from balie.rehearse.talks.filling import give_passes

        passes = give_passes(PEOPLE)
        connections.close_all()
        databases = {name: installation.server.create_database(f"stored_{name}", template="balie") for name in stored}
        start_parts(installation)
        town = asyncio.run(_settle(installation.upstreams["live"][0], installation.origin, passes))
        towns = {}
        for (name, dsn), port in zip(databases.items(), free_ports(len(databases)), strict=True):
            live = _serve(installation, dsn, port)
            towns[name] = asyncio.run(_settle(live, installation.origin, passes))
            fill(dsn, stored[name], envelope(towns[name].authors[READERS[0]][0]))
        yield Talking(installation, town, towns)


def _serve(installation: Installation, dsn: str, port: int) -> str:
    command = parts.command("balie.cli", "serve", "--role", "live", "--port", port, "--workers", 1)
    installation.supervisor.start(Part(f"live-{port}", command, {"DATABASE_URL": dsn}))
    url = f"http://127.0.0.1:{port}"
    wait_until_answered(installation, {url: "/live/health"})
    return url


def fill(dsn: str, count: int, content: str) -> None:
    """Messages in all conversations, as if they had been there for years."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        connection.execute("set session_replication_role = replica")  # nobody needs to check a million references
        connection.execute(FILL, {"envelope": content, "count": count})
        connection.execute(COUNT_ON)
        connection.execute("vacuum analyze consult_message")
        connection.execute("checkpoint")


async def _settle(live: str, origin: str, passes: Sequence[str]) -> Town:
    async with http_transport(origin=origin) as http:
        room = asyncio.Semaphore(TOGETHER)

        async def enrol(held: str) -> _Person:
            async with room:
                return await _enrol(live, held, http)

        people = await asyncio.gather(*map(enrol, passes))
        authors = {readers: await _gather(people, readers + 1) for readers in READERS}
    return Town(live, origin, passes, authors)


@dataclass(frozen=True)
class _Person:
    held: str
    keyring: Keyring
    device: DeviceSecrets
    talk: Talk


async def _enrol(live: str, held: str, http: Http) -> _Person:
    now = int(time.time())
    keyring = make_keyring(at=now)
    device = make_device(keyring.person)
    application = Application(live, held, http, asyncio.sleep)
    await state_keys(application, keyring, device, at=now)
    return _Person(held, keyring, device, Talk(World(application, keyring), device))


async def _gather(people: Sequence[_Person], size: int) -> list[Author]:
    """Conversations of so many; everybody is in one."""
    authors = []
    for at in range(0, len(people), size):
        first, *others = circle = people[at : at + size]
        group = await first.talk.create_conversation(*(PERSON + each.keyring.person for each in others))
        name, key = next(iter(group.keys.items()))
        authors += [Author(each.held, each.device.device, group.name, name, key) for each in circle]
    return authors
