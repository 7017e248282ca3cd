"""A post under way: the transaction, who posts, and what was kept so far."""

from dataclasses import dataclass, field

import msgspec

from balie.consult.intake.stated import Mentioned, Refused, Stated
from balie.consult.logbook import Entry, write_log
from balie.consult.protocol.membership import Add, Create, Remove
from balie.consult.protocol.persons import KnownKey, Person
from balie.runtime.hot import Connection, fetch_one

LOCK = "select consult_lock_v1(%s, %s::text[], %s::text[], %s::text[], %s)"
AUTHOR = "select id, known from consult_identity where person_id = %s"
TEAMS = """
select 'team:' || g.name from consult_member m join consult_group g on g.id = m.group_id
 where m.identity_id = %s and g.kind = 'team'
"""
STORED = "select id, feed from consult_statement where name = %s and identity_id = %s"
KEEP = """
insert into consult_statement (name, typ, identity_id, group_id, about, signed, received_at)
values (%s, %s, %s, %s, %s, %s, clock_timestamp()) returning id
"""
NUMBER = "select id, feed from consult_number_v1(%s::bigint[])"
RETIRE = "select consult_retire_v1(%s::bigint[])"


def read_known(known: str) -> Person | None:
    """What was accepted of somebody's keys; None before their first."""
    return msgspec.json.decode(known, type=Person) if known else None


def write_known(known: Person) -> str:
    return msgspec.json.encode(known).decode()


def numbers(of: list[int]) -> str:
    """As text: psycopg would choose another type of array for larger numbers, and prepare another statement with it."""
    return "{" + ",".join(map(str, of)) + "}"


def what_of(stated: Stated) -> str:
    """What the log calls it: an act by what it does, anything else by its type."""
    if isinstance(stated.form, Create):
        return "created"
    if isinstance(stated.form, Add | Remove):
        return "added" if isinstance(stated.form, Add) else "removed"
    return stated.typ.removeprefix("balie-").removesuffix("+jws")


@dataclass
class Post:
    """`person` is the row of who posts, `identity` their id, `known` what is accepted of their keys."""

    conn: Connection
    person: int
    identity: str | None = None
    known: Person | None = None
    new: list[int] = field(default_factory=list)
    log: list[Entry] = field(default_factory=list)

    async def begin(self, mentioned: Mentioned) -> None:
        """Lock whoever is named, then see who posts."""
        named = (list(mentioned.people), list(mentioned.subjects), list(mentioned.named))
        await self.conn.execute(LOCK, (self.person, *named, mentioned.rotates))
        row = await (await self.conn.execute(AUTHOR, (self.person,))).fetchone()
        if row:
            self.identity, self.known = row[0], read_known(row[1])

    def author(self) -> Person:
        """The keys of who posts. Raises Refused when there are none yet."""
        if self.known is None:
            raise Refused("no_keys", "person")
        return self.known

    async def keys(self) -> list[KnownKey]:
        """With which keys who posts may sign acts, and for which teams."""
        author = self.author()
        teams = tuple(row[0] for row in await (await self.conn.execute(TEAMS, (author.person,))).fetchall())
        return [KnownKey(author.person, public, teams) for public in author.publics.values()]

    async def stored(self, stated: Stated) -> int | None:
        """The row of this very statement, when the same person has posted it before."""
        row = await (await self.conn.execute(STORED, (stated.name, self.identity))).fetchone()
        return row[0] if row else None

    async def keep(self, stated: Stated, *, group: int | None = None, about: str | None = None) -> int:
        """A statement that was accepted, as it came."""
        signed = msgspec.json.encode(stated.signed).decode()
        row = (stated.name, stated.typ, self.identity, group, about, signed)
        found: int = (await fetch_one(self.conn, KEEP, row))[0]
        self.new.append(found)
        detail = {"statement": stated.name} | ({"member": about} if about else {})
        self.log.append(Entry(group, what_of(stated), detail))
        return found

    async def retire(self, *groups: int) -> None:
        """Keys of these groups, and of what a team among them is in, that somebody has who should not."""
        await self.conn.execute(RETIRE, (numbers(list(groups)),))

    async def number(self) -> None:
        """Last of all: from here until the commit nobody else gets a number."""
        if self.new:
            assert self.identity is not None
            await write_log(self.conn, self.identity, self.log)
            await self.conn.execute(NUMBER, (numbers(self.new),))
