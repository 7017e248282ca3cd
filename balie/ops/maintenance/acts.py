"""Announce, extend, cancel, end. Each is one guarded change in one transaction with the line that tells who did it."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from balie.ops.maintenance.models import Maintenance, MaintenanceAct
from balie.ops.maintenance.windows import covers
from balie.ops.models import Verdict
from balie.ops.refusing import RefusedError
from balie.ops.router import DATABASE

LONGEST: Final = timedelta(hours=24)
AHEAD_MOST: Final = timedelta(days=90)
BY_ITSELF: Final = ""  # who did it, where nobody did
What = MaintenanceAct.What


class MaintenanceError(RefusedError):
    """`past`, `turned`, `too-long`, `too-far`, `no-parts`; `over`: it is no longer going on or ahead."""


@transaction.atomic(using=DATABASE)
def announce(
    *,
    begins_at: datetime,
    ends_at: datetime,
    parts: Sequence[str],
    text_nl: str,
    text_en: str,
    author: str,
    now: datetime,
) -> Maintenance:
    """Only what is still to come: what went before it was announced was an outage. Raises MaintenanceError."""
    if begins_at <= now:
        raise MaintenanceError("past")
    if begins_at > now + AHEAD_MOST:
        raise MaintenanceError("too-far")
    if not parts:
        raise MaintenanceError("no-parts")
    _check(begins_at, ends_at)
    maintenance = Maintenance.objects.create(
        begins_at=begins_at, ends_at=ends_at, parts=sorted(parts), text_nl=text_nl, text_en=text_en
    )
    _note(maintenance, What.ANNOUNCED, author, now)
    return maintenance


@transaction.atomic(using=DATABASE)
def extend(maintenance: Maintenance, ends_at: datetime, *, author: str, now: datetime) -> None:
    """Before its end: after that it is an outage. Raises MaintenanceError."""
    if ends_at <= maintenance.ends_at:
        raise MaintenanceError("turned")
    _check(maintenance.begins_at, ends_at)
    _change(maintenance, now, ends_at=ends_at)
    _note(maintenance, What.EXTENDED, author, now)


@transaction.atomic(using=DATABASE)
def cancel(maintenance: Maintenance, *, author: str, now: datetime) -> None:
    """It does not happen, or it is ready. Raises MaintenanceError."""
    _change(maintenance, now, cancelled_at=now)
    _note(maintenance, What.CANCELLED, author, now)


def end_past(now: datetime) -> None:
    """Say of what is past that it is over; not while people still suffer from what it covered, which is an outage now,
    and told of as one.
    """
    failing = list(Verdict.objects.filter(closed_at=None).exclude(effect="none").values_list("culprits", flat=True))
    for maintenance in Maintenance.objects.filter(cancelled_at=None, ended_at=None, ends_at__lte=now):
        if not any(covers(maintenance, culprits) for culprits in failing):
            with transaction.atomic(using=DATABASE):
                if _end(maintenance, now):
                    _note(maintenance, What.ENDED, BY_ITSELF, now)


def _end(maintenance: Maintenance, now: datetime) -> bool:
    """Whether it is ours to say: nobody else did, and nobody extended or cancelled it since it was read."""
    still = Maintenance.objects.filter(
        pk=maintenance.pk, cancelled_at=None, ended_at=None, ends_at=maintenance.ends_at, ends_at__lte=now
    )
    return still.update(ended_at=now) == 1


def _check(begins_at: datetime, ends_at: datetime) -> None:
    if ends_at <= begins_at:
        raise MaintenanceError("turned")
    if ends_at - begins_at > LONGEST:
        raise MaintenanceError("too-long")


def _change(maintenance: Maintenance, now: datetime, **to: datetime) -> None:
    still = Maintenance.objects.filter(
        pk=maintenance.pk, cancelled_at=None, ended_at=None, ends_at=maintenance.ends_at, ends_at__gt=now
    )
    if not still.update(**to):
        raise MaintenanceError("over")
    maintenance.refresh_from_db()


def _note(maintenance: Maintenance, what: MaintenanceAct.What, who: str, now: datetime) -> None:
    MaintenanceAct.objects.create(maintenance=maintenance, at=now, what=what, who=who, ends_at=maintenance.ends_at)
