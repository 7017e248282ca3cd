"""JSON that was signed or encrypted: written once, read strictly (`envelope.md`, "Payloads")."""

from typing import Annotated, Final, Literal, TypeVar

import msgspec

from balie.consult.protocol.reasons import Reason, reject

INTEGER_MAX: Final = 2**53 - 1
ONE_KIB: Final = 1024

# The last letter may have no bits left over: one way to write given bytes.
Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{21}[AQgw]\Z")]
Name = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048]\Z")]
Public = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{1621}[AQgw]\Z")]
MlDsa = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9_-]{2602}[AEIMQUYcgkosw048]\Z")]
Member = Annotated[
    str, msgspec.Meta(pattern=r"^(?:person:[A-Za-z0-9_-]{21}[AQgw]|team:[A-Za-z0-9_-]{42}[AEIMQUYcgkosw048])\Z")
]
Secret = Name  # 32 bytes are written like a name
Server = Annotated[str, msgspec.Meta(pattern=r"^[a-z0-9-]{1,32}\Z")]
Count = Annotated[int, msgspec.Meta(ge=1, le=INTEGER_MAX)]
Time = Annotated[int, msgspec.Meta(ge=0, le=INTEGER_MAX)]
Version = Literal[1]

T = TypeVar("T")


class Payload(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A JSON object with exactly these members; `v` is the version of its form."""

    v: Version = 1


def encode(payload: object) -> bytes:
    return msgspec.json.encode(payload)


def decode(data: bytes, form: type[T]) -> T:
    """`data` as an object of `form`: nothing missing, nothing more, every member as it should be."""
    try:
        return msgspec.json.decode(data, type=form)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        reject(Reason.MALFORMED, "payload")
