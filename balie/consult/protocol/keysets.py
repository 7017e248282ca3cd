"""The keyset: every generation of a person's secret keys, in one box under a random key (`keys.md`, "Keyset")."""

from typing import Annotated, Final

import msgspec

from balie.consult.protocol.boxes import lock, unlock
from balie.consult.protocol.payloads import Count, Id, Payload, Secret, decode, encode
from balie.consult.protocol.reasons import Reason, reject

TYP: Final = "balie-keyset+jwe"


class Generation(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The two seeds of one generation."""

    generation: Count
    kem: Secret
    sign: Secret


class Keyset(Payload, frozen=True, kw_only=True):
    person: Id
    generations: Annotated[tuple[Generation, ...], msgspec.Meta(min_length=1)]


def lock_keyset(keyset: Keyset, key: bytes) -> str:
    """`key` is random, 32 bytes; each unlock method wraps it."""
    return lock(TYP, key, encode(keyset))


def open_keyset(box: str, key: bytes, *, person: str, generation: int) -> Keyset:
    """The keyset of `person`; `generation` is the one their accepted key statement has: an older keyset is stale."""
    keyset = decode(unlock(TYP, key, box), Keyset)
    if keyset.person != person:
        reject(Reason.WRONG_PERSON, TYP)
    numbers = [each.generation for each in keyset.generations]
    if numbers != sorted(set(numbers)):
        reject(Reason.MALFORMED, TYP)
    if numbers[-1] < generation:
        reject(Reason.STALE, TYP)
    return keyset
