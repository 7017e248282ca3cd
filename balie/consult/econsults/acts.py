"""What people do with an e-consult: a patient sends it, and the team of their practice picks it up, hands it over and
closes it. Each is one transaction, in which the conversation is locked, one guarded statement decides, and the log is
written.

Sent again after no answer, each says what it said before.
"""

from typing import Annotated, Any, Final, LiteralString

import msgspec

from balie.consult import hot
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
ACT_MOST: Final = 2048

AUTHOR = "select id from consult_identity where person_id = %s and known <> ''"
LOCK = "select id from consult_group where name = %s and kind = 'conversation' for no key update"
LOCK_OF = """
select g.id from consult_group g
 where g.id = (select e.group_id from consult_econsult e where e.id = %s) for no key update
"""
KNOWN = "select group_id, urgency from consult_econsult where id = %s and patient_id = %s"
# The team for patients that this conversation is with. Its row stays locked: what comes to a team has one order.
TEAM = """
select n.group_id, n.practice_id, p.phone, consult_econsult_closed_v1(n.practice_id)
  from consult_member m
  join consult_team_name n on n.group_id = m.team_id and n.for_patients
  join practices_practice p on p.id = n.practice_id
 where m.group_id = %(group)s and consult_belongs_v1(m.group_id, %(person)s)
   and exists (select from patients_patient t
                where t.practice_id = p.id and t.person_id = %(person)s and t.ended_at is null)
   for no key update of n
"""
QUESTIONNAIRE = """
select id, body from consult_questionnaire q
 where q.code = %(code)s and q.version = %(version)s and q.offered
   and (q.practice_id = %(practice)s
        or q.practice_id is null and not exists (
          select from consult_questionnaire o where o.practice_id = %(practice)s and o.offered))
"""
# Beside nothing else: in a conversation that has no message yet, and no e-consult.
SEND = """
insert into consult_econsult (
  id, group_id, practice_id, team_id, patient_id, questionnaire_id, urgency, number, arrived_at, due_at)
select %(id)s, g.id, %(practice)s, %(team)s, %(author)s, %(questionnaire)s, %(urgency)s,
       (select coalesce(max(e.number), 0) + 1 from consult_econsult e where e.team_id = %(team)s),
       now.at, now.at + make_interval(mins => %(within)s)
  from consult_group g, (select clock_timestamp() as at) now
 where g.id = %(group)s and g.last = 0
on conflict do nothing
returning due_at
"""
# Nobody has it, or who has it is no longer in the conversation.
PICK_UP = """
update consult_econsult e
   set holder_id = %(author)s::text, picked_up_at = coalesce(e.picked_up_at, clock_timestamp())
 where e.id = %(id)s::text and e.closed_at is null
   and exists (select from consult_member t where t.group_id = e.team_id and t.identity_id = %(author)s::text)
   and consult_belongs_v1(e.group_id, %(person)s::bigint)
   and (e.holder_id is null or not exists (
     select from consult_identity h where h.id = e.holder_id and consult_belongs_v1(e.group_id, h.person_id)))
returning e.group_id
"""
# From the one who is known to have it: who hands over what a colleague took meanwhile is too late.
HAND_OVER = """
update consult_econsult e
   set holder_id = %(to)s::text,
       picked_up_at = coalesce(e.picked_up_at, case when %(to)s::text is not null then clock_timestamp() end)
 where e.id = %(id)s::text and e.closed_at is null and e.holder_id is not distinct from %(holder)s::text
   and consult_belongs_v1(e.group_id, %(person)s::bigint)
   and exists (select from consult_member t where t.group_id = e.team_id and t.identity_id = %(author)s::text)
   and (%(to)s::text is null
        or exists (select from consult_member t where t.group_id = e.team_id and t.identity_id = %(to)s::text))
returning e.group_id
"""
CLOSE = """
update consult_econsult e set closed_at = clock_timestamp()
 where e.id = %(id)s::text and e.closed_at is null and e.holder_id = %(author)s::text
   and consult_belongs_v1(e.group_id, %(person)s::bigint)
returning e.group_id
"""
STANDS = (
    "select holder_id, closed_at is not null from consult_econsult where id = %s and consult_belongs_v1(group_id, %s)"
)


class SendBody(msgspec.Struct, frozen=True):
    """`urgency` as the patient's own browser told it, by that version of the questionnaire. The answers are in
    `envelope`, the first message of the conversation, whose id is `message`.
    """

    id: Id
    conversation: Name
    questionnaire: Code
    version: Annotated[int, msgspec.Meta(ge=1, le=32767)]
    urgency: Urgency
    device: Id
    message: Id
    envelope: Annotated[str, msgspec.Meta(max_length=ENVELOPE_MAX, pattern=COMPACT_JWE)]


class PickUpBody(msgspec.Struct, frozen=True):
    id: Id


class HandOverBody(msgspec.Struct, frozen=True):
    """`holder`: who has it as far as one knows. `to`: null puts it back in the queue."""

    id: Id
    holder: Id | None
    to: Id | None


class CloseBody(msgspec.Struct, frozen=True):
    id: Id


async def send(conn: Connection, held: Pass, body: SendBody, functions: Functions) -> None:
    """As a patient: into the queue of one's practice, with its first message, or not at all. Raises Problem: `call`
    says that they must phone, and nothing was kept.
    """
    if held.practice is not None:
        raise Problem("not_found")
    async with conn.transaction():
        author = await _author(conn, held)
        group = await (await conn.execute(LOCK, (body.conversation,))).fetchone()
        if group is None:
            raise Problem("not_found")
        known = await (await conn.execute(KNOWN, (body.id, author))).fetchone()
        if known is not None:
            if known != (group[0], int(body.urgency[1])):
                raise Problem("taken")
            return
        who = {"author": author, "person": held.person, "group": group[0]}
        found = await (await conn.execute(TEAM, who)).fetchone()
        if found is None:
            raise Problem("not_found")
        team, practice, phone, closed = found
        if closed is not None:
            raise functions.problem(closed)
        questionnaire, within = await _weigh(conn, body, practice, phone)
        sent = who | {"id": body.id, "team": team, "practice": practice, "questionnaire": questionnaire}
        row = await (await conn.execute(SEND, sent | {"urgency": int(body.urgency[1]), "within": within})).fetchone()
        if row is None:
            raise Problem("taken")
        detail = {"id": body.id, "urgency": body.urgency, "due": moment(row[0])}
        await write_log(conn, author, [Entry(group[0], "econsult-sent", detail)])
        await _keep_message(conn, held, body)


async def _weigh(conn: Connection, body: SendBody, practice: int, phone: str) -> tuple[int, int]:
    """The questionnaire, and in how many minutes such an urgency is answered. Raises Problem."""
    said = {"code": body.questionnaire, "version": body.version, "practice": practice}
    row = await (await conn.execute(QUESTIONNAIRE, said)).fetchone()
    asked = read_questionnaire(row[1].encode()) if row else None
    waits = next((each for each in QUEUED if each == body.urgency), None)
    if row is None or asked is None or waits is None:
        raise Problem("call", phone=phone)
    return row[0], asked.within[waits]


async def _keep_message(conn: Connection, held: Pass, body: SendBody) -> None:
    try:
        key = kid_of(body.envelope)
    except Rejected:
        raise Problem("bad_request", errors=[{"at": "envelope", "code": "malformed"}]) from None
    request = StoreRequest(body.conversation, held.person, body.device, body.message, key, body.envelope)
    [answer] = await hot.store_batch(conn, [request])
    if answer.outcome != "stored":
        raise Problem(answer.outcome)


async def pick_up(conn: Connection, held: Pass, body: PickUpBody) -> None:
    """Take what waits for a team of one's own. Of several who try, one does. Raises Problem: `picked_up` says that
    somebody else has it.
    """
    await _do(conn, held, Act("econsult-picked-up", PICK_UP, body.id, {}))


async def hand_over(conn: Connection, held: Pass, body: HandOverBody) -> None:
    """Give it to somebody in the team, who has it from then on, or put it back, to where it was in the queue. Anyone of
    the team may. Raises Problem.
    """
    await _do(conn, held, Act("econsult-handed-over", HAND_OVER, body.id, {"holder": body.holder, "to": body.to}))


async def close(conn: Connection, held: Pass, body: CloseBody) -> None:
    """As who has it: it is answered. The summary is in the conversation, which takes messages for five minutes more.
    Raises Problem.
    """
    await _do(conn, held, Act("econsult-closed", CLOSE, body.id, {}))


class Act(msgspec.Struct, frozen=True):
    """What is done with an e-consult: `sql` decides, `what` is written in the log."""

    what: str
    sql: LiteralString
    econsult: str
    said: dict[str, Any]


async def _do(conn: Connection, held: Pass, act: Act) -> None:
    if held.practice is None:
        raise Problem("not_found")
    async with conn.transaction():
        author = await _author(conn, held)
        group = await (await conn.execute(LOCK_OF, (act.econsult,))).fetchone()
        if group is None:
            raise Problem("not_found")
        by = {"id": act.econsult, "author": author, "person": held.person}
        if await (await conn.execute(act.sql, by | act.said)).fetchone():
            detail = {"id": act.econsult} | {name: value for name, value in act.said.items() if value}
            await write_log(conn, author, [Entry(group[0], act.what, detail)])
        else:
            await _explain(conn, held, act, author)


async def _explain(conn: Connection, held: Pass, act: Act, author: str) -> None:
    """Nothing, when what was asked is so already; else raises why it cannot be."""
    row = await (await conn.execute(STANDS, (act.econsult, held.person))).fetchone()
    if row is None:
        raise Problem("not_found")
    holder, closed = row
    match act.what:
        case "econsult-picked-up" if holder == author and not closed:
            return
        case "econsult-handed-over" if holder == act.said["to"] and not closed:
            return
        case "econsult-closed" if closed and holder == author:
            return
    if closed:
        raise Problem("concluded")
    if act.what == "econsult-picked-up" and holder is not None:
        raise Problem("picked_up", holder=holder)
    if act.what == "econsult-handed-over" and holder != act.said["holder"]:
        raise Problem("picked_up", holder=holder)
    raise Problem("rejected", errors=[{"at": "", "code": "not-allowed"}])


async def _author(conn: Connection, held: Pass) -> str:
    row = await (await conn.execute(AUTHOR, (held.person,))).fetchone()
    if row is None:
        raise Problem("no_keys")
    found: str = row[0]
    return found
