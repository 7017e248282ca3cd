"""What the organiser does to holds. The SQL does it (`sql/hold_acts_v1.sql`), under the locks that holding takes."""

from datetime import date

from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from balie.ordering.models import Campaign, Hold
from balie.practices.models import Person, Practice
from balie.practices.services import clean_reason, record
from balie.runtime.services import notify_after_commit

MOST_EXTRA_MINUTES = 30

EXTEND = "select ordering_extend_holds_v1(%s, make_interval(mins => %s))"
BLOCK = "select outcome, days from ordering_block_v1(%s, %s)"


@transaction.atomic
def extend_windows(*, campaign: Campaign, minutes: int, actor: Person, reason: str) -> int:
    """Give everybody who holds something so many minutes of service time more; how many practices that were.

    Raises ValidationError outside 1 to 30 minutes, or without a reason.
    """
    if not 1 <= minutes <= MOST_EXTRA_MINUTES:
        raise ValidationError(_("Geef 1 tot %(most)s minuten extra.") % {"most": MOST_EXTRA_MINUTES}, code="minutes")
    reason = clean_reason(reason)
    with connection.cursor() as cursor:
        cursor.execute(EXTEND, [campaign.pk, minutes])
        count: int = cursor.fetchone()[0]
    record(
        actor=actor,
        practice=None,
        action="windows.extended",
        subject=_subject(campaign),
        reason=reason,
        detail={"minutes": minutes, "practices": count},
    )
    notify_after_commit(f"days:{campaign.pk}")
    return count


@transaction.atomic
def block_practice(*, campaign: Campaign, practice: Practice, actor: Person, reason: str) -> list[date]:
    """The practice can hold and confirm nothing from now on; the days that it held, which are given back.

    Its place in the waiting room stays. Raises ValidationError when it has ordered, is blocked already, or no reason
    is given.
    """
    reason = clean_reason(reason)
    with connection.cursor() as cursor:
        cursor.execute(BLOCK, [campaign.pk, practice.pk])
        outcome, days = cursor.fetchone()
    refusals = {
        "already_ordered": _("Deze praktijk heeft al besteld. Blokkeren verandert daar niets aan."),
        "already_blocked": _("Deze praktijk was al geblokkeerd."),
    }
    if outcome in refusals:
        raise ValidationError(refusals[outcome], code=outcome)
    record(
        actor=actor,
        practice=practice,
        action="practice.blocked",
        subject=_subject(campaign),
        reason=reason,
        detail={"gave_back": [day.isoformat() for day in days]},
    )
    notify_after_commit(f"days:{campaign.pk}")
    return list(days)


@transaction.atomic
def unblock_practice(*, campaign: Campaign, practice: Practice, actor: Person, reason: str) -> None:
    """The practice may order again. Raises ValidationError when it was not blocked, or no reason is given."""
    reason = clean_reason(reason)
    blocked = Hold.objects.filter(campaign=campaign, practice=practice, blocked=True)
    if not blocked.update(blocked=False, version=F("version") + 1):
        raise ValidationError(_("Deze praktijk was niet geblokkeerd."), code="not_blocked")
    record(actor=actor, practice=practice, action="practice.unblocked", subject=_subject(campaign), reason=reason)
    notify_after_commit(f"days:{campaign.pk}")


def _subject(campaign: Campaign) -> str:
    return f"campaign:{campaign.slug}"
