"""What somebody sees of the consultaties of their conversations."""

from typing import Any, Final

from balie.lib.asgi import moment, moment_or_none
from balie.practices.passes import Pass
from balie.runtime.hot import Connection

LISTED_MOST: Final = 500

# What is open first, by the time against which it runs; then what was concluded, the latest first.
LIST = """
select c.id, g.name, a.code, a.kind, c.asked_by_id, t.name, c.holder_id, c.asked_at, c.due_at, c.picked_up_at,
       c.concluded_at, c.escalated_at, c.billing_code,
       exists (select from consult_member x join consult_identity y on y.id = x.identity_id
                where x.group_id = c.team_id and y.person_id = %(person)s)
  from consult_mine_v1(%(person)s) m
  join consult_consultation c on c.group_id = m.group_id
  join consult_group g on g.id = c.group_id
  join consult_agreement a on a.code = c.agreement_id
  left join consult_group t on t.id = c.team_id
 where %(group)s::text is null or g.name = %(group)s
 order by c.concluded_at desc nulls first, c.due_at, c.id limit %(most)s
"""
AGREEMENTS = "select code, kind, unit, within from consult_agreement where offered order by kind desc, place, code"


async def read_consultations(conn: Connection, held: Pass, group: str | None = None) -> dict[str, Any]:
    """Those of the conversations one is in, or of one of them; for who works for a practice."""
    if held.practice is None:
        return {"consultations": [], "agreements": []}
    rows = await (await conn.execute(LIST, {"person": held.person, "group": group, "most": LISTED_MOST})).fetchall()
    agreements = await (await conn.execute(AGREEMENTS)).fetchall()
    return {
        "consultations": [_shown(row) for row in rows],
        "agreements": [
            {"code": code, "kind": kind, "unit": unit, "within": within} for code, kind, unit, within in agreements
        ],
    }


def _shown(row: Any) -> dict[str, Any]:
    each, group, agreement, kind, asked_by, team, holder, asked, due, picked_up, concluded, escalated, code, ours = row
    return {
        "id": each,
        "conversation": group,
        "agreement": agreement,
        "kind": kind,
        "asked_by": asked_by,
        "team": team,
        "holder": holder,
        "asked_at": moment(asked),
        "due_at": moment(due),
        "picked_up_at": moment_or_none(picked_up),
        "concluded_at": moment_or_none(concluded),
        "escalated_at": moment_or_none(escalated),
        "billing_code": code,
        "of_own_team": ours,
    }
