"""What somebody sees of e-consults: a patient their own, with their place in the queue; a team those it answers."""

from typing import Any, Final

import msgspec
from django.utils.translation import override

from balie.consult.econsults.triage import Questionnaire, read_questionnaire
from balie.lib.asgi import moment, moment_or_none
from balie.practices.functions.picture import Functions, SwitchRow
from balie.practices.passes import Pass
from balie.runtime.hot import Connection

LISTED_MOST: Final = 500
JUDGED_BY: Final = 20  # the last e-consults of that urgency that the team picked up
FEWEST: Final = 5

# The queue as it is: by urgency, then by arrival. What is over comes last, the latest first.
LIST = """
select e.id, g.name, r.name, p.name, p.phone, e.patient_id, e.urgency, e.arrived_at, e.due_at, e.holder_id,
       e.picked_up_at, e.closed_at, e.closed_at + interval '5 minutes', q.id, q.code, q.version,
       exists (select from consult_member x join consult_identity y on y.id = x.identity_id
                where x.group_id = e.team_id and y.person_id = %(person)s),
       case when consult_econsult_waits_v1(e) then 1 + (
         select count(*) from consult_econsult o
          where o.team_id = e.team_id and consult_econsult_waits_v1(o)
            and (o.urgency, o.number) < (e.urgency, e.number)) end,
       w.begins, w.ends, e.practice_id, c.say, h.name, h.phone, k.name,
       case when e.closed_at is null and e.moved_at is null and (now() at time zone 'Europe/Amsterdam')::date
                 between c.away_from and c.away_until then c.away_say end,
       (select v.name from consult_econsult o join consult_group v on v.id = o.group_id where o.instead_of_id = e.id)
  from consult_mine_v1(%(person)s) m
  join consult_econsult e on e.group_id = m.group_id
  join consult_group g on g.id = e.group_id
  join consult_group r on r.id = e.team_id
  join practices_practice p on p.id = e.practice_id
  join consult_questionnaire q on q.id = e.questionnaire_id
  left join lateral (
    select e.arrived_at + percentile_cont(0.25) within group (order by l.waited) as begins,
           e.arrived_at + percentile_cont(0.75) within group (order by l.waited) as ends
      from (select o.picked_up_at - o.arrived_at as waited from consult_econsult o
             where o.team_id = e.team_id and o.urgency = e.urgency and o.picked_up_at is not null
             order by o.picked_up_at desc limit %(judged_by)s) l
    having count(*) >= %(fewest)s) w on %(patient)s and consult_econsult_waits_v1(e)
  left join consult_post_choice c on c.practice_id = e.practice_id
  left join lateral consult_post_moves_to_v1(e.practice_id) t on consult_econsult_waits_v1(e)
  left join practices_practice h on h.id = t.practice
  left join consult_group k on k.id = t.team
 order by coalesce(e.closed_at, e.moved_at) desc nulls first, e.urgency, e.number limit %(most)s
"""
ASKED_BY = "select id, body from consult_questionnaire where id = any (%s)"
# Of each practice that treats them and has a team for patients: what it offers now, or else what all offer.
INTAKES = """
select p.id, p.name, p.phone, g.name, q.body,
       case when (now() at time zone 'Europe/Amsterdam')::date between c.away_from and c.away_until then c.away_say end,
       case when c.agreed_at is not null then h.name end, coalesce(c.say, '')
  from patients_patient t
  join practices_practice p on p.id = t.practice_id
  join consult_team_name n on n.practice_id = p.id and n.for_patients
  join consult_group g on g.id = n.group_id
  left join lateral (
    select q.body from consult_questionnaire q
     where q.offered and (q.practice_id = p.id or q.practice_id is null)
     order by q.practice_id nulls last limit 1) q on true
  left join consult_post_choice c on c.practice_id = p.id
  left join practices_practice h on h.id = c.moves_to_id
 where t.person_id = %s and t.ended_at is null
 order by p.name, p.id
"""


async def read_econsults(conn: Connection, held: Pass, functions: Functions, language: str) -> dict[str, Any]:
    """Those of the conversations one is in, with what a post that closed tells who waits. For who works for a practice
    with the questionnaires by which they were judged: their browser tells the urgency again, from the answers.
    """
    asked = {"person": held.person, "patient": held.practice is None, "most": LISTED_MOST}
    judged = {"judged_by": JUDGED_BY, "fewest": FEWEST}
    rows = await (await conn.execute(LIST, asked | judged)).fetchall()
    with override(language):  # nothing is awaited in here
        found: dict[str, Any] = {"econsults": [_shown(row, functions) for row in rows]}
    if held.practice is not None:
        bodies = await (await conn.execute(ASKED_BY, (sorted({row[13] for row in rows}),))).fetchall()
        found["questionnaires"] = {str(number): msgspec.Raw(body.encode()) for number, body in bodies}
    return found


async def read_intakes(conn: Connection, held: Pass, functions: Functions, language: str) -> dict[str, Any]:
    """As a patient: which practices one can send an e-consult to, and what each asks. A questionnaire that does not
    hold is null: they phone.
    """
    if held.practice is not None:
        return {"practices": []}
    rows = await (await conn.execute(INTAKES, (held.person,))).fetchall()
    with override(language):  # nothing is awaited in here
        return {"practices": [_intake(row, functions) for row in rows]}


def _closed(practice: int, functions: Functions) -> SwitchRow | None:
    return functions.closed("econsult", practice=practice) or functions.closed("conversations", practice=practice)


def _intake(row: Any, functions: Functions) -> dict[str, Any]:
    practice, name, phone, team, body, away, takes_over, say = row
    closed = _closed(practice, functions)
    asked: Questionnaire | None = read_questionnaire(body.encode() if body else None)
    return {
        "practice": name,
        "phone": phone,
        "team": team,
        "questionnaire": asked,
        "closed": closed.content() if closed else None,
        "say": say if closed else "",
        "away": away,
        "takes_over": takes_over,
    }


def _shown(row: Any, functions: Functions) -> dict[str, Any]:
    each, group, team, practice, phone, patient, urgency, arrived, due, holder, picked_up, closed, accepts, *more = row
    asked, code, version, ours, place, begins, ends, *chosen, away, moved = more
    return {
        "id": each,
        "conversation": group,
        "team": team,
        "practice": practice,
        "phone": phone,
        "patient": patient,
        "urgency": f"U{urgency}",
        "questionnaire": {"of": str(asked), "code": code, "version": version},
        "arrived_at": moment(arrived),
        "due_at": moment(due),
        "place": place,
        "expected": {"from": moment(begins), "until": moment(ends)} if begins else None,
        "holder": holder,
        "picked_up_at": moment_or_none(picked_up),
        "closed_at": moment_or_none(closed),
        "accepts_until": moment_or_none(accepts),
        "of_own_team": ours,
        "shut": _shut(chosen, functions) if place is not None else None,
        "away": away,
        "moved_to": moved,
    }


def _shut(chosen: Any, functions: Functions) -> dict[str, Any] | None:
    """What is told to who waits at a post that is closed: why, what to do as the post chose it, and who takes over."""
    practice, say, other, phone, team = chosen
    closed = _closed(practice, functions)
    if closed is None:
        return None
    takes_over = {"practice": other, "phone": phone, "team": team} if team is not None else None
    return {"closed": closed.content(), "say": say or "", "takes_over": takes_over}
