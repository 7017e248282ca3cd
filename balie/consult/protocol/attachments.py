"""Attachments: an age file for a key of its own, which travels inside the message (`message.md`, "Attachments")."""

from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec
import pyrage

from balie.consult.protocol.encoding import b64
from balie.consult.protocol.payloads import Name
from balie.consult.protocol.reasons import Reason, reject

ATTACHMENTS_MAX: Final = 10
SIZE_MAX: Final = 20 * 1024 * 1024
Type = Literal["image/jpeg", "image/png", "application/pdf"]
BEGINNINGS: Final[dict[Type, bytes]] = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "application/pdf": b"%PDF-",
}


class Attachment(msgspec.Struct, frozen=True, kw_only=True):
    """`hash` is of the encrypted file, by which it is fetched; `size`, in bytes, and `type` of what is in it."""

    identity: Annotated[str, msgspec.Meta(pattern=r"^AGE-SECRET-KEY-1[02-9AC-HJ-NP-Z]{58}\Z")]
    hash: Name
    size: Annotated[int, msgspec.Meta(ge=1, le=SIZE_MAX)]
    type: Type
    name: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]


def seal_attachment(data: bytes, *, media_type: Type, name: str) -> tuple[bytes, Attachment]:
    """The encrypted file, and what the message says of it."""
    _check(data, media_type, len(data))
    identity = pyrage.x25519.Identity.generate()
    file = bytes(pyrage.encrypt(data, [identity.to_public()]))
    described = Attachment(
        identity=str(identity), hash=b64(sha256(file).digest()), size=len(data), type=media_type, name=name
    )
    return file, described


def open_attachment(file: bytes, described: Attachment) -> bytes:
    """What is in `file`, if it is the one that was described, of that size and really of that type."""
    if b64(sha256(file).digest()) != described.hash:
        reject(Reason.WRONG_ATTACHMENT, "hash")
    try:
        data = bytes(pyrage.decrypt(file, [pyrage.x25519.Identity.from_str(described.identity)]))
    except (pyrage.DecryptError, pyrage.IdentityError, ValueError):
        reject(Reason.UNOPENABLE, "attachment")
    _check(data, described.type, described.size)
    return data


def _check(data: bytes, media_type: Type, size: int) -> None:
    if len(data) != size or not 1 <= size <= SIZE_MAX or not data.startswith(BEGINNINGS[media_type]):
        reject(Reason.WRONG_ATTACHMENT, "size or type")
