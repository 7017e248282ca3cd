"""One login without the second step, for somebody who lost theirs at night: another of the organiser's staff grants it.

It is good for a quarter of an hour and for one login. Using it ends every other session and pass of that person, since
nobody knows in whose hands the lost factor is.
"""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from balie.practices.factors import factors_of
from balie.practices.letters import write_letter
from balie.practices.models import WAIVER_LIVES, Person, Waiver
from balie.practices.services import clean_reason, end_sessions, record


class WaiverGoneError(Exception):
    """There is none that counts: never granted, used, or too old."""


@transaction.atomic
def grant_waiver(*, person: Person, actor: Person, reason: str) -> Waiver:
    """Let `person` log in once without their second step, from now on for fifteen minutes; they hear of it by mail.

    Raises ValidationError without a reason, for oneself, and for whoever has no account or no second step.
    """
    reason = clean_reason(reason)
    if person == actor:
        raise ValidationError(_("Voor uzelf kan dat niet. Vraag een collega van de organisatie."), code="oneself")
    if not person.is_active:
        raise ValidationError(_("Dit account is gesloten."), code="closed")
    if not factors_of(person):
        raise ValidationError(_("Dit account heeft geen tweede stap: het wachtwoord is genoeg."), code="no_factor")
    granted = {"granted_by": actor, "reason": reason, "granted_at": Now(), "expires_at": Now() + WAIVER_LIVES}
    waiver, _made = Waiver.objects.update_or_create(person=person, defaults={**granted, "used_at": None})
    waiver.refresh_from_db()
    record(actor=actor, practice=None, action="waiver.granted", subject=f"person:{person.pk}", reason=reason)
    write_letter("waiver_granted", person, {"until": waiver.expires_at})
    return waiver


def open_waiver(person: Person) -> Waiver | None:
    """The one that this person can use now."""
    return Waiver.objects.filter(person=person, used_at=None, expires_at__gt=Now()).first()


@transaction.atomic
def use_waiver(*, person: Person) -> None:
    """Use it, once: of two who try at the same time one gets in. Raises WaiverGoneError."""
    if not Waiver.objects.filter(person=person, used_at=None, expires_at__gt=Now()).update(used_at=Now()):
        raise WaiverGoneError
    end_sessions(person=person)
    record(actor=person, practice=None, action="waiver.used", subject=f"person:{person.pk}")
    write_letter("waiver_used", person, {})
