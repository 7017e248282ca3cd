"""Ordering for a practice that phoned: a mandate of the organiser's staff, for one practice and half an hour.

A mandate belongs to the session that began it. While it lasts, pages and the pass are the practice's, in the role
`organiser`; it ends by itself, when it is stopped, at logout, and with the rights of who has it.
"""

from datetime import datetime, timedelta

from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from balie.practices.models import Mandate, Person, Practice
from balie.practices.services import clean_reason, record, revoke_passes
from balie.practices.standing import MANDATE_KEY

LASTS = timedelta(minutes=30)
# An order that was asked for in time may be placed a moment after the mandate ended.
SETTLED_WITHIN = timedelta(minutes=1)


@transaction.atomic
def begin_mandate(*, person: Person, practice: Practice, reason: str, about: str) -> Mandate:
    """`person` orders for `practice` from now on; `about` is what the log says it is about, e.g. ``campaign:2027``.

    Raises ValidationError without a reason.
    """
    reason, now = clean_reason(reason), timezone.now()
    mandate = Mandate.objects.create(person=person, practice=practice, reason=reason, began_at=now, ends_at=now + LASTS)
    record(actor=person, practice=practice, action="mandate.began", subject=about, reason=reason)
    return mandate


@transaction.atomic
def end_mandate(*, mandate: Mandate) -> None:
    """Over before its time; its pass counts no longer, on any device. Does nothing to one that has ended."""
    now = timezone.now()
    if Mandate.objects.filter(pk=mandate.pk, ends_at__gt=now).update(ends_at=now):
        revoke_passes(person=mandate.person, practice=mandate.practice)
        record(
            actor=mandate.person,
            practice=mandate.practice,
            action="mandate.ended",
            subject=f"practice:{mandate.practice.agb_code}",
            reason=mandate.reason,
        )


def take_up(request: HttpRequest, *, practice: Practice, reason: str, about: str) -> Mandate:
    """Begin a mandate for this session, in place of the one it may have; as `begin_mandate`."""
    assert isinstance(request.user, Person)
    with transaction.atomic():
        mandate = begin_mandate(person=request.user, practice=practice, reason=reason, about=about)
        lay_down(request)
    request.session[MANDATE_KEY] = mandate.pk
    return mandate


def lay_down(request: HttpRequest) -> None:
    """End the session's mandate, if it has one."""
    mandate = Mandate.objects.filter(pk=request.session.pop(MANDATE_KEY, None)).first()
    if mandate is not None and mandate.person == request.user:
        end_mandate(mandate=mandate)


def was_mandated(*, person: Person | None, practice: Practice, at: datetime) -> bool:
    """Whether `person` acted for `practice` by phone at that moment."""
    then = Mandate.objects.filter(person=person, practice=practice)
    return then.filter(began_at__lte=at, ends_at__gt=at - SETTLED_WITHIN).exists()
