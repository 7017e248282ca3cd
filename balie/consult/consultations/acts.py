"""What people do with a consultatie: ask, pick up, hand over, conclude, withdraw. Each is one transaction, in which the
conversation is locked, one guarded statement decides, and the log is written.

Sent again after no answer, each says what it said before.
"""

from typing import Annotated, Any, Final, LiteralString

import msgspec

from balie.consult.consultations.times import Agreed, times_of
from balie.consult.logbook import Entry, write_log
from balie.consult.protocol.payloads import Id, Member, Name
from balie.lib.asgi import moment
from balie.lib.problems import Problem
from balie.practices.passes import Pass
from balie.runtime.hot import Connection

BODY_MOST: Final = 2048
PERSON: Final = "person:"
Code = Annotated[str, msgspec.Meta(max_length=32, pattern=r"^(?:[A-Za-z0-9][A-Za-z0-9 ._/-]*)?\Z")]

AUTHOR = "select id from consult_identity where person_id = %s and known <> ''"
AGREEMENT = (
    "select unit, within, warn_before, kind, clock_timestamp() from consult_agreement where code = %s and offered"
)
LOCK = "select id from consult_group where name = %s and kind = 'conversation' for no key update"
LOCK_OF = """
select g.id from consult_group g
 where g.id = (select c.group_id from consult_consultation c where c.id = %s) for no key update
"""
KNOWN = "select group_id, agreement_id from consult_consultation where id = %s and asked_by_id = %s"
# Whom it is asked of must be in the conversation, by themselves or as the team that is a member, and be no patient.
ASK = """
insert into consult_consultation (
  id, group_id, agreement_id, asked_by_id, practice_id, team_id, holder_id, asked_at, warn_at, due_at, picked_up_at)
select %(id)s::text, %(group)s::bigint, %(agreement)s::text, %(author)s::text, %(practice)s::bigint,
       m.team_id, m.identity_id, %(asked_at)s::timestamptz, %(warn_at)s::timestamptz, %(due_at)s::timestamptz,
       case when m.identity_id is not null then %(asked_at)s::timestamptz end
  from consult_member m
  left join consult_identity i on i.id = m.identity_id
  left join consult_group t on t.id = m.team_id
 where m.group_id = %(group)s::bigint and coalesce('team:' || t.name, 'person:' || i.id) = %(of)s::text
   and i.id is distinct from %(author)s::text and (i.id is null or not consult_is_patient_v1(i.person_id))
   and consult_belongs_v1(%(group)s::bigint, %(person)s::bigint)
on conflict do nothing
returning id
"""
WHY_NOT = """
select consult_belongs_v1(%(group)s::bigint, %(person)s::bigint),
       exists (select from consult_consultation c
                where c.group_id = %(group)s::bigint and c.concluded_at is null and c.withdrawn_at is null),
       exists (select from consult_consultation c where c.id = %(id)s::text)
"""
# Nobody has it, or who has it is no longer in the conversation.
PICK_UP = """
update consult_consultation c
   set holder_id = %(author)s::text, picked_up_at = coalesce(c.picked_up_at, clock_timestamp())
 where c.id = %(id)s::text and c.concluded_at is null and c.withdrawn_at is null and c.asked_by_id <> %(author)s::text
   and consult_belongs_v1(c.group_id, %(person)s::bigint)
   and exists (select from consult_member t where t.group_id = c.team_id and t.identity_id = %(author)s::text)
   and (c.holder_id is null or not exists (
     select from consult_identity h where h.id = c.holder_id and consult_belongs_v1(c.group_id, h.person_id)))
returning c.group_id
"""
# From the one who is known to have it: who hands over what a colleague took meanwhile is too late.
HAND_OVER = """
update consult_consultation c
   set team_id = coalesce(m.team_id, c.team_id), holder_id = m.identity_id,
       picked_up_at = coalesce(c.picked_up_at, case when m.identity_id is not null then clock_timestamp() end)
  from (
    select x.team_id, null::text as identity_id from consult_member x join consult_group t on t.id = x.team_id
     where x.group_id = %(group)s::bigint and 'team:' || t.name = %(to)s::text
     union all
    select null, i.id from consult_identity i
     where 'person:' || i.id = %(to)s::text and consult_belongs_v1(%(group)s::bigint, i.person_id)
       and not consult_is_patient_v1(i.person_id)) m
 where c.id = %(id)s::text and c.group_id = %(group)s::bigint
   and c.concluded_at is null and c.withdrawn_at is null
   and c.holder_id is not distinct from %(holder)s::text and c.asked_by_id is distinct from m.identity_id
   and consult_belongs_v1(c.group_id, %(person)s::bigint)
   and (c.holder_id = %(author)s::text
        or consult_answers_v1(c.team_id, c.holder_id, c.due_at, %(author)s::text))
returning c.group_id
"""
CONCLUDE = """
update consult_consultation c
   set concluded_at = clock_timestamp(), billing_code = %(billing_code)s::text
 where c.id = %(id)s::text and c.concluded_at is null and c.withdrawn_at is null and c.holder_id = %(author)s::text
   and consult_belongs_v1(c.group_id, %(person)s::bigint)
returning c.group_id
"""
# Whoever has it: an answer that is under way is not needed any more.
WITHDRAW = """
update consult_consultation c set withdrawn_at = clock_timestamp()
 where c.id = %(id)s::text and c.concluded_at is null and c.withdrawn_at is null and c.asked_by_id = %(author)s::text
   and consult_belongs_v1(c.group_id, %(person)s::bigint)
returning c.group_id
"""
STANDS = """
select c.holder_id, coalesce('team:' || t.name, ''), c.concluded_at is not null, c.billing_code,
       c.withdrawn_at is not null, c.asked_by_id
  from consult_consultation c left join consult_group t on t.id = c.team_id
 where c.id = %s and consult_belongs_v1(c.group_id, %s)
"""


class AskBody(msgspec.Struct, frozen=True):
    """`of`: a member of the conversation. `untreated`: that the patient is not in treatment for this in a hospital, as
    a meekijkconsult requires.
    """

    id: Id
    conversation: Name
    of: Member
    agreement: Annotated[str, msgspec.Meta(min_length=1, max_length=32)]
    untreated: bool = False


class PickUpBody(msgspec.Struct, frozen=True):
    id: Id


class HandOverBody(msgspec.Struct, frozen=True):
    """`holder`: who has it as far as one knows; null when nobody has."""

    id: Id
    holder: Id | None
    to: Member


class ConcludeBody(msgspec.Struct, frozen=True):
    id: Id
    billing_code: Code = ""


class WithdrawBody(msgspec.Struct, frozen=True):
    id: Id


async def ask(conn: Connection, held: Pass, body: AskBody) -> None:
    """Ask a question whose words are in the conversation. Raises Problem."""
    async with conn.transaction():
        author = await _author(conn, held)
        agreed = await (await conn.execute(AGREEMENT, (body.agreement,))).fetchone()
        if agreed is None:
            raise Problem("bad_request", errors=[{"at": "agreement", "code": "unknown"}])
        unit, within, warn_before, kind, now = agreed
        if kind == "advice-consult" and not body.untreated:
            raise Problem("bad_request", errors=[{"at": "untreated", "code": "missing"}])
        group = await (await conn.execute(LOCK, (body.conversation,))).fetchone()
        if group is None:
            raise Problem("not_found")
        known = await (await conn.execute(KNOWN, (body.id, author))).fetchone()
        if known is not None:
            if known != (group[0], body.agreement):
                raise Problem("taken")
            return
        warn_at, due_at = times_of(Agreed(unit, within, warn_before), now)
        asked = {"group": group[0], "author": author, "person": held.person, "practice": held.practice}
        times = {"asked_at": now, "warn_at": warn_at, "due_at": due_at}
        said = {"id": body.id, "of": body.of, "agreement": body.agreement}
        if await (await conn.execute(ASK, asked | times | said)).fetchone() is None:
            await _refuse_to_ask(conn, asked | said)
        detail = said | {"due": moment(due_at)} | ({"untreated": True} if kind == "advice-consult" else {})
        await write_log(conn, author, [Entry(group[0], "consult-asked", detail)])


async def pick_up(conn: Connection, held: Pass, body: PickUpBody) -> None:
    """Take what a team of one's own was asked. Of several who try, one does. Raises Problem: `picked_up` says that
    somebody else has it.
    """
    await _do(conn, held, Act("consult-picked-up", PICK_UP, body.id, {}))


async def hand_over(conn: Connection, held: Pass, body: HandOverBody) -> None:
    """Give it to somebody in the conversation, who has it from then on, or to a team, of which somebody must pick it
    up. Who has it may, and their team; of who was asked by themselves, colleagues of any team of theirs, once its time
    is over. The time by which it must be answered stays. Raises Problem.
    """
    await _do(conn, held, Act("consult-handed-over", HAND_OVER, body.id, {"holder": body.holder, "to": body.to}))


async def conclude(conn: Connection, held: Pass, body: ConcludeBody) -> None:
    """As who has it: it is answered. The conclusion itself is in the conversation. Raises Problem."""
    await _do(conn, held, Act("consult-concluded", CONCLUDE, body.id, {"billing_code": body.billing_code}))


async def withdraw(conn: Connection, held: Pass, body: WithdrawBody) -> None:
    """As who asked, before it is concluded: no answer is needed any more. Raises Problem."""
    await _do(conn, held, Act("consult-withdrawn", WITHDRAW, body.id, {}))


class Act(msgspec.Struct, frozen=True):
    """What is done with a consultatie: `sql` decides, `what` is written in the log."""

    what: str
    sql: LiteralString
    consultation: str
    said: dict[str, Any]


async def _do(conn: Connection, held: Pass, act: Act) -> None:
    async with conn.transaction():
        author = await _author(conn, held)
        group = await (await conn.execute(LOCK_OF, (act.consultation,))).fetchone()
        if group is None:
            raise Problem("not_found")
        by = {"id": act.consultation, "author": author, "person": held.person, "group": group[0]}
        if await (await conn.execute(act.sql, by | act.said)).fetchone():
            detail = {"id": act.consultation} | {name: value for name, value in act.said.items() if value}
            await write_log(conn, author, [Entry(group[0], act.what, detail)])
        else:
            await _explain(conn, held, act, author)


async def _explain(conn: Connection, held: Pass, act: Act, author: str) -> None:
    """Nothing, when what was asked is so already; else raises why it cannot be."""
    row = await (await conn.execute(STANDS, (act.consultation, held.person))).fetchone()
    if row is None:
        raise Problem("not_found")
    holder, team, concluded, billing_code, withdrawn, asked_by = row
    stands, ended = f"{PERSON}{holder}" if holder else team, concluded or withdrawn
    match act.what:
        case "consult-picked-up" if holder == author and not ended:
            return
        case "consult-handed-over" if stands == act.said["to"] and not ended:
            return
        case "consult-withdrawn" if withdrawn and asked_by == author:
            return
        case "consult-concluded" if concluded and (holder, billing_code) == (author, act.said["billing_code"]):
            return
    if ended:
        raise Problem("withdrawn" if withdrawn else "concluded")
    if act.what == "consult-picked-up" and holder is not None:
        raise Problem("picked_up", holder=holder)
    if act.what == "consult-handed-over" and holder != act.said["holder"]:
        raise Problem("picked_up", holder=holder)
    raise Problem("rejected", errors=[{"at": "", "code": "not-allowed"}])


async def _refuse_to_ask(conn: Connection, asked: dict[str, Any]) -> None:
    row = await (await conn.execute(WHY_NOT, asked)).fetchone()
    assert row is not None
    belongs, is_open, taken = row
    if not belongs:
        raise Problem("not_found")
    if is_open:
        raise Problem("still_open")
    if taken:
        raise Problem("taken")
    raise Problem("rejected", errors=[{"at": "of", "code": "unknown-member"}])


async def _author(conn: Connection, held: Pass) -> str:
    """Who acts, for a practice they work for. Raises Problem."""
    if held.practice is None:
        raise Problem("not_found")
    row = await (await conn.execute(AUTHOR, (held.person,))).fetchone()
    if row is None:
        raise Problem("no_keys")
    found: str = row[0]
    return found
