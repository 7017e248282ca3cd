"""Destroying conversations: one person of a practice asks, another decides, and when all practices that keep it have,
it goes in the same transaction. Each act is logged twice, as in `keeping.py`.
"""

from calendar import monthrange
from dataclasses import dataclass
from datetime import date, datetime, timedelta

import psycopg
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.db.models import Q
from django.db.models.functions import Now
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.consult.destroyed import TOPIC
from balie.consult.models import Group, LogBook
from balie.consult.record import certificates
from balie.consult.record.certificates import Agreed, Certificate, Listed, moment
from balie.consult.record.keeping import chained, clean_why, lock_kept, read_kept_one, tell
from balie.consult.record.models import CertificateKey, Destruction, Erasure, Hold
from balie.practices.models import Person, Practice
from balie.runtime.services import notify_after_commit

MONTHS_TO_DECIDE = 3  # art. 7:455 lid 1 BW
A_YEAR = timedelta(days=366)


@dataclass(frozen=True)
class Pending:
    """What a practice asked and is not done. `waits_for` counts other practices that have not agreed; `patients` are
    names of the practice's own.
    """

    erasure: Erasure
    due_on: date | None
    overdue: bool
    waits_for: int
    held: bool
    patients: list[str]


@transaction.atomic
def propose(*, practice: Practice, name: str, reason: str, actor: Person) -> None:
    """Ask to destroy what is past its term. Raises Http404, or ValidationError."""
    today = timezone.localdate()
    _ask(practice, name, clean_why(reason), actor, ground=Erasure.Ground.TERM, received_on=today)


@transaction.atomic
def ask_for_patient(*, practice: Practice, name: str, received: str, reason: str, actor: Person) -> None:
    """Write down that a patient asked for it, on a day as `2026-05-03`. Raises Http404, or ValidationError."""
    why = clean_why(reason)
    try:
        received_on = date.fromisoformat(received.strip())
    except ValueError:
        received_on = None
    today = timezone.localdate()
    if received_on is None or not today - A_YEAR <= received_on <= today:
        raise ValidationError({"received": _("Kies de dag waarop de patiënt het vroeg, ten hoogste een jaar geleden.")})
    _ask(practice, name, why, actor, ground=Erasure.Ground.PATIENT, received_on=received_on)


def _ask(practice: Practice, name: str, why: str, actor: Person, *, ground: str, received_on: date) -> None:
    group = lock_kept(practice, name)
    _must_be_chained(actor)
    asked = {"received_on": received_on, "asked_by": actor, "asked_at": Now(), "reason": why}
    try:
        with transaction.atomic():
            Erasure.objects.create(group=group, practice=practice, ground=ground, **asked)
    except IntegrityError as error:
        raise _refusal(error) from None
    tell(group, practice, actor, "erasure-asked", why, ground=ground)


@transaction.atomic
def refuse(*, practice: Practice, name: str, refused_for: str, reason: str, actor: Person) -> None:
    """Refuse what a patient asked, for what the law names. Raises Http404, or ValidationError."""
    why, (group, erasure) = clean_why(reason), _open(practice, name, actor)
    if erasure.ground != Erasure.Ground.PATIENT:
        raise Http404
    if refused_for not in (Erasure.Refusal.OTHER, Erasure.Refusal.LAW):
        raise ValidationError({"refused_for": _("Kies waarom: de wet noemt er twee.")})
    _decide(erasure, Erasure.Outcome.REFUSED, actor, why, refused_for)
    tell(group, practice, actor, "erasure-refused", why, ground=erasure.ground, refused_for=refused_for)


@transaction.atomic
def withdraw(*, practice: Practice, name: str, reason: str, actor: Person) -> None:
    """It is not asked any more, or not agreed any more. Raises Http404, or ValidationError."""
    why, (group, erasure) = clean_why(reason), _open(practice, name, actor, granted=True)
    _decide(erasure, Erasure.Outcome.WITHDRAWN, actor, why)
    tell(group, practice, actor, "erasure-withdrawn", why, ground=erasure.ground)


@transaction.atomic
def grant(*, practice: Practice, name: str, actor: Person) -> Destruction | None:
    """Agree to what somebody else asked; destroyed at once when no other practice has to agree, else None. Raises
    Http404, or ValidationError: then nothing is gone.
    """
    group, erasure = _open(practice, name, actor, granted=True)
    if erasure.outcome == Erasure.Outcome.OPEN:
        if erasure.asked_by_id == actor.pk:
            raise ValidationError(_("U vroeg dit zelf. Een andere huisarts of manager beslist."), code="same")
        if Hold.objects.filter(group=group, lifted_at=None).exists():
            raise ValidationError(_refusals()["consult_held"], code="held")
        _decide(erasure, Erasure.Outcome.GRANTED, actor, "")
        tell(group, practice, actor, "erasure-granted", "", ground=erasure.ground)
    if _others(erasure):
        return None
    return _destroy(group, practice, actor)


def _must_be_chained(actor: Person) -> None:
    """The log of a conversation must tell who let it be destroyed. Raises ValidationError for who has no keys."""
    if chained(actor) is None:
        said = _("Maak eerst uw sleutel, bij Gesprekken. Dan ziet iedereen in het logboek wie dit vroeg en besliste.")
        raise ValidationError(said, code="no_keys")


def _open(practice: Practice, name: str, actor: Person, *, granted: bool = False) -> tuple[Group, Erasure]:
    """What this practice asked of it and is not decided, or (`granted`) not done."""
    group = lock_kept(practice, name)
    _must_be_chained(actor)
    outcomes = [Erasure.Outcome.OPEN, *([Erasure.Outcome.GRANTED] if granted else [])]
    asked = Erasure.objects.filter(group=group, practice=practice, outcome__in=outcomes)
    erasure = asked.first()
    if erasure is None:
        raise Http404
    return group, erasure


def _decide(erasure: Erasure, outcome: str, actor: Person, why: str, refused_for: str = "") -> None:
    decided = {"decided_by": actor, "decided_at": Now(), "decided_why": why, "refused_for": refused_for}
    try:
        with transaction.atomic():
            Erasure.objects.filter(pk=erasure.pk, outcome=erasure.outcome).update(outcome=outcome, **decided)
    except IntegrityError as error:
        raise _refusal(error) from None


def _destroy(group: Group, practice: Practice, actor: Person) -> Destruction:
    """All that opens it, and what that opened; the certificate is made of what the database says is gone."""
    kept = read_kept_one(practice=practice, group=group)
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("select what, id, hash from consult_destroy_v1(%s)", [group.pk])
            gone = [Listed(*row) for row in cursor.fetchall()]
    except IntegrityError as error:
        raise _refusal(error) from None
    tell(group, practice, actor, "record-destroyed", "")
    at, listed = timezone.now(), certificates.write_list(gone)
    seed = certificates.seed_of(settings.SECRET_KEY)
    certificate = Certificate(
        v=1,
        installation=settings.ORIGINS[0],
        conversation=group.name,
        kind=kept.kind,
        changed=moment(kept.changed_at),
        at=moment(at),
        agreed=tuple(_agreed(each) for each in _granted(group)),
        counts={kind: sum(each.what == kind for each in gone) for kind in certificates.KINDS},
        listed=certificates.list_name(listed),
        log=LogBook.objects.filter(group=group).values_list("hash", flat=True).first() or "",
    )
    kid, public = certificates.key_of(seed)
    CertificateKey.objects.get_or_create(kid=kid, defaults={"public": public, "since": at})
    signed = certificates.seal_certificate(certificate, seed)
    destruction = Destruction.objects.create(group=group, at=at, certificate=signed, listed=listed)
    with connection.cursor() as cursor:
        cursor.execute("select consult_dismiss_v1(%s, %s)", [destruction.pk, group.pk])
    notify_after_commit(f"{TOPIC}:{destruction.pk}")
    return destruction


def _granted(group: Group) -> list[Erasure]:
    granted = Erasure.objects.filter(group=group, outcome=Erasure.Outcome.GRANTED)
    return list(granted.select_related("practice", "asked_by", "decided_by").order_by("practice__agb_code"))


def _agreed(erasure: Erasure) -> Agreed:
    assert erasure.decided_by is not None
    assert erasure.decided_at is not None
    return Agreed(
        practice=erasure.practice.name,
        agb=erasure.practice.agb_code,
        ground=erasure.ground,
        received=erasure.received_on.isoformat(),
        asked_by=erasure.asked_by.name,
        asked_at=moment(erasure.asked_at),
        decided_by=erasure.decided_by.name,
        decided_at=moment(erasure.decided_at),
    )


def _others(erasure: Erasure) -> int:
    """Other practices that keep it and have not agreed."""
    with connection.cursor() as cursor:
        cursor.execute("select consult_unagreed_v1(%s)", [erasure.group_id])
        found: int = cursor.fetchone()[0]
    own = Erasure.objects.filter(pk=erasure.pk, outcome=Erasure.Outcome.GRANTED).exists()
    return found - (0 if own else 1)


def _refusal(error: IntegrityError) -> Exception:
    """What a promise of the database means for whoever acts; the error itself where it means nothing to them."""
    cause = error.__cause__
    which = cause.diag.constraint_name if isinstance(cause, psycopg.errors.IntegrityError) else None
    said = _refusals().get(which or "")
    return ValidationError(said, code=which) if said else error


def _refusals() -> dict[str, str]:
    """By the name of the promise."""
    return {
        "consult_held": _("Het gesprek wordt vastgehouden. Beëindig dat eerst."),
        "consult_kept": _("De termijn van dit gesprek is nog niet voorbij. Misschien is er net iets in gezegd."),
        "consult_open": _("Er loopt nog een consultatie of e-consult in dit gesprek. Rond dat eerst af."),
        "consult_not_agreed": _("Nog niet elke praktijk die dit gesprek bewaart, is het ermee eens."),
        "consult_erasure_once": _("Uw praktijk heeft dit al gevraagd."),
    }


def read_pending(*, practice: Practice, today: date) -> list[Pending]:
    """What waits for a decision, or for another practice; requests of patients by when they must be decided first."""
    asked = Erasure.objects.filter(practice=practice, group__destruction=None).filter(
        Q(outcome=Erasure.Outcome.OPEN) | Q(outcome=Erasure.Outcome.GRANTED)
    )
    found = [_pending(each, today) for each in asked.select_related("group", "practice", "asked_by", "decided_by")]
    return sorted(found, key=lambda each: (each.due_on or date.max, each.erasure.asked_at))


def _pending(erasure: Erasure, today: date) -> Pending:
    is_request = erasure.ground == Erasure.Ground.PATIENT
    due_on = decide_by(erasure.received_on) if is_request else None
    kept = read_kept_one(practice=erasure.practice, group=erasure.group)
    return Pending(
        erasure=erasure,
        due_on=due_on,
        overdue=due_on is not None and erasure.outcome == Erasure.Outcome.OPEN and due_on < today,
        waits_for=_others(erasure),
        held=kept.held_since is not None or kept.held_elsewhere,
        patients=kept.patients,
    )


def decide_by(received_on: date) -> date:
    """Three months after a request: on the same day of the month, or the last where it has none."""
    months = received_on.year * 12 + received_on.month - 1 + MONTHS_TO_DECIDE
    year, month = months // 12, months % 12 + 1
    return date(year, month, min(received_on.day, monthrange(year, month)[1]))


@dataclass(frozen=True)
class Destroyed:
    """Of a conversation that is gone."""

    pk: int
    at: datetime
    name: str
    ground: str


def read_destroyed(*, practice: Practice, most: int) -> list[Destroyed]:
    """The latest first."""
    found = Destruction.objects.filter(group__keepers__practice=practice).select_related("group").order_by("-at")
    grounds = dict(
        Erasure.objects.filter(practice=practice, outcome=Erasure.Outcome.GRANTED).values_list("group_id", "ground")
    )
    return [Destroyed(each.pk, each.at, each.group.name, grounds.get(each.group_id, "")) for each in found[:most]]


def find_destruction(*, practice: Practice, pk: int) -> Destruction:
    """One that this practice kept. Raises Http404."""
    found = Destruction.objects.filter(group__keepers__practice=practice, pk=pk).first()
    if found is None:
        raise Http404
    return found


def check(destruction: Destruction) -> certificates.Checked:
    """Its certificate, as anybody would check it."""
    file = certificates.CertificateFile(certificate=destruction.certificate, listed=destruction.listed)
    return certificates.check_file(certificates.write_file(file), public_keys())


def public_keys() -> dict[str, str]:
    """Under which this installation signed: kid to public key."""
    return dict(CertificateKey.objects.values_list("kid", "public"))
