"""What clients ask of reserves, and tell about them (`docs/spec/consult/reserve.md`, `server.md`)."""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Annotated, Any

import msgspec
from psycopg.rows import dict_row
from psycopg_pool import AsyncConnectionPool

from balie.consult.asking import read_query, using
from balie.consult.intake.reserves import keep_copies
from balie.consult.logbook import Entry, write_log
from balie.consult.protocol.payloads import Id, Name
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.shares import THRESHOLD
from balie.consult.reserves.models import NOTE_MOST
from balie.consult.teams import administered
from balie.lib.asgi import Receive, Reply, Scope, json_reply, moment, read_body
from balie.lib.bodies import read
from balie.lib.problems import Problem
from balie.practices.passes import Pass
from balie.runtime.batcher import DEADLINE_S
from balie.runtime.hot import Connection

Answers = Mapping[tuple[str, str], Callable[[Pass, Scope, Receive], Awaitable[Reply]]]
Pool = AsyncConnectionPool[Connection]

COPIES_BODY_MOST = 1024 * 1024
DRILL_BODY_MOST = 4 * 1024
COPIES_MOST = 400

LIST = """
select team, keys, set, made_at, made_by, used, due_at, due_at <= clock_timestamp() as due, copied, holders, drills
  from consult_reserves_v1(%s)
"""
COPIES = """
select k.name, c.sealed
  from consult_identity i
  join consult_member m on m.identity_id = i.id
  join consult_group g on g.id = m.group_id and g.kind = 'team' and g.name = %s
  join consult_reserve r on r.group_id = g.id and r.replaced_at is null
  join consult_reserve_copy c on c.reserve_id = r.id
  join consult_group_key k on k.id = c.key_id
 where i.person_id = %s order by k.id
"""
# The team's row is the lock: a reserve that is replaced meanwhile gets nothing more.
FIND = """
select r.id, g.id, i.id from consult_group g
  join consult_reserve r on r.group_id = g.id and r.replaced_at is null and r.set = %s
  join consult_identity i on i.person_id = %s and i.known <> ''
 where g.name = %s and g.kind = 'team' and consult_belongs_v1(g.id, %s) for no key update of g
"""
DRILLED = """
insert into consult_reserve_drill (reserve_id, identity_id, at, passed, parts, note)
select r.id, %s, clock_timestamp(), %s, %s, %s from consult_reserve r
 where r.group_id = %s and r.set = %s and r.replaced_at is null returning id
"""


class TeamQuery(msgspec.Struct, frozen=True):
    team: Name


class CopiesBody(msgspec.Struct, frozen=True):
    """Copies that a reserve has not yet, by the name of the key."""

    team: Name
    set: Id
    sealed: Annotated[dict[Name, Annotated[str, msgspec.Meta(max_length=2048)]], msgspec.Meta(max_length=COPIES_MOST)]


class DrillBody(msgspec.Struct, frozen=True):
    """How a drill went; of one that failed, what was wrong, in words."""

    team: Name
    set: Id
    passed: bool
    parts: Annotated[str, msgspec.Meta(pattern=r"^(1|2|3|12|13|23|123)\Z")]
    note: Annotated[str, msgspec.Meta(max_length=NOTE_MOST)] = ""

    def __post_init__(self) -> None:
        if self.note if self.passed else not self.note.strip():
            raise ValueError("a failure says what was wrong")
        if self.passed and len(self.parts) < THRESHOLD:
            raise ValueError("one part proves nothing")


COPIES_POSTED = msgspec.json.Decoder(CopiesBody)
DRILL_POSTED = msgspec.json.Decoder(DrillBody)


async def read_reserves(conn: Connection, person: int) -> list[dict[str, Any]]:
    """Of each team that this person is in: its keys, and its reserve or None."""
    async with conn.cursor(row_factory=dict_row) as cursor:
        rows = await (await cursor.execute(LIST, (person,))).fetchall()
    return [{"team": row.pop("team"), "keys": row.pop("keys"), "reserve": _shown(row)} for row in rows]


def _shown(row: dict[str, Any]) -> dict[str, Any] | None:
    if row["set"] is None:
        return None
    times = {"made_at": moment(row["made_at"]), "due_at": moment(row["due_at"])}
    return row | times | {"drills": row["drills"] or []}


async def read_copies(conn: Connection, person: int, team: str) -> dict[str, str]:
    """Copies of the keys of a team that this person is in: without two parts they open nothing."""
    return dict(await (await conn.execute(COPIES, (team, person))).fetchall())


async def add_copies(conn: Connection, person: int, body: CopiesBody) -> None:
    """Keep what the reserve has not. Raises Problem: `behind` when it is another by now."""
    async with conn.transaction():
        found = await (await conn.execute(FIND, (body.set, person, body.team, person))).fetchone()
        if found is None:
            raise Problem("not_found")
        reserve, group, by = found
        try:
            await keep_copies(conn, group=group, reserve=reserve, by=by, sealed=body.sealed)
        except Rejected as fault:
            raise Problem("rejected", errors=[{"at": "sealed", "code": fault.reason}]) from None


async def note_drill(conn: Connection, held: Pass, body: DrillBody) -> None:
    """Write down how a drill went, as one who administers the team. Raises Problem."""
    async with conn.transaction():
        by = await administered(conn, held, body.team)
        row = (by.author, body.passed, body.parts, body.note.strip(), by.team, body.set)
        if await (await conn.execute(DRILLED, row)).fetchone() is None:
            raise Problem("not_found")
        detail = {"passed": body.passed, "parts": body.parts} | ({"note": body.note.strip()} if body.note else {})
        await write_log(conn, by.author, [Entry(by.team, "reserve-drilled", detail)])


def answers(*, readers: Pool, writers: Pool) -> Answers:
    """What is asked about reserves, and who answers."""

    async def listed(held: Pass, _scope: Scope, _receive: Receive) -> Reply:
        return json_reply(200, {"reserves": await using(readers, partial(read_reserves, person=held.person))})

    async def copies(held: Pass, scope: Scope, _receive: Receive) -> Reply:
        asked = read_query(scope, TeamQuery)
        found = await using(readers, lambda conn: read_copies(conn, held.person, asked.team))
        return json_reply(200, {"copies": found})

    async def add(held: Pass, _scope: Scope, receive: Receive) -> Reply:
        body = read(COPIES_POSTED, await read_body(receive, limit=COPIES_BODY_MOST, within_s=DEADLINE_S))
        await using(writers, lambda conn: add_copies(conn, held.person, body))
        return json_reply(200, {})

    async def drilled(held: Pass, _scope: Scope, receive: Receive) -> Reply:
        body = read(DRILL_POSTED, await read_body(receive, limit=DRILL_BODY_MOST, within_s=DEADLINE_S))
        await using(writers, lambda conn: note_drill(conn, held, body))
        return json_reply(200, {})

    return {
        ("GET", "reserves"): listed,
        ("GET", "reserve/copies"): copies,
        ("POST", "reserve/copies"): add,
        ("POST", "reserve/drill"): drilled,
    }
