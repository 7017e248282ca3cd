"""Groups as the server has them: rows of a group, who is in it, and its acts."""

import asyncio
from dataclasses import dataclass

import msgspec

from balie.consult.intake.post import Post
from balie.consult.intake.stated import Act as Form
from balie.consult.intake.stated import Refused
from balie.consult.protocol.membership import TYP, Act, Kind
from balie.consult.protocol.payloads import decode
from balie.consult.protocol.statements import peek
from balie.runtime.hot import Connection

FIND = "select id, name, kind from consult_group where name = %s and consult_belongs_v1(id, %s)"
ACTS = """
select s.name, s.signed, s.received_at < clock_timestamp() - interval '10 seconds'
  from consult_statement s join consult_group g on g.id = s.group_id where g.name = %s and s.typ = %s order by s.id
"""
MEMBERS = """
select coalesce('person:' || m.identity_id, 'team:' || t.name), m.id, m.identity_id, m.team_id,
       case when t.id is null then i.kem else consult_team_kem_v1(t.id) end
  from consult_member m
  left join consult_identity i on i.id = m.identity_id
  left join consult_group t on t.id = m.team_id
 where m.group_id = %s
"""


@dataclass(frozen=True)
class Group:
    pk: int
    name: str
    kind: Kind


@dataclass(frozen=True)
class KeptAct:
    """`settled`: whoever acts should have heard of it by now."""

    act: Act
    settled: bool


@dataclass(frozen=True)
class Row:
    """A member's row; `kem` is the name of their current KEM key, if they have one."""

    pk: int
    identity: str | None
    team: int | None
    kem: str | None


async def find_group(post: Post, name: str) -> Group:
    """One that who posts belongs to. Absent and forbidden look alike: Refused."""
    row = await (await post.conn.execute(FIND, (name, post.person))).fetchone()
    if row is None:
        raise Refused("rejected", "unknown-group")
    return Group(*row)


async def read_acts(conn: Connection, group: str) -> list[KeptAct]:
    """All acts of a group. Their signatures were checked when they came."""
    rows = await (await conn.execute(ACTS, (group, TYP))).fetchall()
    return await asyncio.to_thread(lambda: [KeptAct(_act(name, signed), settled) for name, signed, settled in rows])


def _act(name: str, signed: str) -> Act:
    form: Form = decode(peek(msgspec.json.decode(signed)), Form)  # type: ignore[arg-type]
    return Act(name, form)


async def read_members(conn: Connection, group: int) -> dict[str, Row]:
    """Member, as the protocol writes it, to row."""
    rows = await (await conn.execute(MEMBERS, (group,))).fetchall()
    return {row[0]: Row(*row[1:]) for row in rows}
