"""How things become bytes, and how bytes get names (`envelope.md`, "Encoding")."""

import base64
import binascii
import re
from hashlib import sha256
from typing import Final

from balie.consult.protocol.reasons import Reason, reject

PREFIX: Final = b"balie/1/"
FIELD_MAX: Final = 0xFFFF
ID_BYTES: Final = 16
NAME_BYTES: Final = 32
_LABEL: Final = re.compile(r"[a-z]+(?:-[a-z]+)*")


def info(label: str, *fields: bytes) -> bytes:
    """Prefix, label, a zero byte, then each field after its length in two bytes: no two lists give the same bytes."""
    if not _LABEL.fullmatch(label):
        reject(Reason.MALFORMED, "label")
    parts = [PREFIX, label.encode(), b"\0"]
    for field in fields:
        if len(field) > FIELD_MAX:
            reject(Reason.MALFORMED, "field")
        parts += [len(field).to_bytes(2, "big"), field]
    return b"".join(parts)


def name(label: str, *fields: bytes) -> str:
    """What something is called: SHA-256 of its `info`, in base64url."""
    return b64(sha256(info(label, *fields)).digest())


def b64(data: bytes) -> str:
    """base64url without padding (RFC 7515, section 2)."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str, length: int | None = None) -> bytes:
    """The bytes of `text`, which must be the one and only way to write them; of `length` bytes if that is given."""
    try:
        data = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        reject(Reason.MALFORMED, "base64url")
    if b64(data) != text or (length is not None and len(data) != length):
        reject(Reason.MALFORMED, "base64url")
    return data
