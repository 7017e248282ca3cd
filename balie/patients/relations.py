"""Who acts for a child: stated by the practice that treats both, with an end. Each act is one transaction, and audited.

Until 12 a parent or guardian acts; from 12 to 16 only if the child agrees; from 16 on nobody does (WGBO).
"""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.patients.birth_dates import age_on, birthday
from balie.patients.inviting import OF_AGE
from balie.patients.models import Patient, Relation
from balie.practices.models import Person
from balie.practices.services import clean_reason, record

HAS_A_SAY = 12
ADULT = 18


def kind_names() -> dict[str, str]:
    """What people call them."""
    return {
        Relation.Kind.MOTHER: _("moeder"),
        Relation.Kind.FATHER: _("vader"),
        Relation.Kind.GUARDIAN: _("voogd"),
    }


def lasting(relations: QuerySet[Relation]) -> QuerySet[Relation]:
    """Those that count today."""
    return relations.filter(
        ended_at=None,
        ends_on__gt=timezone.localdate(),
        patient__ended_at=None,
        representative__ended_at=None,
    ).select_related("patient", "representative")


def acts_for(person: Person) -> list[Relation]:
    """For whom this person acts today."""
    return list(lasting(Relation.objects.filter(representative__person=person)).order_by("patient__name", "pk"))


def is_child(patient: Patient) -> bool:
    """Whether somebody can act for them."""
    return age_on(timezone.localdate(), patient.birth_date) < OF_AGE


@transaction.atomic
def state_relation(*, patient: Patient, email: str, kind: str, child_agrees: bool, actor: Person) -> Relation:
    """The patient with this address acts for `patient` from now on. Raises ValidationError, by field."""
    errors: dict[str, ValidationError] = {}
    if kind not in Relation.Kind.values:
        errors["kind"] = ValidationError(_("Kies moeder, vader of voogd."), code="kind")
    representative = _adult(patient, email, errors)
    ends_on = _end(patient, errors, child_agrees=child_agrees)
    if errors or representative is None:
        raise ValidationError(errors)
    try:
        with transaction.atomic():
            relation = Relation.objects.create(
                patient=patient, representative=representative, kind=kind, child_agrees=child_agrees, ends_on=ends_on
            )
    except IntegrityError:
        message = _("%(name)s staat hier al.") % {"name": representative.name}
        raise ValidationError({"email": ValidationError(message, code="twice")}) from None
    _record("relation.stated", relation, actor)
    return relation


def _adult(patient: Patient, email: str, errors: dict[str, ValidationError]) -> Patient | None:
    ours = Patient.objects.filter(practice=patient.practice, ended_at=None, email=email.strip().lower())
    found = ours.exclude(email="").first()
    if found is None or age_on(timezone.localdate(), found.birth_date) < ADULT:
        message = _("Geen volwassen patiënt van uw praktijk heeft dit adres. Nodig de ouder of voogd eerst uit.")
        errors["email"] = ValidationError(message, code="unknown")
        return None
    return found


def _end(patient: Patient, errors: dict[str, ValidationError], *, child_agrees: bool) -> date:
    """The birthday on which it stops, if nobody stops it before."""
    age = age_on(timezone.localdate(), patient.birth_date)
    if age >= OF_AGE:
        errors["all"] = ValidationError(_("Vanaf 16 jaar beslist iemand zelf."), code="age")
    elif age >= HAS_A_SAY and not child_agrees:
        errors["child_agrees"] = ValidationError(_("Vanaf 12 jaar moet het kind het ermee eens zijn."), code="say")
    return birthday(patient.birth_date, OF_AGE if child_agrees else HAS_A_SAY)


@transaction.atomic
def end_relation(*, relation: Relation, actor: Person, reason: str) -> None:
    """It counts no more, from this moment. Raises ValidationError without a reason."""
    reason = clean_reason(reason)
    if Relation.objects.filter(pk=relation.pk, ended_at=None).update(ended_at=timezone.now()):
        _record("relation.ended", relation, actor, reason)


def _record(action: str, relation: Relation, actor: Person, reason: str = "") -> None:
    record(
        actor=actor,
        practice=relation.patient.practice,
        action=action,
        subject=f"patient:{relation.patient_id}",
        reason=reason,
        detail={"representative": relation.representative_id, "kind": relation.kind, "until": str(relation.ends_on)},
    )
