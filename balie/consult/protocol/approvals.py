"""Release without a passkey: another device of theirs, or two colleagues, approve one challenge (`release.md`)."""

from collections.abc import Iterable
from hashlib import sha256
from typing import Annotated, Final, Literal

import msgspec

from balie.consult.protocol.devices import Device
from balie.consult.protocol.encoding import b64, info, unb64
from balie.consult.protocol.payloads import Id, Name, Payload, Secret, Time, decode
from balie.consult.protocol.persons import ADMITTERS, ByPerson, KnownKey, Person, stated_by
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.statements import Statement, kid_of, sign, verify

TYP: Final = "balie-release-approval+jws"
CODES: Final = 10**12
TRUSTEES_TYP: Final = "balie-trustees+jws"
TRUSTEES_MAX: Final = 16
By = Literal["device", "colleagues"]


class Approval(Payload, frozen=True, kw_only=True):
    person: Id
    set: Id
    challenge: Secret
    at: Time


class Trustee(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    person: Id
    sign: Name


class Trustees(ByPerson, frozen=True, kw_only=True):
    """Colleagues, two of whom may approve a release or admit a new key: a key server knows no teams."""

    colleagues: Annotated[tuple[Trustee, ...], msgspec.Meta(min_length=ADMITTERS, max_length=TRUSTEES_MAX)]


def state_trustees(
    *, person: str, generation: int, colleagues: Iterable[KnownKey], at: int, sign_seed: bytes
) -> Statement:
    named = tuple(Trustee(person=each.person, sign=b64(each.sign)) for each in colleagues)
    return sign(TRUSTEES_TYP, Trustees(person=person, generation=generation, colleagues=named, at=at), [sign_seed])


def accept_trustees(statement: Statement, person: Person) -> tuple[KnownKey, ...]:
    """Those whom `person` trusts: different people, and not themselves."""
    stated = stated_by(person, TRUSTEES_TYP, Trustees, statement)
    people = [each.person for each in stated.colleagues]
    if len(set(people)) != len(people) or person.person in people:
        reject(Reason.MALFORMED, TRUSTEES_TYP)
    return tuple(KnownKey(each.person, unb64(each.sign)) for each in stated.colleagues)


def state_approval(approval: Approval, *seeds: bytes) -> Statement:
    """Signed by one device of the person, or by the person keys of colleagues."""
    return sign(TYP, approval, seeds)


def approval_code(challenge: bytes) -> str:
    """Twelve digits that two screens show: that it is this question, not one that somebody else asks at that moment."""
    hashed = sha256(info("approval-code", challenge)).digest()
    return f"{int.from_bytes(hashed[:8]) % CODES:012}"


def accept_approval(
    statement: Statement,
    *,
    person: str,
    set_id: str,
    challenge: bytes,
    devices: Iterable[Device],
    colleagues: Iterable[KnownKey],
) -> By:
    """Who approves that the share of `set_id` is released for `challenge`. A revoked device approves nothing."""
    own = {kid_of(each.sign): each.sign for each in devices if each.person == person and not each.revoked}
    others = {kid_of(each.sign): each for each in colleagues if each.person != person}
    signed = verify(TYP, statement, own | {kid: each.sign for kid, each in others.items()})
    approval = decode(signed.payload, Approval)
    if approval.person != person:
        reject(Reason.WRONG_PERSON, TYP)
    if approval.set != set_id:
        reject(Reason.STALE, TYP)
    if approval.challenge != b64(challenge):
        reject(Reason.WRONG_CHALLENGE, TYP)
    if any(kid in own for kid in signed.kids):
        return "device"
    if len({others[kid].person for kid in signed.kids}) < ADMITTERS:
        reject(Reason.MISSING_SIGNATURE, TYP)
    return "colleagues"
