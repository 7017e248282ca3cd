"""How somebody becomes a patient here: a practice invites them, they prove to be the one, and get or link an account.

The link in the mail holds a secret behind its `#`, which browsers keep to themselves: it is in no log, and opening it
does nothing by itself, whatever a mail filter looks at. Only its hash is kept.
Each act is one transaction, and audited.
"""

import hashlib
import secrets
from collections.abc import Callable
from datetime import date, datetime
from typing import Any, TypeVar

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from balie.patients.birth_dates import age_on, clean_birth_date
from balie.patients.bsn import clean_bsn, keep_bsn
from balie.patients.models import INVITATION_LIVES, TRIES_MOST, Invitation, Patient
from balie.practices.contact import clean_email
from balie.practices.letters import send_letter
from balie.practices.models import Person, Practice
from balie.practices.people import clean_name
from balie.practices.services import clean_reason, record, revoke_passes

T = TypeVar("T")
OF_AGE = 16  # from when on somebody decides about their care alone


@transaction.atomic
def register_patient(*, practice: Practice, name: str, birth_date: str, email: str, bsn: str, actor: Person) -> Patient:
    """Somebody whom the practice treats, as typed; whoever has an address is invited. Raises ValidationError, by field.

    A child may do without an address: somebody else acts for them.
    """
    errors: dict[str, ValidationError] = {}
    name = clean_name(name, errors)
    born = _clean(errors, "birth_date", clean_birth_date, birth_date)
    number = _clean(errors, "bsn", clean_bsn, bsn) if bsn.strip() else None
    if email.strip():
        email = (_clean(errors, "email", clean_email, email) or "").lower()
    elif born and age_on(timezone.localdate(), born) >= OF_AGE:
        message = _("Vul een e-mailadres in. Alleen bij een kind onder de 16 kan dat leeg blijven.")
        errors["email"] = ValidationError(message, code="email")
    if errors or born is None:
        raise ValidationError(errors)
    patient = _new_patient(practice, name=name, birth_date=born, email=email.strip())
    record(actor=actor, practice=practice, action="patient.registered", subject=_subject(patient))
    if number:
        keep_bsn(patient=patient, bsn=number, actor=actor)
    if patient.email:
        invite(patient=patient, actor=actor)
    return patient


def _clean(errors: dict[str, ValidationError], field: str, clean: Callable[[str], T], typed: str) -> T | None:
    try:
        return clean(typed)
    except ValidationError as error:
        errors[field] = error
        return None


def _new_patient(practice: Practice, *, name: str, birth_date: date, email: str) -> Patient:
    try:
        with transaction.atomic():
            return Patient.objects.create(practice=practice, name=name, birth_date=birth_date, email=email)
    except IntegrityError:
        message = _("%(email)s hoort al bij een patiënt van uw praktijk.") % {"email": email}
        raise ValidationError({"email": ValidationError(message, code="twice")}) from None


@transaction.atomic
def invite(*, patient: Patient, actor: Person) -> Invitation:
    """Write to a patient without an account; a link that was sent before works no longer. Raises ValidationError."""
    patient = Patient.objects.select_for_update(no_key=True, of=("self",)).select_related("practice").get(pk=patient.pk)
    if patient.person_id or patient.ended_at or not patient.email:
        raise ValidationError(_("%(name)s kan niet worden uitgenodigd.") % {"name": patient.name}, code="state")
    again = Invitation.objects.filter(patient=patient, closed_at=None).update(closed_at=timezone.now())
    token, now = secrets.token_urlsafe(32), timezone.now()
    invitation = Invitation.objects.create(
        patient=patient,
        token_hash=_hash(token),
        invited_by=actor,
        sent_at=now,
        expires_at=now + INVITATION_LIVES,
    )
    action = "invitation.sent_again" if again else "invitation.sent"
    record(actor=actor, practice=patient.practice, action=action, subject=_subject(patient))
    send_letter(
        template="patients/letters/invitation.txt",
        recipient=patient.email,
        reference=_subject(patient),
        language=get_language() or settings.LANGUAGE_CODE,
        about={
            "practice": patient.practice,
            "until": invitation.expires_at,
            "link": f"{settings.ORIGINS[0]}{reverse('invitation')}#{token}",
        },
    )
    return invitation


@transaction.atomic
def withdraw_invitation(*, patient: Patient, actor: Person) -> None:
    """The link that was sent works no longer. Nothing happens when none is open."""
    if Invitation.objects.filter(patient=patient, closed_at=None).update(closed_at=timezone.now()):
        record(actor=actor, practice=patient.practice, action="invitation.withdrawn", subject=_subject(patient))


@transaction.atomic
def end_patient(*, patient: Patient, actor: Person, reason: str) -> None:
    """The practice treats them no longer; an invitation is withdrawn. What was written stays with who wrote it.

    Raises ValidationError without a reason.
    """
    reason = clean_reason(reason)
    withdraw_invitation(patient=patient, actor=actor)
    if Patient.objects.filter(pk=patient.pk, ended_at=None).update(ended_at=timezone.now()):
        if patient.person:
            revoke_passes(person=patient.person)
        record(actor=actor, practice=patient.practice, action="patient.ended", subject=_subject(patient), reason=reason)


@transaction.atomic
def find_invitation(*, token: str, birth_date: date) -> Invitation | None:
    """The invitation that this link is, if it is open and for somebody born that day. Each question costs a try."""
    still_open = Invitation.objects.filter(token_hash=_hash(token), tries__lt=TRIES_MOST, **_open_at(timezone.now()))
    if not still_open.update(tries=F("tries") + 1):
        return None
    found = Invitation.objects.select_related("patient__practice").get(token_hash=_hash(token))
    if found.patient.birth_date == birth_date:
        return found
    record(
        actor=None,
        practice=found.patient.practice,
        action="invitation.locked" if found.tries == TRIES_MOST else "invitation.refused",
        subject=_subject(found.patient),
    )
    return None


def shown_invitation(key: int) -> Invitation | None:
    """An invitation that a browser has shown to be for its owner, as long as it is open."""
    found = Invitation.objects.filter(pk=key, **_open_at(timezone.now()))
    return found.select_related("patient__practice").first()


def account_for(invitation: Invitation) -> Person | None:
    """Who has an account already under the address that was invited."""
    return Person.objects.filter(email=invitation.patient.email).first()


@transaction.atomic
def accept_as(*, invitation: Invitation, person: Person) -> Patient:
    """From now on `person` is this patient. Raises ValidationError when the invitation is closed meanwhile."""
    now = timezone.now()
    still_open = Invitation.objects.filter(pk=invitation.pk, **_open_at(now))
    if not still_open.update(closed_at=now, accepted_at=now):
        raise ValidationError(_("Deze uitnodiging is al gebruikt of ingetrokken."), code="closed")
    patient = invitation.patient
    try:
        with transaction.atomic():
            Patient.objects.filter(pk=patient.pk).update(person=person)
    except IntegrityError:
        message = _("Met dit account bent u al patiënt bij %(practice)s.") % {"practice": patient.practice.name}
        raise ValidationError(message, code="twice") from None
    record(
        actor=person,
        practice=patient.practice,
        action="patient.accepted",
        subject=_subject(patient),
        detail={"person": person.pk},
    )
    patient.refresh_from_db()
    return patient


@transaction.atomic
def accept_with_password(*, invitation: Invitation, password: str) -> Person:
    """Make an account for who was invited. Raises ValidationError, by field."""
    patient = invitation.patient
    person = Person(email=patient.email, name=patient.name, language=get_language() or "")
    try:
        validate_password(password, person)
    except ValidationError as error:
        raise ValidationError({"password": error}) from None
    person.set_password(password)
    person.save()
    accept_as(invitation=invitation, person=person)
    return person


def _open_at(now: datetime) -> dict[str, Any]:
    return {"closed_at": None, "expires_at__gt": now, "patient__ended_at": None}


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _subject(patient: Patient) -> str:
    return f"patient:{patient.pk}"
