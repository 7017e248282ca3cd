"""Shares: a secret for two of three key servers, with signed hashes (`keys.md`, "Shares")."""

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
import pyshamir

from balie.consult.protocol.boxes import KEY_BYTES
from balie.consult.protocol.encoding import name
from balie.consult.protocol.payloads import Id, Name, Server
from balie.consult.protocol.persons import ByPerson, Person, stated_by
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.statements import Statement, sign

TYP: Final = "balie-share-set+jws"
SERVERS: Final = 3
THRESHOLD: Final = 2


class ShareHash(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    server: Server
    hash: Name


class ShareSet(ByPerson, frozen=True, kw_only=True):
    """Which server holds a share, and its hash: what exposes a bad one."""

    set: Id
    shares: Annotated[tuple[ShareHash, ...], msgspec.Meta(min_length=SERVERS, max_length=SERVERS)]


def split(secret: bytes) -> list[bytes]:
    """Three shares of 33 bytes: 32 of the polynomial, then where it was taken."""
    assert len(secret) == KEY_BYTES
    return [bytes(share) for share in pyshamir.split(secret, SERVERS, THRESHOLD)]


def share_hash(*, person: str, set_id: str, server: str, share: bytes) -> str:
    return name("share", person.encode(), set_id.encode(), server.encode(), share)


def state_share_set(
    *, person: str, generation: int, set_id: str, shares: Mapping[str, bytes], at: int, sign_seed: bytes
) -> Statement:
    """`shares`: server to share, in the order in which challenges name the servers."""
    hashes = tuple(
        ShareHash(server=server, hash=share_hash(person=person, set_id=set_id, server=server, share=share))
        for server, share in shares.items()
    )
    stated = ShareSet(person=person, generation=generation, set=set_id, shares=hashes, at=at)
    return sign(TYP, stated, [sign_seed])


def accept_share_set(statement: Statement, person: Person) -> ShareSet:
    stated = stated_by(person, TYP, ShareSet, statement)
    if len({each.server for each in stated.shares}) != SERVERS:
        reject(Reason.MALFORMED, TYP)
    return stated


def check_share(stated: ShareSet, server: str, share: bytes) -> None:
    """A share that is not the one that was deposited names its server."""
    hashed = share_hash(person=stated.person, set_id=stated.set, server=server, share=share)
    if ShareHash(server=server, hash=hashed) not in stated.shares:
        reject(Reason.BAD_SHARE, server)


def combine(stated: ShareSet, shares: Mapping[str, bytes]) -> bytes:
    """The secret, from two shares or more, each of which is checked first: Shamir itself would not tell."""
    for server, share in shares.items():
        check_share(stated, server, share)
    if len(shares) < THRESHOLD:
        reject(Reason.TOO_FEW_SHARES, stated.set)
    return bytes(pyshamir.combine([bytearray(share) for share in shares.values()]))
