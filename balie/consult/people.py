"""People as others may see them: whom one can write to, and what stands beside the name of a patient."""

from typing import Any

from balie.consult import hot
from balie.practices.passes import Pass
from balie.runtime.hot import Connection

PEOPLE = """
select x.id, x.name, c.practice, c.relation, c.of_whom
  from consult_people_v1(%(practice)s) x
  left join lateral consult_care_v1(%(asks)s, %(practice)s, x.person_id) c on c.practice is not null
 order by x.name, x.id, c.practice, c.of_whom
"""
CARE = """
select c.practice, c.relation, c.of_whom
  from consult_identity i, consult_care_v1(%s, %s, i.person_id) c where i.id = %s
"""
IDENTITY = "select id from consult_identity where person_id = %s and known <> ''"


async def read_people(conn: Connection, held: Pass) -> dict[str, Any]:
    """Who of one's practice has keys: colleagues, and patients with who they are to it."""
    you = await (await conn.execute(IDENTITY, (held.person,))).fetchone()
    rows = await (await conn.execute(PEOPLE, {"practice": held.practice, "asks": held.person})).fetchall()
    people: dict[str, dict[str, Any]] = {}
    for each, name, *care in rows:
        listed = people.setdefault(each, {"person": each, "name": name})
        if care[0] is not None:
            listed.setdefault("care", []).append(_care(care))
    return {"you": you[0] if you else None, "people": list(people.values())}


async def read_person(conn: Connection, held: Pass, identity: str) -> dict[str, Any] | None:
    """Name and statements of a person, and of a patient who they are; None when there is nobody of that id."""
    found = await hot.read_person(conn, held.person, identity)
    if found is None:
        return None
    rows = await (await conn.execute(CARE, (held.person, held.practice, identity))).fetchall()
    return found | {"care": [_care(row) for row in rows]} if rows else found


def _care(row: Any) -> dict[str, Any]:
    practice, relation, of_whom = row
    return {"practice": practice, "relation": relation, "of": of_whom}
