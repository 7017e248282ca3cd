"""Boxes: something encrypted under a key that both sides have, as compact JWE (`envelope.md`, "Boxes")."""

from typing import Final

import msgspec
from joserfc import jwe
from joserfc.errors import JoseError
from joserfc.jwk import OctKey

from balie.consult.protocol.encoding import name, unb64
from balie.consult.protocol.payloads import decode
from balie.consult.protocol.reasons import Reason, reject

KEY_BYTES: Final = 32
ALGORITHMS: Final = ["dir", "A256GCM"]


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    alg: str
    enc: str
    typ: str
    kid: str


def key_name(key: bytes) -> str:
    """What a box key is called. AES-GCM does not commit to its key; this name does."""
    return name("box-key", key)


def _whole(typ: str, key: bytes) -> None:
    if len(key) != KEY_BYTES:
        reject(Reason.MALFORMED_KEY, typ)


def lock(typ: str, key: bytes, plaintext: bytes, *, kid: str | None = None) -> str:
    """`plaintext` in a box. `kid` only where the key has a name of its own."""
    _whole(typ, key)
    header = {"alg": "dir", "enc": "A256GCM", "typ": typ, "kid": kid or key_name(key)}
    return jwe.encrypt_compact(header, plaintext, OctKey.import_key(key), algorithms=ALGORITHMS)


def unlock(typ: str, key: bytes, box: str, *, kid: str | None = None) -> bytes:
    """What is in `box`, which must say that it is of this type and under this very key."""
    _whole(typ, key)
    parts = box.split(".")
    if len(parts) != 5 or parts[1]:
        reject(Reason.MALFORMED, typ)
    header = decode(unb64(parts[0]), _Header)
    unb64(parts[2], 12)
    unb64(parts[3])
    unb64(parts[4], 16)
    if (header.alg, header.enc) != ("dir", "A256GCM"):
        reject(Reason.WRONG_ALGORITHM, typ)
    if header.typ != typ:
        reject(Reason.WRONG_TYPE, typ)
    if header.kid != (kid or key_name(key)):
        reject(Reason.WRONG_KEY, typ)
    try:
        plaintext = jwe.decrypt_compact(box, OctKey.import_key(key), algorithms=ALGORITHMS).plaintext
    except (JoseError, ValueError):
        reject(Reason.UNOPENABLE, typ)
    return plaintext or b""


def kid_of(box: str) -> str:
    """The name of the key that opens `box`, so that it can be looked up."""
    return decode(unb64(box.split(".", maxsplit=1)[0]), _Header).kid
