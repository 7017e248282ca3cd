"""What people state of themselves: keys, devices, and how they get their keys back (`keys.md`, `release.md`)."""

import asyncio

from balie.consult.intake.groups import read_acts
from balie.consult.intake.post import Post, read_known, write_known
from balie.consult.intake.reserves import note_restored, reserves_of
from balie.consult.intake.stated import Refused, Stated
from balie.consult.protocol.approvals import accept_trustees
from balie.consult.protocol.devices import REVOKED_TYP, DeviceRevoked, accept_device
from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.membership import replay
from balie.consult.protocol.passkeys import REVOKED_TYP as PASSKEY_REVOKED_TYP
from balie.consult.protocol.passkeys import TYP as PASSKEY_TYP
from balie.consult.protocol.passkeys import Passkey, PasskeyRevoked
from balie.consult.protocol.persons import KnownKey, accept_person_key, stated_by
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.shares import accept_share_set

DEVICES_MOST = 32

KNOW = """
insert into consult_identity as i (id, person_id, known, kem) values (%s, %s, %s, %s)
on conflict (id) do update set known = excluded.known, kem = excluded.kem where i.person_id = excluded.person_id
returning id
"""
OWN_GROUPS = """
select g.id, g.name, g.kind from consult_member m join consult_group g on g.id = m.group_id where m.identity_id = %s
"""
KNOWN_OF = "select id, known from consult_identity where id = any(%s::text[])"
COUNT_DEVICES = "select count(*) from consult_device where identity_id = %s and revoked_at is null"
ADD_DEVICE = "insert into consult_device (id, identity_id) values (%s, %s) on conflict do nothing returning id"
REVOKE_DEVICE = """
update consult_device set revoked_at = coalesce(revoked_at, clock_timestamp()) where id = %s and identity_id = %s
returning id
"""
REVOKE_ALL = "update consult_device set revoked_at = clock_timestamp() where identity_id = %s and revoked_at is null"


async def take_person_key(post: Post, stated: Stated) -> int:
    """A new generation. It retires the keys of groups that were sealed to the one before."""
    who = post.identity or stated.form.person
    groups = await (await post.conn.execute(OWN_GROUPS, (who,))).fetchall() if post.known else []
    vouching = post.known is not None and len(stated.signed["signatures"]) > 1
    admitters = await _administrators(post, [name for _, name, kind in groups if kind == "team"]) if vouching else ()
    reserves = await reserves_of(post) if vouching else {}
    known = accept_person_key(
        stated.signed,
        person=who,
        known=post.known,
        admitters=admitters,
        reserves=tuple(sign for *_, sign in reserves.values()),
    )
    row = (who, post.person, write_known(known), known.kem_key.name)
    if await (await post.conn.execute(KNOW, row)).fetchone() is None:
        reject(Reason.WRONG_PERSON, stated.typ)
    if known.how == "admitted":  # the lost key may have certified them
        await post.conn.execute(REVOKE_ALL, (who,))
    post.identity, post.known = who, known
    kept = await post.keep(stated)
    await note_restored(post, stated, known, reserves)
    await post.retire(*(group for group, _, _ in groups))
    return kept


async def _administrators(post: Post, teams: list[str]) -> tuple[KnownKey, ...]:
    """Who may vouch for a key of somebody who is in these teams."""
    found = set()
    for team in teams:
        acts = [each.act for each in await read_acts(post.conn, team)]
        members = (await asyncio.to_thread(replay, team, acts)).members
        found |= {each.removeprefix("person:") for each, role in members.items() if role == "admin"}
    rows = await (await post.conn.execute(KNOWN_OF, (sorted(found),))).fetchall()
    known = [each for each in (read_known(row[1]) for row in rows) if each]
    return tuple(KnownKey(each.person, public) for each in known for public in each.publics.values())


async def take_device(post: Post, stated: Stated) -> int:
    device = accept_device(stated.signed, post.author())
    counted = await (await post.conn.execute(COUNT_DEVICES, (post.identity,))).fetchone()
    if counted and counted[0] >= DEVICES_MOST:
        raise Refused("limit", "devices")
    if await (await post.conn.execute(ADD_DEVICE, (device.device, post.identity))).fetchone() is None:
        reject(Reason.MALFORMED, stated.typ)
    return await post.keep(stated)


async def take_device_revoked(post: Post, stated: Stated) -> int:
    revoked = stated_by(post.author(), REVOKED_TYP, DeviceRevoked, stated.signed)
    if await (await post.conn.execute(REVOKE_DEVICE, (revoked.device, post.identity))).fetchone() is None:
        reject(Reason.NOT_ALLOWED, stated.typ)
    return await post.keep(stated)


async def take_share_set(post: Post, stated: Stated) -> int:
    accept_share_set(stated.signed, post.author())
    return await post.keep(stated)


async def take_passkey(post: Post, stated: Stated) -> int:
    passkey = stated_by(post.author(), PASSKEY_TYP, Passkey, stated.signed)
    unb64(passkey.credential)
    unb64(passkey.key)
    return await post.keep(stated)


async def take_passkey_revoked(post: Post, stated: Stated) -> int:
    stated_by(post.author(), PASSKEY_REVOKED_TYP, PasskeyRevoked, stated.signed)
    return await post.keep(stated)


async def take_trustees(post: Post, stated: Stated) -> int:
    accept_trustees(stated.signed, post.author())
    return await post.keep(stated)
