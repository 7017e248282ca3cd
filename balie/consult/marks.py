"""What people put on conversations for themselves: a flag, and that they are done with it for now."""

from typing import Annotated, Any

import msgspec

from balie.consult.protocol.payloads import Name
from balie.lib.problems import Problem
from balie.runtime.hot import Connection

BODY_MOST = 1024

KEEP = """
insert into consult_mark (group_id, identity_id, flagged, archived)
select g.id, i.id, %(flagged)s, case when %(archived)s::bigint is not null then least(%(archived)s::bigint, g.last) end
  from consult_group g
  join consult_identity i on i.person_id = %(person)s
 where g.name = %(conversation)s and g.kind = 'conversation' and consult_belongs_v1(g.id, %(person)s)
on conflict (group_id, identity_id) do update set flagged = excluded.flagged, archived = excluded.archived
returning 1
"""
READ = """
select g.name, m.flagged, m.archived
  from consult_mark m
  join consult_group g on g.id = m.group_id
  join consult_identity i on i.id = m.identity_id
 where i.person_id = %s order by g.name collate "C"
"""


class MarkBody(msgspec.Struct, frozen=True):
    """`archived` is the place up to which one is done with it: what comes after brings it back. None: it is not."""

    conversation: Name
    flagged: bool
    archived: Annotated[int, msgspec.Meta(ge=0, le=2**53 - 1)] | None


async def keep_mark(conn: Connection, person: int, mark: MarkBody) -> None:
    """In the place of the one before. Raises Problem."""
    row = await (await conn.execute(KEEP, {**msgspec.structs.asdict(mark), "person": person})).fetchone()
    if row is None:
        raise Problem("not_found")


async def read_marks(conn: Connection, person: int) -> dict[str, Any]:
    """All of this person's, of conversations they belong to or did."""
    rows = await (await conn.execute(READ, (person,))).fetchall()
    return {"marks": [{"conversation": name, "flagged": flagged, "archived": place} for name, flagged, place in rows]}
