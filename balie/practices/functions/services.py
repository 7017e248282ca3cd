"""Closing and opening by hand, hours, and the call list. The rules are in `sql/switch_v1.sql`."""

from collections.abc import Collection
from dataclasses import astuple, dataclass
from datetime import datetime
from itertools import pairwise

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connection, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.practices.functions.hours import DAY_END, Span, state_at
from balie.practices.functions.models import Call, OpenHours, Reason, Switch
from balie.practices.models import Person, Practice
from balie.practices.services import clean_reason, record

TEXT_MOST = 500
PHONE_MOST = 30

BY_HAND = "select practices_switch_by_hand_v1(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"
BY_SCHEDULE = "select practices_switch_by_schedule_v1(%s, %s, %s, %s)"


def close_by_hand(
    *,
    function: str,
    practice: Practice | None = None,
    campaign: int | None = None,
    reason: str,
    text: str = "",
    phone: str = "",
    until: datetime | None = None,
    actor: Person,
    why: str,
) -> Switch:
    """Close it, whatever rules and hours say, until somebody opens it again or `until`.

    `text` and `phone` are for patients; empty for the usual ones. Raises ValidationError by field, without a `why` too.
    """
    errors: dict[str, ValidationError] = {}
    if reason not in Reason.values:
        errors["reason"] = ValidationError(_("Kies waarom het dicht is."), code="reason")
    if len(text) > TEXT_MOST or "\0" in text:
        errors["text"] = ValidationError(_("Houd de tekst onder de 500 tekens."), code="text")
    if len(phone) > PHONE_MOST or any(each not in "0123456789+ -()" for each in phone):
        errors["phone"] = ValidationError(_("Dit is geen telefoonnummer."), code="phone")
    if until is not None and until <= timezone.now():
        errors["until"] = ValidationError(_("Kies een tijd die nog komt."), code="until")
    try:
        why = clean_reason(why)
    except ValidationError as refused:
        errors["why"] = refused
    if errors:
        raise ValidationError(errors)
    decision = _Decision("closed", until, reason, text.strip(), phone.strip())
    return _by_hand(function, practice, campaign, decision, actor=actor, why=why)


def open_by_hand(
    *, function: str, practice: Practice | None = None, campaign: int | None = None, actor: Person, why: str
) -> Switch:
    """Open it, whatever rules and hours say, until somebody decides otherwise. Raises ValidationError without `why`."""
    return _by_hand(function, practice, campaign, _Decision("open"), actor=actor, why=clean_reason(why))


def end_hand(*, function: str, practice: Practice | None = None, campaign: int | None = None, actor: Person) -> Switch:
    """Leave it to rules and hours again."""
    return _by_hand(function, practice, campaign, _Decision(None), actor=actor, why="")


@dataclass(frozen=True)
class _Decision:
    """What a hand wants: 'open', 'closed', or None to leave it to rules and hours."""

    hand: str | None
    until: datetime | None = None
    reason: str = ""
    text: str = ""
    phone: str = ""


@transaction.atomic
def _by_hand(
    function: str, practice: Practice | None, campaign: int | None, decision: _Decision, *, actor: Person, why: str
) -> Switch:
    about = (function, practice.pk if practice else None, campaign)
    with connection.cursor() as cursor:
        cursor.execute(BY_HAND, [*about, *astuple(decision), actor.pk, why, settings.MAIL_DOMAIN])
        (switch,) = cursor.fetchone()
    return Switch.objects.get(pk=switch)


@transaction.atomic
def set_hours(*, function: str, practice: Practice, spans: Collection[Span], actor: Person) -> Switch:
    """When it is open, from now on; without spans, always. Raises ValidationError for spans that are none, or overlap.

    A switch without any is made.
    """
    _check_spans(spans)
    with connection.cursor() as cursor:
        cursor.execute("select practices_switch_lock_v1(%s, %s, null)", [function, practice.pk])
        (pk,) = cursor.fetchone()
    switch = Switch.objects.get(pk=pk)
    if read_spans(switch) == sorted(spans):
        return switch
    switch.hours.all().delete()
    OpenHours.objects.bulk_create(
        OpenHours(switch=switch, day=each.day, begins=each.begins, ends=each.ends) for each in spans
    )
    record(
        actor=actor,
        practice=practice,
        action="function.hours_set",
        subject=f"function:{function}",
        detail={"hours": [each.plainly() for each in sorted(spans)]},
    )
    apply_hours(switch, list(spans), timezone.now())
    switch.refresh_from_db()
    return switch


def apply_hours(switch: Switch, spans: list[Span], now: datetime) -> None:
    """Let the switch follow its hours as they are at `now`; does nothing where it does already."""
    state = state_at(spans, now) if spans else None
    wanted = (state.open if state else None, state.opens_at if state else None)
    if wanted != (switch.scheduled, switch.opens_at):
        with connection.cursor() as cursor:
            cursor.execute(BY_SCHEDULE, [switch.pk, *wanted, settings.MAIL_DOMAIN])


def read_spans(switch: Switch) -> list[Span]:
    return sorted(Span(each.day, each.begins, each.ends) for each in switch.hours.all())


def _check_spans(spans: Collection[Span]) -> None:
    by_day: dict[int, list[Span]] = {}
    for each in sorted(spans):
        if each.ends != DAY_END and each.ends <= each.begins:
            raise ValidationError({"hours": _("Het einde van een openingstijd ligt na het begin.")})
        by_day.setdefault(each.day, []).append(each)
    for day in by_day.values():
        for one, other in pairwise(day):
            if one.ends == DAY_END or other.begins < one.ends:
                raise ValidationError({"hours": _("Twee openingstijden op één dag overlappen elkaar.")})


def tick_phoned(*, call: Call, phoned: bool, actor: Person) -> None:
    """Note that somebody phoned this person now; or, after all, not. Who ticked first stays."""
    if phoned:
        Call.objects.filter(pk=call.pk, phoned_at=None).update(phoned_by=actor, phoned_at=timezone.now())
    else:
        Call.objects.filter(pk=call.pk).update(phoned_by=None, phoned_at=None)
