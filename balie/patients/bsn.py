"""BSNs: the one door to them. They come in checked, are kept sealed, and whoever reads one is in the log.

A BSN stands in no address, log or mail, and not in what a form says about it. With a stolen database one cannot tell
which patient has which number, nor try them all: that takes `BALIE_BSN_KEY`, which is not in it.
"""

import base64
import binascii
import hmac
import secrets
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from balie.patients.models import Patient, SealedBsn
from balie.practices.models import Person, Practice
from balie.practices.services import clean_reason, record

DIGITS: Final = 9
WEIGHTS: Final = (9, 8, 7, 6, 5, 4, 3, 2, -1)
KEY_BYTES: Final = 32
NONCE_BYTES: Final = 12


@dataclass(frozen=True, slots=True, repr=False)
class Bsn:
    """A number that passed the 11-check. It does not show itself: only who asks for `digits` gets them."""

    digits: str

    def __post_init__(self) -> None:
        if not passes_eleven_check(self.digits):
            raise ValueError("not a BSN")

    def __repr__(self) -> str:
        return "Bsn(hidden)"


def passes_eleven_check(digits: str) -> bool:
    """Whether these are nine digits, not all 0, whose weighted sum is a multiple of 11."""
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdecimal()) or not int(digits):
        return False
    return sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True)) % 11 == 0


def clean_bsn(typed: str) -> Bsn:
    """The BSN that somebody typed; one of eight digits lost a leading 0. Raises ValidationError, without the number."""
    digits = "".join(typed.split()).replace(".", "").replace("-", "")
    try:
        return Bsn(digits.zfill(DIGITS) if len(digits) == DIGITS - 1 else digits)
    except ValueError:
        raise ValidationError(_("Dit is geen BSN. Kijk of alle 9 cijfers kloppen."), code="bsn") from None


@dataclass(frozen=True, repr=False)
class Key:
    """One of the keys in the setting. `id` tells in a row which one sealed it, and opens nothing."""

    id: str
    seal: bytes
    fingerprint: bytes


@cache
def keys_of(text: str) -> tuple[Key, ...]:
    """The keys that a setting holds, separated by commas: the first seals, all open. Raises ValueError."""
    return tuple(
        Key(_derive(key, "id")[:4].hex(), _derive(key, "seal"), _derive(key, "fingerprint")) for key in _read(text)
    )


def _read(text: str) -> list[bytes]:
    keys = []
    for part in text.split(","):
        try:
            keys.append(base64.b64decode(part.strip(), validate=True))
        except binascii.Error:
            keys.append(b"")
    if any(len(key) != KEY_BYTES for key in keys):
        raise ValueError(f"not {KEY_BYTES} bytes in base64")
    if len(set(keys)) != len(keys):
        raise ValueError("a key twice")
    return keys


def _derive(key: bytes, purpose: str) -> bytes:
    return HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=f"balie/bsn/{purpose}".encode()).derive(key)


@transaction.atomic
def keep_bsn(*, patient: Patient, bsn: Bsn, actor: Person) -> None:
    """Keep the BSN of a patient, in place of the one before. Raises ValidationError when another patient has it."""
    row = SealedBsn(patient=patient, practice=patient.practice)
    seal_bsn(row, bsn)
    here = SealedBsn.objects.filter(practice=patient.practice, fingerprint__in=_fingerprints(bsn))
    if here.exclude(patient=patient).exists():  # sealed under another key, which the constraint cannot see
        raise _twice()
    try:
        with transaction.atomic():
            kept = {name: getattr(row, name) for name in ("practice", "fingerprint", "sealed", "key_id")}
            SealedBsn.objects.update_or_create(patient=patient, defaults=kept)
    except IntegrityError:
        raise _twice() from None
    record(actor=actor, practice=patient.practice, action="bsn.kept", subject=f"patient:{patient.pk}")


def _twice() -> ValidationError:
    message = _("Een andere patiënt van uw praktijk heeft dit BSN al.")
    return ValidationError({"bsn": ValidationError(message, code="twice")})


@transaction.atomic
def show_bsn(*, patient: Patient, actor: Person, reason: str) -> Bsn | None:
    """The BSN of a patient, for somebody of their practice; None when it is not known. Raises ValidationError."""
    reason = clean_reason(reason)
    kept = SealedBsn.objects.filter(patient=patient).first()
    if kept is None:
        return None
    record(actor=actor, practice=patient.practice, action="bsn.shown", subject=f"patient:{patient.pk}", reason=reason)
    return open_bsn(kept)


@transaction.atomic
def take_out_bsns(*, practice: Practice, persons: Collection[int], actor: Person, reason: str) -> dict[int, Bsn]:
    """By person, of those who are or were patients of this practice: for a record that leaves it. Of whom it has no BSN
    there is nothing. Raises ValidationError.
    """
    reason = clean_reason(reason)
    kept = SealedBsn.objects.filter(practice=practice, patient__person__in=persons).select_related("patient")
    found: dict[int, Bsn] = {}
    for row in kept.order_by("patient_id"):
        subject = f"patient:{row.patient_id}"
        record(actor=actor, practice=practice, action="bsn.taken_out", subject=subject, reason=reason)
        assert row.patient.person_id is not None
        found[row.patient.person_id] = open_bsn(row)
    return found


def has_bsn(patients: list[Patient]) -> set[int]:
    """The keys of those whose BSN is known."""
    return set(SealedBsn.objects.filter(patient__in=patients).values_list("patient_id", flat=True))


def find_by_bsn(bsn: Bsn) -> list[Patient]:
    """Who has this BSN, at every practice that treats them now."""
    found = SealedBsn.objects.filter(fingerprint__in=_fingerprints(bsn), patient__ended_at=None)
    return [each.patient for each in found.select_related("patient__practice").order_by("patient_id")]


def sealing_key() -> str:
    """The id of the key under which a BSN is sealed now."""
    return keys_of(settings.BSN_KEY)[0].id


def seal_bsn(row: SealedBsn, bsn: Bsn) -> SealedBsn:
    """Put a BSN into a row, which is not saved here."""
    key, nonce = keys_of(settings.BSN_KEY)[0], secrets.token_bytes(NONCE_BYTES)
    row.sealed = nonce + AESGCM(key.seal).encrypt(nonce, bsn.digits.encode(), _bound_to(row))
    row.fingerprint, row.key_id = _fingerprint(key, bsn), key.id
    return row


def open_bsn(row: SealedBsn) -> Bsn:
    """Raises InvalidTag when no key of ours opens it, or it was sealed for another patient."""
    nonce, sealed = bytes(row.sealed[:NONCE_BYTES]), bytes(row.sealed[NONCE_BYTES:])
    keys = keys_of(settings.BSN_KEY)
    for key in [each for each in keys if row.key_id in ("", each.id)]:
        with suppress(InvalidTag):
            return Bsn(AESGCM(key.seal).decrypt(nonce, sealed, _bound_to(row)).decode())
    raise InvalidTag


def _fingerprints(bsn: Bsn) -> list[bytes]:
    return [_fingerprint(key, bsn) for key in keys_of(settings.BSN_KEY)]


def _fingerprint(key: Key, bsn: Bsn) -> bytes:
    return hmac.digest(key.fingerprint, bsn.digits.encode(), "sha256")


def _bound_to(row: SealedBsn) -> bytes:
    """What is sealed for one patient opens for no other, whoever moves rows about."""
    return f"patient:{row.patient_id}".encode()
