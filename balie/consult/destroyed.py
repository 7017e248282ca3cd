"""Conversations that were destroyed, for the clients of who could read them: those forget what they have."""

from collections.abc import Sequence
from typing import Any, Final

from balie.lib.asgi import moment
from balie.runtime.hot import Connection

TOPIC: Final = "destroyed"

OF: Final = """
select g.name, d.at from consult_identity i
  join consult_witness w on w.identity_id = i.id
  join consult_destruction d on d.id = w.destruction_id
  join consult_group g on g.id = d.group_id
 where i.person_id = %s order by d.at, g.name
"""
WHO: Final = """
select distinct i.person_id from consult_witness w join consult_identity i on i.id = w.identity_id
 where w.destruction_id = any(%s::bigint[])
"""


async def read_destroyed(conn: Connection, person: int) -> dict[str, Any]:
    """Of one person, the oldest first."""
    rows = await (await conn.execute(OF, (person,))).fetchall()
    return {"destroyed": [{"conversation": name, "at": moment(at)} for name, at in rows]}


async def read_witnesses(conn: Connection, destructions: Sequence[int]) -> set[int]:
    """The people whose clients must forget these."""
    rows = await (await conn.execute(WHO, (list(destructions),))).fetchall()
    return {row[0] for row in rows}
