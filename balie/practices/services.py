"""What every act on practices and people needs: the log of acts, reasons, and the end of sessions and passes."""

import json
from collections.abc import Collection, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.lib.numbers import ASKED
from balie.practices.models import AuditEvent, Mandate, PassRevocation, Person, Practice
from balie.runtime.services import notify_after_commit


def record(
    *,
    actor: Person | None,
    practice: Practice | None,
    action: str,
    subject: str,
    reason: str = "",
    detail: Mapping[str, Any] | None = None,
) -> AuditEvent:
    """Add to the log of acts, in the caller's transaction. `actor` is None when Balie itself did it.

    What staff do for a practice that phoned has the reason of their mandate, unless it has one of its own.
    `action` is noun.verb, e.g. ``room.paused``; `subject` is what it was done to, e.g. ``room:3``.
    """
    if not reason and practice is not None and actor is not None and actor.is_organiser:
        reason = _reason_of_mandate(actor, practice)
    return AuditEvent.objects.create(
        at=timezone.now(),
        actor=actor,
        practice=practice,
        action=action,
        subject=subject,
        reason=reason,
        detail=dict(detail or {}),
        origin=ASKED.get().origin,
    )


def tell_origin() -> None:
    """What SQL adds to the log in the caller's transaction has the address that this request came from."""
    origins = json.dumps({"": ASKED.get().origin})
    with connection.cursor() as cursor:
        cursor.execute("select set_config('balie.origins', %s, true)", [origins])


def _reason_of_mandate(person: Person, practice: Practice) -> str:
    lasting = Mandate.objects.filter(person=person, practice=practice, ends_at__gt=timezone.now())
    return lasting.order_by("-pk").values_list("reason", flat=True).first() or ""


def clean_reason(reason: str) -> str:
    """Why somebody acts on others, as the log keeps it. Raises ValidationError when nothing is said."""
    if not reason.strip():
        raise ValidationError(_("Geef een reden; die komt in het logboek."), code="reason")
    return reason.strip()


def events_about(*subjects: str, most: int, without: Collection[str] = ()) -> list[AuditEvent]:
    """The last acts on any of `subjects`, the latest first, with who did them and to which practice; not those that are
    named in `without`.
    """
    events = AuditEvent.objects.filter(subject__in=subjects).exclude(action__in=without)
    events = events.select_related("actor", "practice")
    return list(events.order_by("-at", "-pk")[:most])


@transaction.atomic
def switch_practice(*, person: Person, practice: Practice, before: Practice | None) -> None:
    """Note that `person` works for `practice` from now on, in this browser. The session itself is the view's."""
    record(
        actor=person,
        practice=practice,
        action="practice.switched",
        subject=f"person:{person.pk}",
        detail={"from": before.agb_code if before else None, "to": practice.agb_code},
    )


@transaction.atomic
def choose_language(*, person: Person, language: str) -> None:
    """`person` reads this language from now on, on pages and in mails."""
    Person.objects.filter(pk=person.pk).update(language=language)


@transaction.atomic
def set_password(*, person: Person, password: str) -> None:
    """A new password. Other sessions end (Django ties them to it), and so do all passes."""
    person.set_password(password)
    person.save(update_fields=["password"])
    revoke_passes(person=person)
    record(actor=person, practice=None, action="person.password_set", subject=f"person:{person.pk}")


def revoke_passes(*, person: Person, practice: Practice | None = None) -> None:
    """Passes made before now, for one practice or for all, count no longer as soon as the live processes hear it.

    The person's row is locked until the caller's transaction ends, so revocations of one person are numbered in the
    order in which they count.
    """
    Person.objects.filter(pk=person.pk).update(pass_generation=F("pass_generation") + 1)
    person.refresh_from_db(fields=["pass_generation"])
    PassRevocation.objects.create(person=person, practice=practice, generation=person.pass_generation)
    notify_after_commit(f"pass:{person.pk}")


def end_sessions(*, person: Person) -> None:
    """Whoever is logged in as this person is out at their next page, and their passes count no longer."""
    Person.objects.filter(pk=person.pk).update(session_generation=F("session_generation") + 1)
    person.refresh_from_db(fields=["session_generation"])
    revoke_passes(person=person)
