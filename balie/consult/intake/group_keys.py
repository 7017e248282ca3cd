"""Keys of teams and conversations, and their sealed copies (`teams.md`). The server cannot see whether those open."""

from balie.consult.intake.groups import Row, find_group, read_acts, read_members
from balie.consult.intake.post import Post
from balie.consult.intake.stated import Refused, Stated
from balie.consult.protocol.boxes import KEY_BYTES
from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.group_keys import TYP, GroupKey, accept_group_key
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.suite import known, suite_of
from balie.runtime.hot import fetch_one

STATEMENTS_MOST = 2000

COUNT = "select count(*) from consult_statement where group_id = %s and typ = %s"
KNOWN = "select exists (select from consult_group_key where group_id = %s and name = %s)"
KEEP_KEY = """
insert into consult_group_key as k (group_id, name, made_at) values (%s, %s, %s)
on conflict (group_id, name) do update set made_at = greatest(k.made_at, excluded.made_at) returning id
"""
KEEP_COPY = """
insert into consult_sealed_copy (statement_id, key_id, identity_id, team_id, kem, sealed)
values (%s, %s, %s, %s, %s, %s)
"""


async def take_group_key(post: Post, stated: Stated) -> int:
    group = await find_group(post, stated.form.group)
    key = accept_group_key(stated.signed, group.kind, await post.keys())
    if (await fetch_one(post.conn, COUNT, (group.pk, TYP)))[0] >= STATEMENTS_MOST:
        raise Refused("limit", "keys")
    members = await read_members(post.conn, group.pk)
    if key.acting not in members:
        reject(Reason.NOT_ALLOWED, stated.typ)
    if not set(key.heads) <= {each.act.name for each in await read_acts(post.conn, group.name)}:
        raise Refused("behind", "heads")
    is_new = not (await fetch_one(post.conn, KNOWN, (group.pk, key.key)))[0]
    _check_recipients(key, members, is_new=is_new)
    _check_copies(key, stated.sealed)
    statement = await post.keep(stated, group=group.pk)
    pk: int = (await fetch_one(post.conn, KEEP_KEY, (group.pk, key.key, key.at)))[0]
    async with post.conn.cursor() as cursor:
        rows = [(members[each.member], each) for each in key.to]
        await cursor.executemany(
            KEEP_COPY,
            [(statement, pk, row.identity, row.team, each.kem, stated.sealed[each.member]) for row, each in rows],
        )
    if group.kind == "team":
        await post.retire(group.pk)
    return statement


def _check_recipients(key: GroupKey, members: dict[str, Row], *, is_new: bool) -> None:
    """They are members, under the KEM keys they have now; all of them, when the key is new."""
    to = {each.member: each.kem for each in key.to}
    current = {member: row.kem for member, row in members.items()}
    if not to.items() <= current.items() or (is_new and to.keys() != current.keys()):
        raise Refused("behind", "to")


def _check_copies(key: GroupKey, sealed: dict[str, str]) -> None:
    """One for each recipient, as long as such a copy is."""
    if sealed.keys() != {each.member for each in key.to}:
        reject(Reason.MALFORMED, "sealed")
    for text in sealed.values():
        copy = unb64(text)
        suite = known(suite_of(copy), "sealed")
        if len(copy) != 1 + suite.overhead + KEY_BYTES:
            reject(Reason.MALFORMED, "sealed")
