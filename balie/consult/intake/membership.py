"""Acts: who belongs to a team or a conversation (`membership.md`). Rows of members follow from them."""

import asyncio
from collections.abc import Mapping

from balie.consult.intake.groups import Group, find_group, read_acts, read_members
from balie.consult.intake.post import Post, numbers
from balie.consult.intake.stated import Refused, Stated
from balie.consult.protocol.membership import (
    Act,
    Add,
    Create,
    Membership,
    Remove,
    Role,
    accept_act,
    is_too_many,
    replay,
)
from balie.consult.protocol.reasons import Reason, reject
from balie.runtime.hot import fetch_one

BEGIN = "insert into consult_group (name, kind, last) values (%s, %s, 0) returning id"
JOIN_PERSON = """
insert into consult_member (group_id, identity_id) select %s, i.id from consult_identity i where i.id = %s returning id
"""
JOIN_TEAM = """
insert into consult_member (group_id, team_id)
select %s, g.id from consult_group g where g.name = %s and g.kind = 'team' returning id
"""
STAYS_OUT = "select 'person:' || identity_id from consult_former where group_id = %s"
COMES_BACK = "delete from consult_former where group_id = %s and 'person:' || identity_id = %s"
LEAVE = "delete from consult_member where id = any(%s::bigint[])"


BEGUN_BY_PATIENT_MOST = 5  # in 24 hours
MAY_BEGIN = "select consult_may_begin_v1(%s, %s, %s::text[], %s::text[], %s)"
MAY_ADD = "select consult_may_add_v1(%s, %s::text[])"


async def take_act(post: Post, stated: Stated) -> int:
    act = accept_act(stated.signed, await post.keys())
    await _check_patients(post, act)
    if isinstance(act.form, Create):
        pk: int = (await fetch_one(post.conn, BEGIN, (act.name, act.form.kind)))[0]
        group, about = Group(pk, act.name, act.form.kind), None
        after = replay(group.name, [act])
    else:
        group, about = await find_group(post, act.form.group), act.form.member
        kept = await read_acts(post.conn, group.name)
        acts = [each.act for each in kept]
        if is_too_many(act.form, acts):
            raise Refused("limit", "acts")
        before, after = await asyncio.to_thread(lambda: (replay(group.name, acts), replay(group.name, [*acts, act])))
        _judge(act, before, after, {each.act.name for each in kept if each.settled})
    statement = await post.keep(stated, group=group.pk, about=about)
    if isinstance(act.form, Add):
        await post.conn.execute(COMES_BACK, (group.pk, about))
    await _follow(post, group, after.members)
    await post.retire(group.pk)
    return statement


async def _check_patients(post: Post, act: Act) -> None:
    """Patients begin conversations with the team of who treats them, let in nobody, send away nobody but themselves,
    and are let in by those who treat them.
    """
    form = act.form
    if isinstance(form, Remove):
        if form.member == f"person:{form.by}":
            return
        members = []
    else:
        members = [each.member for each in form.members] if isinstance(form, Create) else [form.member]
    split = [each.partition(":") for each in members]
    people, teams = ([name for kind, _, name in split if kind == wanted] for wanted in ("person", "team"))
    if isinstance(form, Create) and teams:
        asked = (post.person, form.kind, people, teams, BEGUN_BY_PATIENT_MOST)
        begins = (await fetch_one(post.conn, MAY_BEGIN, asked))[0]
        if begins == "limit":
            raise Refused("limit", "conversations")
        if begins == "yes":
            return
    why = (await fetch_one(post.conn, MAY_ADD, (post.person, people)))[0]
    if why == Reason.NOT_ALLOWED:
        reject(Reason.NOT_ALLOWED, act.name)
    if why:
        raise Refused("rejected", why)


def _judge(act: Act, before: Membership, after: Membership, settled: set[str]) -> None:
    """Whether an act that comes now has all it follows, follows all it should, and is by somebody in a position to."""
    if act.name in after.pending or settled & (set(after.heads) - {act.name}):
        raise Refused("behind", "after")
    if act.form.acting not in before.members or act.name in after.refused or act.name in after.void:
        reject(Reason.NOT_ALLOWED, act.name)
    if isinstance(act.form, Remove) and act.form.member not in before.members:
        raise Refused("behind", "member")


async def _follow(post: Post, group: Group, members: Mapping[str, Role]) -> None:
    """Let the rows say what the acts come to. Whose treatment ended stays out, until somebody adds them again."""
    rows = await read_members(post.conn, group.pk)
    out = {row[0] for row in await (await post.conn.execute(STAYS_OUT, (group.pk,))).fetchall()}
    for member in members.keys() - rows.keys() - out:
        kind, _, name = member.partition(":")
        joined = await post.conn.execute(JOIN_PERSON if kind == "person" else JOIN_TEAM, (group.pk, name))
        if await joined.fetchone() is None:
            raise Refused("rejected", "unknown-member")
    gone = [rows[member].pk for member in rows.keys() - members.keys()]
    if gone:
        await post.conn.execute(LEAVE, (numbers(gone),))
