"""The patients of a practice, each with how far they are."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from django.core.paginator import Page, Paginator
from django.db.models import Prefetch
from django.utils import timezone

from balie.patients.bsn import has_bsn
from balie.patients.models import TRIES_MOST, Invitation, Patient, Relation
from balie.patients.relations import is_child, kind_names, lasting
from balie.practices.models import Practice

ON_A_PAGE = 50


class Progress(StrEnum):
    """`ACCOUNT`: they log in here. `NONE`: never invited, as with a child."""

    ACCOUNT = "account"
    INVITED = "invited"
    EXPIRED = "expired"
    LOCKED = "locked"
    WITHDRAWN = "withdrawn"
    NONE = "none"


@dataclass(frozen=True)
class Listed:
    """`until`: of an invitation that is open, when it ends. `relations`: who acts for a child, and what they are."""

    patient: Patient
    progress: Progress
    until: datetime | None
    bsn_is_known: bool
    is_child: bool
    relations: list[tuple[Relation, str]]


def patients_of(practice: Practice, *, page: str) -> Page[Patient]:
    """One page of those whom the practice treats now, by name."""
    ours = Patient.objects.filter(practice=practice, ended_at=None).order_by("name", "birth_date", "pk")
    latest = Prefetch("invitations", Invitation.objects.order_by("pk"))
    return Paginator(ours.select_related("practice", "person").prefetch_related(latest), ON_A_PAGE).get_page(page)


def listed(patients: list[Patient]) -> list[Listed]:
    """How far each of them is."""
    known, names = has_bsn(patients), kind_names()
    relations: dict[int, list[tuple[Relation, str]]] = {}
    for each in lasting(Relation.objects.filter(patient__in=patients)).order_by("representative__name", "pk"):
        relations.setdefault(each.patient_id, []).append((each, names[each.kind]))
    return [
        Listed(each, *_progress(each), each.pk in known, is_child(each), relations.get(each.pk, []))
        for each in patients
    ]


def _progress(patient: Patient) -> tuple[Progress, datetime | None]:
    last = next(reversed(patient.invitations.all()), None)
    if patient.person_id:
        return Progress.ACCOUNT, None
    if last is None:
        return Progress.NONE, None
    if last.closed_at:
        return Progress.WITHDRAWN, None
    if last.tries >= TRIES_MOST:
        return Progress.LOCKED, None
    return (Progress.INVITED, last.expires_at) if last.expires_at > timezone.now() else (Progress.EXPIRED, None)
