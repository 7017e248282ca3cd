"""That a conversation was destroyed, signed by the installation (docs/spec/consult/destruction.md). Certificates name
things by ids and hashes; what was said is in none.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Final

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from balie.consult.protocol.encoding import b64, info, unb64
from balie.consult.protocol.payloads import Version, decode, encode
from balie.consult.protocol.reasons import Rejected
from balie.consult.protocol.statements import kid_of, public_of, sign_compact, verify_compact

TYP: Final = "balie-destruction+jws"
KEY_BYTES: Final = 32
KINDS: Final = ("message", "attachment", "key", "copy")


class Agreed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A practice that kept it: on which ground it was destroyed, who asked and who decided. Times as in RFC 3339."""

    practice: str
    agb: str
    ground: str
    received: str
    asked_by: str
    asked_at: str
    decided_by: str
    decided_at: str


class Certificate(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`changed` is when the conversation last changed. `listed` is the hash of the list of what is
    gone, `counts` how much of each kind. `log` is the last entry of its log then, in which that is written.
    """

    v: Version
    installation: str
    conversation: str
    kind: str
    changed: str
    at: str
    agreed: tuple[Agreed, ...]
    counts: dict[str, int]
    listed: str
    log: str


class CertificateFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """As it is downloaded: the certificate, and the list that it names, as text."""

    certificate: str
    listed: str


class Listed(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One thing that is gone: a message by its id and the hash of its envelope, a file or a key by its name, a sealed
    copy by its key and whose it was.
    """

    what: str
    id: str
    hash: str


@dataclass(frozen=True)
class Checked:
    """What a good file says, and which key signed it."""

    certificate: Certificate
    listed: tuple[Listed, ...]
    kid: str


class NotGoodError(ValueError):
    """A file that is no certificate of one of these keys; the text says why."""


def seed_of(secret: str) -> bytes:
    """The seed of the signing key, from the secret of the installation."""
    return HKDF(SHA256(), KEY_BYTES, salt=None, info=info("destruction-certificate")).derive(secret.encode())


def write_list(listed: list[Listed]) -> str:
    return encode(listed).decode()


def write_file(file: CertificateFile) -> bytes:
    return encode(file)


def list_name(text: str) -> str:
    return b64(sha256(text.encode()).digest())


def seal_certificate(certificate: Certificate, seed: bytes) -> str:
    return sign_compact(TYP, encode(certificate), seed)


def key_of(seed: bytes) -> tuple[str, str]:
    """What the key is called, and its public half."""
    public = public_of(seed)
    return kid_of(public), b64(public)


def keys_given(public: str) -> dict[str, str]:
    """As `check_file` wants it, of a public key in base64url. Raises NotGoodError."""
    try:
        return {kid_of(unb64(public, KEY_BYTES)): public}
    except Rejected:
        raise NotGoodError("the key that was given is none") from None


def check_file(data: bytes, keys: Mapping[str, str]) -> Checked:
    """A file as it was downloaded, by the public keys of the installation: kid to key. Raises NotGoodError."""
    try:
        file = msgspec.json.decode(data, type=CertificateFile)
        listed = msgspec.json.decode(file.listed, type=tuple[Listed, ...])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise NotGoodError("it is no certificate of a destruction") from None
    try:
        payload, kid = verify_compact(TYP, file.certificate, {each: unb64(key, 32) for each, key in keys.items()})
        certificate = decode(payload, Certificate)
    except Rejected as rejected:
        raise NotGoodError(f"its signature is not one of this installation ({rejected.reason})") from None
    if list_name(file.listed) != certificate.listed:
        raise NotGoodError("its list is not the one that was signed")
    if {kind: sum(each.what == kind for each in listed) for kind in KINDS} != certificate.counts:
        raise NotGoodError("its list does not have as much as was signed")
    return Checked(certificate, listed, kid)


def moment(at: datetime) -> str:
    return at.isoformat(timespec="seconds")
