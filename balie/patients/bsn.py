"""BSNs: the one door to them. They come in checked, are kept sealed, and whoever reads one is in the log.

A BSN stands in no address, log or mail, and not in what a form says about it. With a stolen database one cannot tell
which patient has which number, nor try them all: that takes `BALIE_BSN_KEY`, which is not in it.
"""

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from balie.patients.models import Patient, SealedBsn
from balie.practices.models import Person
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


def key_of(text: str) -> bytes:
    """The key that a setting holds. Raises ValueError."""
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error:
        key = b""
    if len(key) != KEY_BYTES:
        raise ValueError(f"not {KEY_BYTES} bytes in base64")
    return key


@transaction.atomic
def keep_bsn(*, patient: Patient, bsn: Bsn, actor: Person) -> None:
    """Keep the BSN of a patient, in place of the one before. Raises ValidationError when another patient has it."""
    kept = {"practice": patient.practice, "fingerprint": _fingerprint(bsn), "sealed": _seal(bsn, patient)}
    try:
        with transaction.atomic():
            SealedBsn.objects.update_or_create(patient=patient, defaults=kept)
    except IntegrityError:
        message = _("Een andere patiënt van uw praktijk heeft dit BSN al.")
        raise ValidationError({"bsn": ValidationError(message, code="twice")}) from None
    record(actor=actor, practice=patient.practice, action="bsn.kept", subject=f"patient:{patient.pk}")


@transaction.atomic
def show_bsn(*, patient: Patient, actor: Person, reason: str) -> Bsn | None:
    """The BSN of a patient, for somebody of their practice; None when it is not known. Raises ValidationError."""
    reason = clean_reason(reason)
    kept = SealedBsn.objects.filter(patient=patient).first()
    if kept is None:
        return None
    record(actor=actor, practice=patient.practice, action="bsn.shown", subject=f"patient:{patient.pk}", reason=reason)
    nonce, sealed = bytes(kept.sealed[:NONCE_BYTES]), bytes(kept.sealed[NONCE_BYTES:])
    return Bsn(AESGCM(_key("seal")).decrypt(nonce, sealed, _bound_to(patient)).decode())


def has_bsn(patients: list[Patient]) -> set[int]:
    """The keys of those whose BSN is known."""
    return set(SealedBsn.objects.filter(patient__in=patients).values_list("patient_id", flat=True))


def find_by_bsn(bsn: Bsn) -> list[Patient]:
    """Who has this BSN, at every practice that treats them now."""
    found = SealedBsn.objects.filter(fingerprint=_fingerprint(bsn), patient__ended_at=None)
    return [each.patient for each in found.select_related("patient__practice").order_by("patient_id")]


def _key(purpose: str) -> bytes:
    derived = HKDF(hashes.SHA256(), KEY_BYTES, salt=None, info=f"balie/bsn/{purpose}".encode())
    return derived.derive(key_of(settings.BSN_KEY))


def _fingerprint(bsn: Bsn) -> bytes:
    return hmac.digest(_key("fingerprint"), bsn.digits.encode(), "sha256")


def _seal(bsn: Bsn, patient: Patient) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + AESGCM(_key("seal")).encrypt(nonce, bsn.digits.encode(), _bound_to(patient))


def _bound_to(patient: Patient) -> bytes:
    """What is sealed for one patient opens for no other, whoever moves rows about."""
    return f"patient:{patient.pk}".encode()
