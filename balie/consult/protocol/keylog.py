"""The key log: what its entries are, and checkpoints that key servers cosign (`keylog.md`)."""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA65PrivateKey, MLDSA65PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from balie.consult.protocol import devices, persons
from balie.consult.protocol.encoding import info, name
from balie.consult.protocol.payloads import INTEGER_MAX
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.statements import public_of
from balie.consult.protocol.trees import HASH_BYTES, check_consistency, check_inclusion, leaf_hash

TYPES: Final = (persons.TYP, devices.TYP, devices.REVOKED_TYP)
THRESHOLD: Final = 2
NOTE_MAX: Final = 64 * 1024
LINES_MOST: Final = 16
ED25519: Final = b"\x04"
ML_DSA_65: Final = b"\xffml-dsa-65"
_BODY: Final = re.compile(r"([^\s+]{1,255})\n(0|[1-9][0-9]{0,15})\n([A-Za-z0-9+/]{43}=)\n")
_LINE: Final = re.compile(r"— (\S{1,64}) ([A-Za-z0-9+/]+={0,2})")
_ID_BYTES: Final = 4
_TIME_BYTES: Final = 8
_SEED_BYTES: Final = 32


@dataclass(frozen=True)
class Checkpoint:
    """What the log of an installation (`origin`) was at a size: the root of its tree."""

    origin: str
    size: int
    root: bytes

    @property
    def body(self) -> str:
        return f"{self.origin}\n{self.size}\n{_base64(self.root)}\n"


@dataclass(frozen=True)
class Cosigner:
    """A key server as whoever checks its cosignatures knows it: its Ed25519 and its ML-DSA-65 public key."""

    server: str
    sign: bytes
    ml_dsa: bytes


@dataclass(frozen=True)
class Cosigned:
    """A checkpoint that was accepted: who cosigned it, and since when two had, in seconds since 1970."""

    checkpoint: Checkpoint
    servers: tuple[str, ...]
    at: int


def entry_of(person: str) -> str:
    """Whose keys an entry is about, for those who know the person's id."""
    return name("key-log-of", person.encode())


def entry_leaf(of: str, statement: str) -> bytes:
    """The hash of an entry: whose keys, and the name of the statement."""
    return leaf_hash(info("key-log-entry", of.encode(), statement.encode()))


def origin_of(address: str) -> str:
    """What the log of the installation at this address is called in checkpoints."""
    return f"{address.partition('://')[2]}/key-log"


def check_entry(checkpoint: Checkpoint, *, person: str, statement: str, index: int, proof: Sequence[bytes]) -> None:
    """That this statement of this person is in the log. Raises Rejected (`not-in-log`)."""
    leaf = entry_leaf(entry_of(person), statement)
    check_inclusion(leaf=leaf, index=index, size=checkpoint.size, root=checkpoint.root, proof=proof)


def check_follows(checkpoint: Checkpoint, seen: Checkpoint, proof: Sequence[bytes]) -> None:
    """That a checkpoint goes on from one that was seen before. Raises Rejected: `stale` when it is an older one,
    `forked` when it is of another log.
    """
    if checkpoint.origin != seen.origin:
        reject(Reason.FORKED, "origin")
    if checkpoint.size < seen.size:
        reject(Reason.STALE, "checkpoint")
    check_consistency(
        size=seen.size, root=seen.root, later_size=checkpoint.size, later_root=checkpoint.root, proof=proof
    )


def ml_dsa_seed(sign_seed: bytes) -> bytes:
    """A key server has one seed for both its signing keys."""
    return HKDF(algorithm=SHA256(), length=_SEED_BYTES, salt=None, info=info("key-log-ml-dsa")).derive(sign_seed)


def ml_dsa_public(sign_seed: bytes) -> bytes:
    return MLDSA65PrivateKey.from_seed_bytes(ml_dsa_seed(sign_seed)).public_key().public_bytes_raw()


def cosigner(server: str, sign_seed: bytes) -> Cosigner:
    return Cosigner(server, public_of(sign_seed), ml_dsa_public(sign_seed))


def cosign(checkpoint: Checkpoint, server: str, sign_seed: bytes, *, at: int) -> str:
    """The two lines of one key server: an Ed25519 cosignature, and the same in ML-DSA-65."""
    known, message = cosigner(server, sign_seed), _message(checkpoint.body, at)
    ed25519 = Ed25519PrivateKey.from_private_bytes(sign_seed)
    ml_dsa = MLDSA65PrivateKey.from_seed_bytes(ml_dsa_seed(sign_seed))
    signed = {
        key_id(server, ED25519, known.sign): ed25519.sign(message),
        key_id(server, ML_DSA_65, known.ml_dsa): ml_dsa.sign(message),
    }
    time = at.to_bytes(_TIME_BYTES, "big")
    return "".join(f"— {server} {_base64(each + time + signature)}\n" for each, signature in signed.items())


def key_id(server: str, kind: bytes, public: bytes) -> bytes:
    """What a signature line calls its key (C2SP signed-note)."""
    return sha256(server.encode() + b"\n" + kind + public).digest()[:_ID_BYTES]


def note_of(checkpoint: Checkpoint, *lines: str) -> str:
    return f"{checkpoint.body}\n{''.join(lines)}"


def accept_checkpoint(note: str, *, origin: str, cosigners: Sequence[Cosigner]) -> Cosigned:
    """The checkpoint in a note, which at least two of `cosigners` MUST have signed with both their keys."""
    body, lines = _split(note)
    found = _BODY.fullmatch(body)
    if found is None or int(found[2]) > INTEGER_MAX:
        reject(Reason.MALFORMED, "checkpoint")
    checkpoint = Checkpoint(found[1], int(found[2]), _unbase64(found[3]))
    if checkpoint.origin != origin:
        reject(Reason.FORKED, "origin")
    times = {each.server: _times(each, body, lines) for each in cosigners}
    both = {server: min(each) for server, each in times.items() if len(each) == 2}
    if len(both) < THRESHOLD:
        reject(Reason.TOO_FEW_COSIGNATURES, "checkpoint")
    return Cosigned(checkpoint, tuple(sorted(both)), sorted(both.values())[-THRESHOLD])


def _split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """What was signed, and of every signature line the name and the bytes."""
    body, parted, rest = note.partition("\n\n")
    lines = rest.split("\n")
    if not parted or len(note) > NOTE_MAX or lines.pop() != "" or not 1 <= len(lines) <= LINES_MOST:
        reject(Reason.MALFORMED, "checkpoint")
    return f"{body}\n", [_line(each) for each in lines]


def _line(line: str) -> tuple[str, bytes]:
    found = _LINE.fullmatch(line)
    if found is None:
        reject(Reason.MALFORMED, "line")
    return found[1], _unbase64(found[2])


def _times(known: Cosigner, body: str, lines: Sequence[tuple[str, bytes]]) -> list[int]:
    """When a key server signed, once for each of its keys whose signature is there. Raises Rejected if one is wrong."""
    ed25519 = Ed25519PublicKey.from_public_bytes(known.sign)
    ml_dsa = MLDSA65PublicKey.from_public_bytes(known.ml_dsa)
    checks = {
        key_id(known.server, ED25519, known.sign): ed25519.verify,
        key_id(known.server, ML_DSA_65, known.ml_dsa): ml_dsa.verify,
    }
    times = {}
    for server, data in lines:
        check = checks.get(data[:_ID_BYTES])
        if server != known.server or check is None:
            continue
        at = int.from_bytes(data[_ID_BYTES : _ID_BYTES + _TIME_BYTES], "big")
        if data[:_ID_BYTES] in times or at > INTEGER_MAX:
            reject(Reason.MALFORMED, "line")
        try:
            check(data[_ID_BYTES + _TIME_BYTES :], _message(body, at))
        except InvalidSignature:
            reject(Reason.BAD_SIGNATURE, "checkpoint")
        times[data[:_ID_BYTES]] = at
    return list(times.values())


def _message(body: str, at: int) -> bytes:
    """What is signed: C2SP tlog-cosignature, version 1."""
    return f"cosignature/v1\ntime {at}\n{body}".encode()


def _base64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unbase64(text: str) -> bytes:
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error:
        data = b""
    if _base64(data) != text or len(data) < HASH_BYTES:
        reject(Reason.MALFORMED, "base64")
    return data
