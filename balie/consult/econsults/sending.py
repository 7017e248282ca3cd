"""A patient sends an e-consult: into the queue of the practice that treats them, or on to the post that takes over from
one that closed. One transaction, in which the conversation is locked and the team's queue stands still.

Sent again after no answer, it says what it said before.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec

from balie.consult import hot
from balie.consult.econsults.acts import author_of
from balie.consult.econsults.triage import QUEUED, Code, Urgency, read_questionnaire
from balie.consult.hot import StoreRequest
from balie.consult.keysets import COMPACT_JWE
from balie.consult.logbook import Entry, write_log
from balie.consult.protocol.boxes import kid_of
from balie.consult.protocol.messages import ENVELOPE_MAX
from balie.consult.protocol.payloads import Id, Name
from balie.consult.protocol.reasons import Rejected
from balie.lib.asgi import moment
from balie.lib.problems import Problem
from balie.practices.functions.picture import Functions
from balie.practices.passes import Pass
from balie.runtime.hot import Connection

SEND_MOST: Final = ENVELOPE_MAX + 2048

# Its own conversation, and that of the one it comes instead of.
LOCK = """
select g.id, g.name from consult_group g
 where g.kind = 'conversation'
   and (g.name = %(name)s or g.id = (select e.group_id from consult_econsult e where e.id = %(instead)s))
 order by g.id for no key update
"""
KNOWN = "select group_id, urgency from consult_econsult where id = %s and patient_id = %s"
# The team for patients that this conversation is with. Its row stays locked: what comes to a team has one order.
TEAM = """
select n.group_id, n.practice_id, p.phone, consult_econsult_closed_v1(n.practice_id)
  from consult_member m
  join consult_team_name n on n.group_id = m.team_id and n.for_patients
  join practices_practice p on p.id = n.practice_id
 where m.group_id = %(group)s and consult_belongs_v1(m.group_id, %(person)s)
   and (exists (select from patients_patient t
                 where t.practice_id = p.id and t.person_id = %(person)s and t.ended_at is null)
        or exists (select from consult_econsult o
                    cross join lateral consult_post_moves_to_v1(o.practice_id) t
                    where o.id = %(instead)s and o.patient_id = %(author)s and t.team = n.group_id))
   for no key update of n
"""
QUESTIONNAIRE = """
select id, body from consult_questionnaire q
 where q.code = %(code)s and q.version = %(version)s and q.offered
   and (q.practice_id = %(practice)s
        or q.practice_id is null and not exists (
          select from consult_questionnaire o where o.practice_id = %(practice)s and o.offered))
"""
# Out of the queue of a post that is closed, to the one that takes over; unless somebody picked it up meanwhile.
MOVE = """
update consult_econsult e set moved_at = clock_timestamp()
 where e.id = %(instead)s and e.patient_id = %(author)s and e.urgency = %(urgency)s and consult_econsult_waits_v1(e)
   and exists (select from consult_post_moves_to_v1(e.practice_id) t where t.team = %(team)s)
returning e.group_id, e.questionnaire_id, e.due_at
"""
STANDS = "select group_id, holder_id from consult_econsult where id = %s and patient_id = %s"
# Beside nothing else: in a conversation that has no message yet, and no e-consult. What was moved keeps its time.
SEND = """
insert into consult_econsult (
  id, group_id, practice_id, team_id, patient_id, questionnaire_id, urgency, number, arrived_at, due_at, instead_of_id)
select %(id)s, g.id, %(practice)s, %(team)s, %(author)s, %(questionnaire)s, %(urgency)s,
       (select coalesce(max(e.number), 0) + 1 from consult_econsult e where e.team_id = %(team)s),
       now.at, coalesce(%(due)s, now.at + make_interval(mins => %(within)s)), %(instead)s
  from consult_group g, (select clock_timestamp() as at) now
 where g.id = %(group)s and g.last = 0
on conflict do nothing
returning due_at
"""


class SendBody(msgspec.Struct, frozen=True):
    """`urgency` as the patient's own browser told it, by that version of the questionnaire. The answers are in
    `envelope`, the first message of the conversation, whose id is `message`. `instead`: of an e-consult of theirs that
    waits at a post that closed, and goes on as this one.
    """

    id: Id
    conversation: Name
    questionnaire: Code
    version: Annotated[int, msgspec.Meta(ge=1, le=32767)]
    urgency: Urgency
    device: Id
    message: Id
    envelope: Annotated[str, msgspec.Meta(max_length=ENVELOPE_MAX, pattern=COMPACT_JWE)]
    instead: Id | None = None


@dataclass(frozen=True)
class Asked:
    """By which questionnaire, and by when it is answered: in so many minutes, or at this moment."""

    questionnaire: int
    within: int = 0
    due: datetime | None = None
    moved_from: int | None = None


async def send(conn: Connection, held: Pass, body: SendBody, functions: Functions) -> None:
    """As a patient: into the queue of one's practice, with its first message, or not at all. Raises Problem: `call`
    says that they must phone, and nothing was kept.
    """
    if held.practice is not None:
        raise Problem("not_found")
    async with conn.transaction():
        author = await author_of(conn, held)
        group = await _lock(conn, body)
        urgency = int(body.urgency[1])
        known = await (await conn.execute(KNOWN, (body.id, author))).fetchone()
        if known is not None:
            if known != (group, urgency):
                raise Problem("taken")
            return
        sent = {"id": body.id, "author": author, "person": held.person, "group": group, "urgency": urgency}
        sent |= {"instead": body.instead}
        found = await (await conn.execute(TEAM, sent)).fetchone()
        if found is None:
            if body.instead is not None:
                await _explain(conn, sent)
            raise Problem("not_found")
        team, practice, phone, closed = found
        if closed is not None:
            raise functions.problem(closed)
        sent |= {"team": team, "practice": practice}
        asked = await (_move(conn, sent) if body.instead else _weigh(conn, body, practice, phone))
        await _queue(conn, sent, asked, body)
        await _keep_message(conn, held, body)


async def _lock(conn: Connection, body: SendBody) -> int:
    """The conversation it is to be in."""
    names = {"name": body.conversation, "instead": body.instead}
    rows = await (await conn.execute(LOCK, names)).fetchall()
    group: int | None = next((key for key, name in rows if name == body.conversation), None)
    if group is None:
        raise Problem("not_found")
    return group


async def _weigh(conn: Connection, body: SendBody, practice: int, phone: str) -> Asked:
    """Raises Problem where that questionnaire is not offered, or says that this cannot wait."""
    said = {"code": body.questionnaire, "version": body.version, "practice": practice}
    row = await (await conn.execute(QUESTIONNAIRE, said)).fetchone()
    asked = read_questionnaire(row[1].encode()) if row else None
    waits = next((each for each in QUEUED if each == body.urgency), None)
    if row is None or asked is None or waits is None:
        raise Problem("call", phone=phone)
    return Asked(row[0], within=asked.within[waits])


async def _move(conn: Connection, sent: dict[str, Any]) -> Asked:
    """Raises Problem where it does not wait any more."""
    row = await (await conn.execute(MOVE, sent)).fetchone()
    if row is None:
        await _explain(conn, sent)
        raise Problem("taken")
    group, questionnaire, due = row
    return Asked(questionnaire, due=due, moved_from=group)


async def _explain(conn: Connection, sent: dict[str, Any]) -> None:
    row = await (await conn.execute(STANDS, (sent["instead"], sent["author"]))).fetchone()
    if row is not None and row[1] is not None:
        raise Problem("picked_up", holder=row[1])


async def _queue(conn: Connection, sent: dict[str, Any], asked: Asked, body: SendBody) -> None:
    about = {"questionnaire": asked.questionnaire, "within": asked.within, "due": asked.due}
    row = await (await conn.execute(SEND, sent | about)).fetchone()
    if row is None:
        raise Problem("taken")
    detail = {"id": body.id, "urgency": body.urgency, "due": moment(row[0])}
    entries = [Entry(sent["group"], "econsult-sent", detail)]
    if asked.moved_from is not None:
        entries.append(Entry(asked.moved_from, "econsult-moved", {"id": body.instead, "to": body.id}))
    await write_log(conn, sent["author"], entries)


async def _keep_message(conn: Connection, held: Pass, body: SendBody) -> None:
    try:
        key = kid_of(body.envelope)
    except Rejected:
        raise Problem("bad_request", errors=[{"at": "envelope", "code": "malformed"}]) from None
    request = StoreRequest(body.conversation, held.person, body.device, body.message, key, body.envelope)
    [answer] = await hot.store_batch(conn, [request])
    if answer.outcome != "stored":
        raise Problem(answer.outcome)
