"""What a team does with the e-consults of its patients: pick up, hand over, close. Each is one transaction, in which
the conversation is locked, one guarded statement decides, and the log is written.

Sent again after no answer, each says what it said before.
"""

from typing import Any, Final, LiteralString

import msgspec

from balie.consult.logbook import Entry, write_log
from balie.consult.protocol.payloads import Id
from balie.lib.problems import Problem
from balie.practices.passes import Pass
from balie.runtime.hot import Connection

ACT_MOST: Final = 2048

AUTHOR = "select id from consult_identity where person_id = %s and known <> ''"
LOCK_OF = """
select g.id from consult_group g
 where g.id = (select e.group_id from consult_econsult e where e.id = %s) for no key update
"""
# Nobody has it, or who has it is no longer in the conversation; and it has not gone on elsewhere.
PICK_UP = """
update consult_econsult e
   set holder_id = %(author)s::text, picked_up_at = coalesce(e.picked_up_at, clock_timestamp())
 where e.id = %(id)s::text and e.closed_at is null and e.moved_at is null
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
 where e.id = %(id)s::text and e.closed_at is null and e.moved_at is null
   and e.holder_id is not distinct from %(holder)s::text
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
STANDS = """
select holder_id, closed_at is not null, moved_at is not null
  from consult_econsult where id = %s and consult_belongs_v1(group_id, %s)
"""
# Nothing comes to the team, and nobody takes what is next, until this is over.
LOCK_TEAM = """
select from consult_team_name n
 where n.group_id = (select e.team_id from consult_econsult e where e.id = %s) for no key update
"""
# The most urgent that waits, and of those the first that came.
IS_FIRST = """
select not exists (
  select from consult_econsult o where o.team_id = e.team_id and consult_econsult_waits_v1(o)
     and (o.urgency, o.number) < (e.urgency, e.number))
  from consult_econsult e where e.id = %s and consult_econsult_waits_v1(e)
"""


class PickUpBody(msgspec.Struct, frozen=True):
    """`first`: only if it is the first in the queue."""

    id: Id
    first: bool = False


class HandOverBody(msgspec.Struct, frozen=True):
    """`holder`: who has it as far as one knows. `to`: null puts it back in the queue."""

    id: Id
    holder: Id | None
    to: Id | None


class CloseBody(msgspec.Struct, frozen=True):
    id: Id


async def pick_up(conn: Connection, held: Pass, body: PickUpBody) -> None:
    """Take what waits for a team of one's own. Of several who try, one does. Raises Problem: `picked_up` says that
    somebody else has it, `not_first` that another has more haste.
    """
    await _do(conn, held, Act("econsult-picked-up", PICK_UP, body.id, {}, first=body.first))


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
    first: bool = False


async def _do(conn: Connection, held: Pass, act: Act) -> None:
    if held.practice is None:
        raise Problem("not_found")
    async with conn.transaction():
        author = await author_of(conn, held)
        group = await (await conn.execute(LOCK_OF, (act.econsult,))).fetchone()
        if group is None:
            raise Problem("not_found")
        if act.first:
            await _check_first(conn, held, act)
        by = {"id": act.econsult, "author": author, "person": held.person}
        if await (await conn.execute(act.sql, by | act.said)).fetchone():
            detail = {"id": act.econsult} | {name: value for name, value in act.said.items() if value}
            await write_log(conn, author, [Entry(group[0], act.what, detail)])
        else:
            await _explain(conn, held, act, author)


async def _check_first(conn: Connection, held: Pass, act: Act) -> None:
    """From here to the commit nothing comes to the team, and nobody takes what is first. What does not wait is for the
    act itself to judge. Raises Problem.
    """
    await conn.execute(LOCK_TEAM, (act.econsult,))
    row = await (await conn.execute(IS_FIRST, (act.econsult,))).fetchone()
    sees = await (await conn.execute(STANDS, (act.econsult, held.person))).fetchone()
    if sees and row == (False,):
        raise Problem("not_first")


async def _explain(conn: Connection, held: Pass, act: Act, author: str) -> None:
    """Nothing, when what was asked is so already; else raises why it cannot be."""
    row = await (await conn.execute(STANDS, (act.econsult, held.person))).fetchone()
    if row is None:
        raise Problem("not_found")
    holder, closed, moved = row
    match act.what:
        case "econsult-picked-up" if holder == author and not closed:
            return
        case "econsult-handed-over" if holder == act.said["to"] and not closed:
            return
        case "econsult-closed" if closed and holder == author:
            return
    if closed or moved:
        raise Problem("moved" if moved else "concluded")
    if act.what == "econsult-picked-up" and holder is not None:
        raise Problem("picked_up", holder=holder)
    if act.what == "econsult-handed-over" and holder != act.said["holder"]:
        raise Problem("picked_up", holder=holder)
    raise Problem("rejected", errors=[{"at": "", "code": "not-allowed"}])


async def author_of(conn: Connection, held: Pass) -> str:
    """As whom one acts. Raises Problem."""
    row = await (await conn.execute(AUTHOR, (held.person,))).fetchone()
    if row is None:
        raise Problem("no_keys")
    found: str = row[0]
    return found
