"""What a client asks besides messages before a conversation is taken out (`docs/spec/consult/export.md`): for whom its
people and teams work, and the consultaties and e-consults of that conversation, all of them.
"""

from typing import Any, Final

from balie.consult.consultations.listing import read_consultations
from balie.consult.logbook import find_book
from balie.lib.asgi import moment, moment_or_none
from balie.practices.passes import Pass
from balie.runtime.hot import Connection

# Whoever is or was in it, wrote in it, or stands in its log; the practice of who works for exactly one.
PEOPLE: Final = """
with named as (
  select m.identity_id from consult_member m where m.group_id = %(group)s and m.identity_id is not null
  union
  select t.identity_id from consult_member m join consult_member t on t.group_id = m.team_id
   where m.group_id = %(group)s
  union
  select f.identity_id from consult_former f where f.group_id = %(group)s
  union
  select d.identity_id from consult_message x join consult_device d on d.id = x.device_id where x.group_id = %(group)s
  union
  select e.identity_id from consult_log_book b join consult_log_entry e on e.book_id = b.id
   where b.group_id = %(group)s)
select i.id, p.name, w.agb_code, w.name, consult_is_patient_v1(i.person_id)
  from named n
  join consult_identity i on i.id = n.identity_id
  join practices_person p on p.id = i.person_id
  left join practices_practice w on w.id = (
    select min(m.practice_id) from practices_membership m where m.person_id = i.person_id having count(*) = 1)
 order by i.id
"""
TEAMS: Final = """
with named as (
  select m.team_id as id from consult_member m where m.group_id = %(group)s
  union
  select c.team_id from consult_consultation c where c.group_id = %(group)s
  union
  select e.team_id from consult_econsult e where e.group_id = %(group)s)
select g.name, t.name, p.agb_code, p.name
  from named n
  join consult_group g on g.id = n.id
  left join consult_team_name t on t.group_id = g.id
  left join practices_practice p on p.id = t.practice_id
 order by g.name
"""
ECONSULTS: Final = """
select e.id, r.name, e.patient_id, e.urgency, e.arrived_at, e.due_at, e.holder_id, e.picked_up_at, e.closed_at,
       e.moved_at is not null
  from consult_econsult e join consult_group r on r.id = e.team_id
 where e.group_id = %(group)s
"""


async def read_extract(conn: Connection, held: Pass, group: str) -> dict[str, Any]:
    """For whoever reads this conversation, now or until their treatment ended. Raises Problem."""
    about = {"group": await find_book(conn, held.person, group)}
    people = await (await conn.execute(PEOPLE, about)).fetchall()
    teams = await (await conn.execute(TEAMS, about)).fetchall()
    econsults = await (await conn.execute(ECONSULTS, about)).fetchall()
    practices = {row[2]: row[3] for row in [*people, *teams] if row[2]}
    return {
        "people": [
            {"person": person, "name": name, "practice": agb, "patient": patient}
            for person, name, agb, _, patient in people
        ],
        "teams": [{"team": team, "name": name, "practice": agb} for team, name, agb, _ in teams],
        "practices": [{"agb": agb, "name": practices[agb]} for agb in sorted(practices)],
        "consultations": (await read_consultations(conn, held, group))["consultations"],
        "econsults": [_econsult(row) for row in econsults],
    }


def _econsult(row: Any) -> dict[str, Any]:
    each, team, patient, urgency, arrived, due, holder, picked_up, closed, moved = row
    return {
        "id": each,
        "team": team,
        "patient": patient,
        "urgency": f"U{urgency}",
        "arrived_at": moment(arrived),
        "due_at": moment(due),
        "holder": holder,
        "picked_up_at": moment_or_none(picked_up),
        "closed_at": moment_or_none(closed),
        "moved": moved,
    }
