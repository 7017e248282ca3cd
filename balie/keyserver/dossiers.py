"""What a key server knows of a person: everything in it was stated by that person's key."""

from dataclasses import dataclass
from typing import Annotated, Any

import msgspec

from balie.consult.protocol.approvals import accept_trustees
from balie.consult.protocol.devices import REVOKED_TYP as DEVICE_REVOKED
from balie.consult.protocol.devices import Device, DeviceRevoked, accept_device
from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.passkeys import REVOKED_TYP as PASSKEY_REVOKED
from balie.consult.protocol.passkeys import PasskeyRevoked, accept_passkeys
from balie.consult.protocol.payloads import decode
from balie.consult.protocol.persons import KnownKey, Person, PersonKey, accept_person_key, stated_by
from balie.consult.protocol.reasons import Reason, reject
from balie.consult.protocol.release import open_deposit
from balie.consult.protocol.shares import ShareSet, accept_share_set
from balie.consult.protocol.statements import peek, signers, without_others

FEW = msgspec.Meta(max_length=32)
Statements = Annotated[tuple[dict[str, Any], ...], FEW]
Ciphertext = Annotated[str, msgspec.Meta(max_length=64 * 1024)]


class Deposit(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a client brings: statements, the sealed share, and the two ciphertexts that it opens.

    `person_keys` are the statements so far: those that this server has are passed over, so that one that missed some
    gets them with the next.
    """

    person_keys: Statements
    share_set: dict[str, Any]
    sealed: Annotated[str, msgspec.Meta(max_length=2048)]
    passkeys: Statements
    passkeys_revoked: Statements = ()
    devices: Statements = ()
    devices_revoked: Statements = ()
    trustees: dict[str, Any] | None = None
    keyset: Ciphertext
    unlock: Ciphertext


@dataclass(frozen=True)
class Dossier:
    """What was accepted; stored as it is."""

    person: Person
    share_set: ShareSet
    passkeys: dict[str, bytes]
    devices: tuple[Device, ...]
    revoked: tuple[str, ...]
    trustees: tuple[KnownKey, ...]
    keyset: str
    unlock: str


def accept_deposit(
    deposit: Deposit, *, person_id: str, before: Dossier | None, server: str, kem_seed: bytes
) -> tuple[Dossier, bytes]:
    """The dossier and the share. What was revoked stays so. Whatever changes comes with a newer share set: else lists
    that somebody recorded, each signed in its time, could be brought again beside the newest share.
    """
    person = _person(deposit, person_id, before)
    share_set = accept_share_set(deposit.share_set, person)
    share = open_deposit(share_set, server, kem_seed, unb64(deposit.sealed))
    passkeys = accept_passkeys(deposit.passkeys, deposit.passkeys_revoked, person)
    devices = [accept_device(each, person, deposit.devices_revoked) for each in deposit.devices]
    revoked = set(before.revoked if before else ()) | _revoked(deposit, person)
    dossier = Dossier(
        person=person,
        share_set=share_set,
        passkeys={credential: key for credential, key in passkeys.items() if credential not in revoked},
        devices=tuple(each for each in devices if each.device not in revoked),
        revoked=tuple(sorted(revoked)),
        trustees=accept_trustees(deposit.trustees, person) if deposit.trustees else (),
        keyset=deposit.keyset,
        unlock=deposit.unlock,
    )
    if before and dossier != before and _age(share_set) <= _age(before.share_set):
        reject(Reason.STALE, "share set")
    return dossier, share


def _person(deposit: Deposit, person_id: str, before: Dossier | None) -> Person:
    """What is known of the person after this deposit. Others may have signed too, for whoever knows them."""
    person, trustees = (before.person, before.trustees) if before else (None, ())
    for statement in deposit.person_keys:
        stated = decode(peek(statement), PersonKey)
        if person and stated.generation <= person.generation:
            continue
        heard = signers(unb64(stated.sign), *([person.sign] if person else []), *(each.sign for each in trustees))
        known = without_others(statement, heard)
        person = accept_person_key(known, person=person_id, known=person, admitters=trustees)
    if person is None:
        reject(Reason.MALFORMED, "person keys")
    return person


def _age(stated: ShareSet) -> tuple[int, int]:
    return stated.generation, stated.at


def _revoked(deposit: Deposit, person: Person) -> set[str]:
    """Ids of devices and passkeys; one that was revoked is not in a later list by chance."""
    devices = {stated_by(person, DEVICE_REVOKED, DeviceRevoked, each).device for each in deposit.devices_revoked}
    return devices | {
        stated_by(person, PASSKEY_REVOKED, PasskeyRevoked, each).credential for each in deposit.passkeys_revoked
    }


def pack(dossier: Dossier) -> bytes:
    return msgspec.json.encode(dossier)


def unpack(content: bytes) -> Dossier:
    return decode(content, Dossier)
