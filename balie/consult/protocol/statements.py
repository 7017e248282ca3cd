"""Statements: JSON that one or more have signed (`envelope.md`, "Statements")."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import OKPKey

from balie.consult.protocol.encoding import b64, name, unb64
from balie.consult.protocol.payloads import Name, decode, encode
from balie.consult.protocol.reasons import Reason, reject

ALGORITHM: Final = "Ed25519"
SIGNATURES_MAX: Final = 4
PAYLOAD_MAX: Final = 64 * 1024

Statement = dict[str, Any]
Signers = Mapping[str, bytes]  # kid to Ed25519 public key: whose signature may count here


class _Header(msgspec.Struct, forbid_unknown_fields=True):
    alg: str
    typ: str
    kid: Name


class _Signature(msgspec.Struct, forbid_unknown_fields=True):
    protected: str
    signature: str


class _General(msgspec.Struct, forbid_unknown_fields=True):
    payload: str
    signatures: Annotated[list[_Signature], msgspec.Meta(min_length=1, max_length=SIGNATURES_MAX)]


@dataclass(frozen=True)
class Signed:
    """A payload whose every signature was verified."""

    payload: bytes
    kids: tuple[str, ...]
    name: str


def public_of(seed: bytes) -> bytes:
    """The Ed25519 public key of a 32-byte seed."""
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def _key(public: bytes) -> OKPKey:
    return OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, "x": b64(public)})


def kid_of(public: bytes) -> str:
    """What a signing key is called: its thumbprint (RFC 7638)."""
    return _key(public).thumbprint()


def signers(*publics: bytes) -> dict[str, bytes]:
    return {kid_of(public): public for public in publics}


def name_of(typ: str, payload: bytes) -> str:
    """What a statement is called: by its type and payload, whoever signed."""
    return name("statement", typ.encode(), payload)


def sign_compact(typ: str, payload: bytes, seed: bytes) -> str:
    """A JWS by one signer, in its compact form."""
    public = public_of(seed)
    private = OKPKey.import_key({"kty": "OKP", "crv": ALGORITHM, "x": b64(public), "d": b64(seed)})
    header = {"alg": ALGORITHM, "typ": typ, "kid": kid_of(public)}
    return jws.serialize_compact(header, payload, private, algorithms=[ALGORITHM])


def sign(typ: str, payload: object, seeds: Iterable[bytes]) -> Statement:
    """`payload` signed by each of `seeds`, as general JSON (RFC 7515, section 7.2.1)."""
    data = encode(payload)
    compact = [sign_compact(typ, data, seed).split(".") for seed in seeds]
    return {
        "payload": b64(data),
        "signatures": [{"protected": header, "signature": signature} for header, _, signature in compact],
    }


def verify_compact(typ: str, text: str, signers: Signers) -> tuple[bytes, str]:
    """The payload, and the kid of the one of `signers` who signed it."""
    parts = text.split(".")
    if len(parts) != 3:
        reject(Reason.MALFORMED, typ)
    header = decode(unb64(parts[0]), _Header)
    payload = unb64(parts[1])
    unb64(parts[2], 64)
    if len(payload) > PAYLOAD_MAX:
        reject(Reason.MALFORMED, typ)
    if header.alg != ALGORITHM:
        reject(Reason.WRONG_ALGORITHM, typ)
    if header.typ != typ:
        reject(Reason.WRONG_TYPE, typ)
    if header.kid not in signers:
        reject(Reason.UNKNOWN_SIGNER, typ)
    try:
        jws.deserialize_compact(text, _key(signers[header.kid]), algorithms=[ALGORITHM])
    except (JoseError, ValueError):
        reject(Reason.BAD_SIGNATURE, typ)
    return payload, header.kid


def peek(statement: Statement) -> bytes:
    """The payload before anyone vouches for it: only to learn whose signature to ask."""
    return unb64(_general(statement).payload)


def kids_in(statement: Statement) -> list[str]:
    """By which keys it says it is signed; of one that was verified, by which it is."""
    return [decode(unb64(each.protected), _Header).kid for each in _general(statement).signatures]


def _general(statement: Statement) -> _General:
    try:
        return msgspec.convert(statement, _General)
    except msgspec.ValidationError:
        reject(Reason.MALFORMED, "statement")


def without_others(statement: Statement, signers: Signers) -> Statement:
    """Without the signatures of anyone but `signers`: for whoever need not know all who signed."""
    general = _general(statement)
    kept = [each for each in general.signatures if decode(unb64(each.protected), _Header).kid in signers]
    return {"payload": general.payload, "signatures": [msgspec.structs.asdict(each) for each in kept]}


def verify(typ: str, statement: Statement, signers: Signers) -> Signed:
    """The payload of `statement`. Every signature MUST verify, and be by one of `signers`, each once."""
    general = _general(statement)
    kids = []
    for each in general.signatures:
        payload, kid = verify_compact(typ, f"{each.protected}.{general.payload}.{each.signature}", signers)
        kids.append(kid)
    if len(set(kids)) != len(kids):
        reject(Reason.MALFORMED, typ)
    return Signed(payload=payload, kids=tuple(kids), name=name_of(typ, payload))
