"""Keysets: everybody's secret keys in a box, and the key of the box once for each unlock method. All of it opaque."""

from typing import Annotated, Any, Literal

import msgspec

from balie.consult.protocol.payloads import ONE_KIB
from balie.lib.asgi import moment
from balie.lib.problems import Problem
from balie.runtime.hot import Connection

KEYSET_MAX = 64 * ONE_KIB
WRAP_MAX = 4 * ONE_KIB
WRAPS_MOST = 16
BODY_MOST = KEYSET_MAX + WRAPS_MOST * (WRAP_MAX + ONE_KIB)
COMPACT_JWE = r"^[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*){4}\Z"
WRAP = r"^[A-Za-z0-9_.-]+\Z"

OWNER = "select id from consult_identity where person_id = %s and known <> '' for no key update"
READ = """
select k.version, k.keyset, k.wraps, k.stored_at
  from consult_keyset k join consult_identity i on i.id = k.identity_id where i.person_id = %s
"""
KEEP = """
insert into consult_keyset as k (identity_id, version, keyset, wraps, stored_at)
values (%s, %s, %s, %s, clock_timestamp())
on conflict (identity_id) do update
set version = excluded.version, keyset = excluded.keyset, wraps = excluded.wraps, stored_at = excluded.stored_at
"""


class Wrap(msgspec.Struct, frozen=True):
    method: Literal["passkey", "shares", "code"]
    id: Annotated[str, msgspec.Meta(max_length=256, pattern=r"^[A-Za-z0-9_-]*\Z")]
    wrap: Annotated[str, msgspec.Meta(max_length=WRAP_MAX, pattern=WRAP)]


class KeysetBody(msgspec.Struct, frozen=True):
    """`version` is one more than that of what it replaces."""

    version: Annotated[int, msgspec.Meta(ge=1, le=2**53 - 1)]
    keyset: Annotated[str, msgspec.Meta(max_length=KEYSET_MAX, pattern=COMPACT_JWE)]
    wraps: Annotated[list[Wrap], msgspec.Meta(max_length=WRAPS_MOST)]

    def __post_init__(self) -> None:
        if len({(each.method, each.id) for each in self.wraps}) != len(self.wraps):
            raise ValueError("a method and id twice")


async def read_keyset(conn: Connection, person: int) -> dict[str, Any]:
    """Raises Problem when there is none."""
    row = await (await conn.execute(READ, (person,))).fetchone()
    if row is None:
        raise Problem("not_found")
    version, keyset, wraps, stored_at = row
    return {"version": version, "keyset": keyset, "wraps": msgspec.Raw(wraps.encode()), "stored_at": moment(stored_at)}


async def keep_keyset(conn: Connection, person: int, body: KeysetBody) -> None:
    """Replace it. Raises Problem when there are no keys, or when somebody else replaced it first."""
    wraps = msgspec.json.encode(body.wraps).decode()
    async with conn.transaction():
        owner = await (await conn.execute(OWNER, (person,))).fetchone()
        if owner is None:
            raise Problem("no_keys")
        had = await (await conn.execute(READ, (person,))).fetchone()
        if had and had[:3] == (body.version, body.keyset, wraps):
            return
        version = had[0] if had else 0
        if body.version != version + 1:
            raise Problem("behind", version=version)
        await conn.execute(KEEP, (owner[0], body.version, body.keyset, wraps))
