"""Getting a share back from a key server: one gesture serves all three (`release.md`)."""

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Annotated, Final

import msgspec

from balie.consult.protocol.encoding import b64, info, unb64
from balie.consult.protocol.payloads import Id, Name, Payload, Secret, Server, Time, decode, encode
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.shares import THRESHOLD, ShareHash, ShareSet, check_share
from balie.consult.protocol.statements import kid_of, sign_compact, verify_compact
from balie.consult.protocol.suite import seal, unseal

REPLY_TYP: Final = "balie-share-reply+jws"
HELD_TYP: Final = "balie-share-held+jws"
NONCE_BYTES: Final = 32
SEALED_MAX: Final = 2048


@dataclass(frozen=True)
class KeyServer:
    """What a client's settings say of a key server: its name and its public keys."""

    server: str
    kem: bytes
    sign: bytes


class Offer(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The nonce that a key server gave; null if it did not answer."""

    server: Server
    nonce: Secret | None


class Reply(Payload, frozen=True, kw_only=True):
    """A share, sealed to the reply key of the one who asked."""

    server: Server
    person: Id
    set: Id
    challenge: Secret
    sealed: Annotated[str, msgspec.Meta(max_length=SEALED_MAX)]


class Held(Payload, frozen=True, kw_only=True):
    """A key server says that it has a share with this hash; `nonce` is of the one who asked."""

    server: Server
    person: Id
    set: Id
    hash: Name
    nonce: Secret
    at: Time


def challenge(stated: ShareSet, reply: bytes, offers: Sequence[Offer]) -> bytes:
    """What the passkey signs: who asks for what, where the reply goes, and every server's nonce in its place."""
    if [each.server for each in offers] != [each.server for each in stated.shares]:
        reject(Reason.MALFORMED, "offers")
    if sum(each.nonce is not None for each in offers) < THRESHOLD:
        reject(Reason.TOO_FEW_SHARES, "offers")
    fields = [stated.person.encode(), stated.set.encode(), reply]
    for each in offers:
        fields += [each.server.encode(), b"" if each.nonce is None else unb64(each.nonce, NONCE_BYTES)]
    return sha256(info("share-release", *fields)).digest()


def seal_deposit(stated: ShareSet, server: KeyServer, share: bytes) -> bytes:
    """A share for `server` to keep, which no proxy on the way can read."""
    check_share(stated, server.server, share)
    return seal(server.kem, _context("share-deposit", server.server, stated.person, stated.set), share)


def open_deposit(stated: ShareSet, server: str, kem_seed: bytes, sealed: bytes) -> bytes:
    """The key server's side: the share, if it is the one that the person stated."""
    share = unseal(kem_seed, _context("share-deposit", server, stated.person, stated.set), sealed)
    check_share(stated, server, share)
    return share


def seal_reply(stated: ShareSet, server: str, sign_seed: bytes, *, share: bytes, reply: bytes, challenge: bytes) -> str:
    """The key server's side: the share for the holder of the reply key, signed."""
    sealed = seal(reply, _context("share-reply", server, stated.person, stated.set, challenge), share)
    payload = Reply(server=server, person=stated.person, set=stated.set, challenge=b64(challenge), sealed=b64(sealed))
    return sign_compact(REPLY_TYP, encode(payload), sign_seed)


def open_reply(stated: ShareSet, server: KeyServer, reply_seed: bytes, *, text: str, challenge: bytes) -> bytes:
    """The share; `text`, with the reply seed, shows to anyone what that server gave."""
    payload, _ = verify_compact(REPLY_TYP, text, {kid_of(server.sign): server.sign})
    reply = decode(payload, Reply)
    _about(stated, server.server, reply)
    if reply.challenge != b64(challenge):
        reject(Reason.WRONG_CHALLENGE, REPLY_TYP)
    context = _context("share-reply", server.server, stated.person, stated.set, challenge)
    share = unseal(reply_seed, context, unb64(reply.sealed))
    check_share(stated, server.server, share)
    return share


def state_held(stated: ShareSet, server: str, sign_seed: bytes, *, share_hash: str, nonce: bytes, at: int) -> str:
    """The key server's side: it has the share; said without giving it."""
    held = Held(server=server, person=stated.person, set=stated.set, hash=share_hash, nonce=b64(nonce), at=at)
    return sign_compact(HELD_TYP, encode(held), sign_seed)


def accept_held(stated: ShareSet, server: KeyServer, *, text: str, nonce: bytes) -> int:
    """When `server` said that it holds the share that was deposited; for the rehearsal in the background."""
    payload, _ = verify_compact(HELD_TYP, text, {kid_of(server.sign): server.sign})
    held = decode(payload, Held)
    _about(stated, server.server, held)
    if held.nonce != b64(nonce):
        reject(Reason.WRONG_CHALLENGE, HELD_TYP)
    if ShareHash(server=held.server, hash=held.hash) not in stated.shares:
        reject(Reason.BAD_SHARE, HELD_TYP)
    return held.at


def _about(stated: ShareSet, server: str, said: Reply | Held) -> None:
    if said.server != server:
        reject(Reason.WRONG_SERVER, server)
    if said.person != stated.person:
        reject(Reason.WRONG_PERSON, server)
    if said.set != stated.set:
        reject(Reason.STALE, server)


def _context(label: str, server: str, person: str, set_id: str, *more: bytes) -> bytes:
    return info(label, server.encode(), person.encode(), set_id.encode(), *more)
