"""Reserves of teams (`reserve.md`): stated by who administers one, with copies of its keys and who holds the parts."""

import asyncio

from balie.consult.intake.groups import find_group, read_acts
from balie.consult.intake.post import Post
from balie.consult.intake.stated import Refused, Stated
from balie.consult.logbook import Entry
from balie.consult.protocol.boxes import KEY_BYTES
from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.membership import replay
from balie.consult.protocol.persons import Person
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.reserve import PARTS, accept_reserve
from balie.consult.protocol.statements import kid_of, kids_in
from balie.consult.protocol.suite import known, public_name, suite_of
from balie.runtime.hot import Connection, fetch_one

RESTORED = "reserve-restored"

CURRENT = "select consult_team_kem_v1(%s)"
REPLACE = "update consult_reserve set replaced_at = clock_timestamp() where group_id = %s and replaced_at is null"
KEEP = """
insert into consult_reserve (group_id, set, statement_id, kem, sign, made_by_id, made_at)
values (%s, %s, %s, %s, %s, %s, clock_timestamp()) returning id
"""
HOLDER = "insert into consult_reserve_holder (reserve_id, number, name, role) values (%s, %s, %s, %s)"
COPY = """
insert into consult_reserve_copy (reserve_id, key_id, identity_id, sealed)
select r.id, k.id, %(by)s, %(sealed)s
  from consult_reserve r join consult_group_key k on k.group_id = r.group_id and k.name = %(key)s
 where r.id = %(reserve)s
on conflict do nothing
"""
KNOWN_KEYS = "select name from consult_group_key where group_id = %s"
OF_TEAMS = """
select r.id, r.group_id, r.sign from consult_member m
  join consult_reserve r on r.group_id = m.group_id and r.replaced_at is null
 where m.identity_id = %s order by r.id
"""
USED = "update consult_reserve set used_at = coalesce(used_at, clock_timestamp()) where id = any(%s::bigint[])"


async def take_reserve(post: Post, stated: Stated) -> int:
    """It takes the place of the one before."""
    group = await find_group(post, stated.form.team)
    reserve = accept_reserve(stated.signed, await post.keys())
    acts = [each.act for each in await read_acts(post.conn, group.name)]
    members = (await asyncio.to_thread(replay, group.name, acts)).members
    if group.kind != "team" or members.get(reserve.acting) != "admin":
        reject(Reason.NOT_ALLOWED, stated.typ)
    if len({each.name for each in stated.holders}) != PARTS:
        reject(Reason.MALFORMED, "holders")
    current = (await fetch_one(post.conn, CURRENT, (group.pk,)))[0]
    if current is not None and current not in stated.sealed:
        raise Refused("behind", "sealed")
    statement = await post.keep(stated, group=group.pk)
    await post.conn.execute(REPLACE, (group.pk,))
    kem = public_name(unb64(reserve.kem), reserve.suite)
    row = (group.pk, reserve.set, statement, kem, reserve.sign, reserve.by)
    pk: int = (await fetch_one(post.conn, KEEP, row))[0]
    for number, holder in enumerate(stated.holders, start=1):
        await post.conn.execute(HOLDER, (pk, number, holder.name, holder.role))
    await keep_copies(post.conn, group=group.pk, reserve=pk, by=reserve.by, sealed=stated.sealed)
    return statement


async def keep_copies(conn: Connection, *, group: int, reserve: int, by: str, sealed: dict[str, str]) -> int:
    """Copies of keys of this team, by name; how many are new. A second copy of a key is not kept. Raises Rejected."""
    names = {row[0] for row in await (await conn.execute(KNOWN_KEYS, (group,))).fetchall()}
    if not sealed.keys() <= names:
        reject(Reason.MALFORMED, "sealed")
    kept = 0
    for key, text in sealed.items():
        copy = unb64(text)
        if len(copy) != 1 + known(suite_of(copy), "sealed").overhead + KEY_BYTES:
            reject(Reason.MALFORMED, "sealed")
        done = await conn.execute(COPY, {"by": by, "sealed": text, "key": key, "reserve": reserve})
        kept += done.rowcount
    return kept


async def reserves_of(post: Post) -> dict[str, tuple[int, int, bytes]]:
    """The reserves of teams that who posts is in, by what their signing keys are called: row, team, and public key."""
    rows = await (await post.conn.execute(OF_TEAMS, (post.identity,))).fetchall()
    return {kid_of(unb64(sign)): (pk, group, unb64(sign)) for pk, group, sign in rows}


async def note_restored(post: Post, stated: Stated, known: Person, reserves: dict[str, tuple[int, int, bytes]]) -> None:
    """In the log of each team whose reserve vouched for this key, which was accepted."""
    if known.how != "admitted":
        return
    used = [reserves[kid] for kid in kids_in(stated.signed) if kid in reserves]
    post.log += [Entry(group, RESTORED, {"statement": stated.name}) for _, group, _ in used]
    await post.conn.execute(USED, ("{" + ",".join(str(pk) for pk, *_ in used) + "}",))
