"""Passkeys of a person, registered under the person key: whoever logs people in cannot add one (`release.md`)."""

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec

from balie.consult.protocol.encoding import b64, unb64
from balie.consult.protocol.persons import ByPerson, Person, stated_by
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.statements import Statement, sign

TYP: Final = "balie-passkey+jws"
REVOKED_TYP: Final = "balie-passkey-revoked+jws"
Credential = Annotated[str, msgspec.Meta(min_length=22, max_length=1366)]


class Passkey(ByPerson, frozen=True, kw_only=True):
    """`credential` is the authenticator's id for it, `key` its public key in COSE form, both in `b64`."""

    credential: Credential
    key: Annotated[str, msgspec.Meta(min_length=32, max_length=4096)]


class PasskeyRevoked(ByPerson, frozen=True, kw_only=True):
    credential: Credential


def state_passkey(
    *, person: str, generation: int, credential: bytes, key: bytes, at: int, sign_seed: bytes
) -> Statement:
    stated = Passkey(person=person, generation=generation, credential=b64(credential), key=b64(key), at=at)
    return sign(TYP, stated, [sign_seed])


def revoke_passkey(*, person: str, generation: int, credential: bytes, at: int, sign_seed: bytes) -> Statement:
    stated = PasskeyRevoked(person=person, generation=generation, credential=b64(credential), at=at)
    return sign(REVOKED_TYP, stated, [sign_seed])


def accept_passkeys(
    statements: Iterable[Statement], revocations: Iterable[Statement], person: Person
) -> dict[str, bytes]:
    """Credential to COSE key, of every passkey that may release shares."""
    found = [stated_by(person, TYP, Passkey, each) for each in statements]
    gone = {stated_by(person, REVOKED_TYP, PasskeyRevoked, each).credential for each in revocations}
    for each in found:
        unb64(each.credential)
    if len({each.credential for each in found}) != len(found):
        reject(Reason.MALFORMED, TYP)
    return {each.credential: unb64(each.key) for each in found if each.credential not in gone}
