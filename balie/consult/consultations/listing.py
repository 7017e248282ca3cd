"""What somebody sees of the consultaties of their conversations."""

from typing import Any, Final

from balie.lib.asgi import moment, moment_or_none
from balie.practices.passes import Pass
from balie.runtime.hot import Connection

LISTED_MOST: Final = 500

# What is open first, by the time against which it runs; what has ended is put behind it, the latest first.
LIST = """
select c.id, g.name, a.code, a.kind, c.asked_by_id, t.name, c.holder_id, c.asked_at, c.due_at, c.picked_up_at,
       c.concluded_at, c.escalated_at, c.billing_code, c.withdrawn_at,
       exists (select from consult_identity y
                where y.person_id = %(person)s and consult_answers_v1(c.team_id, c.holder_id, c.due_at, y.id))
  from consult_mine_v1(%(person)s) m
  join consult_consultation c on c.group_id = m.group_id
  join consult_group g on g.id = c.group_id
  join consult_agreement a on a.code = c.agreement_id
  left join consult_group t on t.id = c.team_id
 where %(group)s::text is null or g.name = %(group)s
 order by c.concluded_at desc nulls first, c.due_at, c.id limit %(most)s
"""
# What the teams agreed that one is in, or writes with.
OF_TEAMS = """
select g.name, n.agreement_id from consult_team_name n
  join consult_agreement a on a.code = n.agreement_id and a.offered
  join consult_group g on g.id = n.group_id
 where consult_belongs_v1(n.group_id, %(person)s)
    or exists (select from consult_mine_v1(%(person)s) m join consult_member x on x.group_id = m.group_id
                where x.team_id = n.group_id)
"""
AGREEMENTS = "select code, kind, unit, within from consult_agreement where offered order by kind desc, place, code"


async def read_consultations(conn: Connection, held: Pass, group: str | None = None) -> dict[str, Any]:
    """Those of the conversations one is in, or of one of them; for who works for a practice."""
    if held.practice is None:
        return {"consultations": [], "agreements": []}
    rows = await (await conn.execute(LIST, {"person": held.person, "group": group, "most": LISTED_MOST})).fetchall()
    agreements = await (await conn.execute(AGREEMENTS)).fetchall()
    of_teams = await (await conn.execute(OF_TEAMS, {"person": held.person})).fetchall()
    return {
        "consultations": sorted((_shown(row) for row in rows), key=_ended, reverse=True),
        "agreements": [
            {"code": code, "kind": kind, "unit": unit, "within": within} for code, kind, unit, within in agreements
        ],
        "of_teams": dict(of_teams),
    }


def _ended(shown: dict[str, Any]) -> str:
    """When; of what is open a word that comes after every time. Those stay in their order."""
    at: str = shown["concluded_at"] or shown["withdrawn_at"] or "open"
    return at


def _shown(row: Any) -> dict[str, Any]:
    each, group, agreement, kind, asked_by, team, holder, asked, due, picked_up, *rest = row
    concluded, escalated, code, withdrawn, ours = rest
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
        "withdrawn_at": moment_or_none(withdrawn),
        "escalated_at": moment_or_none(escalated),
        "billing_code": code,
        "of_own_team": ours,
    }
