"""Release without a passkey: another device of theirs, or two colleagues, approve one challenge (`release.md`)."""

from collections.abc import Iterable
from typing import Final, Literal

from balie.consult.protocol.devices import Device
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.payloads import Id, Payload, Secret, Time, decode
from balie.consult.protocol.persons import ADMITTERS, KnownKey
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.statements import Statement, kid_of, sign, verify

TYP: Final = "balie-release-approval+jws"
By = Literal["device", "colleagues"]


class Approval(Payload, frozen=True, kw_only=True):
    person: Id
    set: Id
    challenge: Secret
    at: Time


def state_approval(approval: Approval, *seeds: bytes) -> Statement:
    """Signed by one device of the person, or by the person keys of colleagues."""
    return sign(TYP, approval, seeds)


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
