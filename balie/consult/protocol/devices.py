"""Devices: a signing key per browser profile, certified by the person (`keys.md`, "Devices")."""

from dataclasses import dataclass
from typing import Final

from balie.consult.protocol.encoding import b64, unb64
from balie.consult.protocol.payloads import Id, Name
from balie.consult.protocol.persons import ByPerson, Person, stated_by
from balie.consult.protocol.statements import Statement, sign

TYP: Final = "balie-device+jws"
REVOKED_TYP: Final = "balie-device-revoked+jws"


class DeviceCertificate(ByPerson, frozen=True, kw_only=True):
    device: Id
    sign: Name


class DeviceRevoked(ByPerson, frozen=True, kw_only=True):
    device: Id


@dataclass(frozen=True)
class Device:
    """A device whose certificate was accepted. `revoked`: it may sign nothing new."""

    person: str
    device: str
    sign: bytes
    revoked: bool = False


def certify_device(*, person: str, generation: int, device: str, public: bytes, at: int, sign_seed: bytes) -> Statement:
    """`public` is the device's Ed25519 key; `sign_seed` the person's, of `generation`."""
    certificate = DeviceCertificate(person=person, generation=generation, device=device, sign=b64(public), at=at)
    return sign(TYP, certificate, [sign_seed])


def revoke_device(*, person: str, generation: int, device: str, at: int, sign_seed: bytes) -> Statement:
    return sign(REVOKED_TYP, DeviceRevoked(person=person, generation=generation, device=device, at=at), [sign_seed])


def accept_device(statement: Statement, person: Person, revocations: tuple[Statement, ...] = ()) -> Device:
    """The device that `statement` certifies, and whether one of `revocations` is about it."""
    certificate = stated_by(person, TYP, DeviceCertificate, statement)
    revoked = {stated_by(person, REVOKED_TYP, DeviceRevoked, each).device for each in revocations}
    return Device(
        person=person.person,
        device=certificate.device,
        sign=unb64(certificate.sign),
        revoked=certificate.device in revoked,
    )
