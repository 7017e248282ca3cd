"""People who got hold of the whole database, and try every key they really have on what is not for them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Iterable
from contextlib import suppress
from typing import Any, Literal

import msgspec
import psycopg
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from balie.consult.protocol.boxes import ALGORITHMS
from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.group_keys import open_group_key
from balie.consult.protocol.reasons import Rejected

ENVELOPES = "select conversation, message, envelope from consult_judge.messages"
COPIES = "select kind, group_name, key, member, sealed from consult_judge.sealed_keys"


class Envelope(msgspec.Struct, frozen=True):
    conversation: str
    id: str
    envelope: str


class SealedKey(msgspec.Struct, frozen=True):
    kind: Literal["team", "conversation"]
    group: str
    key: str
    member: str
    sealed: str


class Loot(msgspec.Struct, frozen=True):
    """What a thief of the database has."""

    envelopes: list[Envelope]
    copies: list[SealedKey]

    def of(self, conversation: str) -> Loot:
        copies = [each for each in self.copies if each.kind == "team" or each.group == conversation]
        return Loot([each for each in self.envelopes if each.conversation == conversation], copies)


class Pried(msgspec.Struct):
    """The messages that somebody opened, whose they were or not, of how many they tried."""

    person: int
    tried: int
    opened: list[str]


async def steal(dsn: str) -> Loot:
    async with await psycopg.AsyncConnection.connect(dsn, autocommit=True) as connection:
        envelopes = await (await connection.execute(ENVELOPES)).fetchall()
        copies = await (await connection.execute(COPIES)).fetchall()
    return Loot([Envelope(*row) for row in envelopes], [SealedKey(*row) for row in copies])


async def pry(person: int, loot: Loot, *, member: str, seeds: Collection[bytes], keys: Iterable[bytes]) -> Pried:
    """`seeds` are of a person's own KEM keys, `keys` of whatever groups they have ever been in. Not on the loop: this
    takes a while.
    """
    opened = await asyncio.to_thread(_pry, loot, member, seeds, set(keys))
    return Pried(person, len(loot.envelopes), opened)


def _pry(loot: Loot, member: str, seeds: Collection[bytes], keys: set[bytes]) -> list[str]:
    for copy in loot.copies:
        for seed in seeds:
            for named in {copy.member, member}:
                with suppress(Rejected):
                    keys.add(
                        open_group_key(
                            copy.kind, copy.group, copy.key, member=named, seed=seed, sealed=unb64(copy.sealed)
                        )
                    )
    return [each.id for each in loot.envelopes if any(_opens(key, each.envelope) for key in keys)]


def _opens(key: bytes, envelope: str) -> bool:
    """Whatever the envelope says about its key: who breaks in does not ask."""
    with suppress(JoseError, ValueError):
        opened: Any = jwe.decrypt_compact(envelope, OctKey.import_key(key), algorithms=ALGORITHMS)
        return opened.plaintext is not None
    return False
