"""Proves that every escalation that should have run did run, from what was decided and from what was claimed alone: it
asks nothing of the code that plans and sends.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from balie.ops.oncall.models import Escalation, Notification, Page
from balie.ops.oncall.paging import PAGE, RESOLVED, begin, latest, resolve, running
from balie.ops.router import DATABASE

GRACE: Final = timedelta(seconds=15)
PROVEN: Final = {Page.Kind.OUTAGE, Page.Kind.NOBODY, Page.Kind.PROMISE, Page.Kind.SYMPTOMS}


@dataclass(frozen=True, slots=True)
class Missed:
    """`person` should have been told by `channel` at `due_at` at the latest `GRACE` later, and was not in that time."""

    step: int
    person: str
    channel: str
    due_at: datetime


def missed_of(escalation: Escalation, now: datetime) -> list[Missed]:
    """Every notification of this escalation that did not begin in time, as long as nothing had stopped it."""
    page = escalation.page
    newer = page.escalations.filter(round=escalation.round + 1).first()
    ends = [escalation.acknowledged_at, page.resolved_at, newer.began_at if newer else None, now]
    until = min(end for end in ends if end is not None) - GRACE
    claims = escalation.notifications.filter(what=PAGE, claimed_at__isnull=False)
    begun = {(each.step, each.person, each.channel): (each.claimed_at, each.claims) for each in claims}
    found = []
    for step, level in enumerate(escalation.levels):
        due_at = escalation.began_at + timedelta(seconds=level["after_s"])
        for person in level["people"] if due_at <= until else ():
            for channel in person["channels"]:
                at, turns = begun.get((step, person["person"], channel), (None, 0))
                if at is None or (turns == 1 and at > due_at + GRACE):
                    found.append(Missed(step, person["person"], channel, due_at))
    return found


def untold(now: datetime) -> list[Notification]:
    """Who was paged, and should have been told by now that it is over."""
    return list(Notification.objects.filter(what=RESOLVED, claimed_at=None, due_at__lt=now - GRACE))


def audit(now: datetime) -> None:
    """A page of its own, to the last level, for each escalation that did not run in time. It is over when somebody has
    what it is about.
    """
    for escalation in running():
        if escalation.page.kind in PROVEN and missed_of(escalation, now):
            last = escalation.levels[-1] | {"after_s": 0}
            about = {"page": escalation.page_id, "escalation": escalation.pk}
            with transaction.atomic(using=DATABASE):
                begin(Page.Kind.MISSED, f"missed:{escalation.pk}", about, [last], now)
    for missed in Page.objects.filter(kind=Page.Kind.MISSED, resolved_at=None):
        escalation = Escalation.objects.select_related("page").get(pk=missed.about["escalation"])
        newest = latest(escalation.page)
        if escalation.page.resolved_at or (newest and newest.acknowledged_at):
            with transaction.atomic(using=DATABASE):
                resolve(missed, now, now)
