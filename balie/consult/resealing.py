"""What is left to seal again since there is a newer suite (`docs/spec/consult/teams.md`, "Sealing again")."""

from typing import Any

from balie.consult.protocol import suite
from balie.runtime.hot import Connection

# A copy says itself, in its first byte, of which suite it is; of several of one key to one member the newest counts.
LEFT = """
with mine as (
  select m.group_id from consult_identity i join consult_member m on m.identity_id = i.id where i.person_id = %(person)s
  union
  select m.group_id
    from consult_identity i
    join consult_member t on t.identity_id = i.id join consult_member m on m.team_id = t.group_id
   where i.person_id = %(person)s
), newest as (
  select k.group_id, max(get_byte(decode(translate(left(c.sealed, 4), '-_', '+/'), 'base64'), 0)) as suite
    from mine
    join consult_group_key k on k.group_id = mine.group_id
    join consult_sealed_copy c on c.key_id = k.id
    join consult_member m on m.group_id = k.group_id and (m.identity_id = c.identity_id or m.team_id = c.team_id)
   group by k.group_id, k.id, m.id
)
select g.name, count(*), count(*) filter (where n.suite < %(suite)s)
  from newest n join consult_group g on g.id = n.group_id group by g.name order by g.name
"""


async def read_left(conn: Connection, person: int) -> dict[str, Any]:
    """How many copies of keys there are for members of this person's groups, how many are not of the current suite yet,
    and in which groups.
    """
    if suite.CURRENT == suite.FIRST:
        return {"all": 0, "left": 0, "groups": []}
    rows = await (await conn.execute(LEFT, {"person": person, "suite": suite.CURRENT})).fetchall()
    groups = [name for name, _, left in rows if left]
    return {"all": sum(row[1] for row in rows), "left": sum(row[2] for row in rows), "groups": groups}
