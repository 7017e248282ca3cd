"""The ledger of notifications: planned, claimed, handed over, recorded; each at most once unless nobody knows.

Claimed by a guarded update before it is handed over. An attempt that was refused, or of which no outcome is known (no
answer in time, or the process died with it), is made again, three times in all: a page that never arrived costs more
than one that arrived twice. A repetition says that it is one, and carries the same number.

`give_up_lost`, `take` and `record` are for whoever else delivers something: of their rows the same holds.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.db.models import F, Q

from balie.ops.oncall.models import Delivery, Escalation, Notification
from balie.ops.oncall.paging import PAGE, RUNNING, running

MOST: Final = 3
AGAIN_AFTER: Final = timedelta(seconds=10)
DEADLINE_S: Final = 10.0
LOST_AFTER: Final = timedelta(seconds=DEADLINE_S + 5)

_OVER: Final = Q(outcome__in=(Notification.Outcome.REFUSED, Notification.Outcome.UNKNOWN))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is known after an attempt: `notification` is the key of its row, `claim` the number of the attempt."""

    notification: int
    claim: int
    word: str
    answer: str
    at: datetime


def plan(now: datetime) -> None:
    """Write down what is due: each step of each running escalation whose time has come."""
    for escalation in running():
        plan_steps(escalation, now)


def plan_steps(escalation: Escalation, now: datetime) -> None:
    """Those of one escalation."""
    passed_s = (now - escalation.began_at).total_seconds()
    planned = set(escalation.notifications.filter(what=PAGE).values_list("step", flat=True))
    Notification.objects.bulk_create(
        [
            each
            for step, level in enumerate(escalation.levels)
            if level["after_s"] <= passed_s and step not in planned
            for each in _of_step(escalation, step)
        ],
        ignore_conflicts=True,
    )


def _of_step(escalation: Escalation, step: int) -> Iterator[Notification]:
    level = escalation.levels[step]
    due_at = escalation.began_at + timedelta(seconds=level["after_s"])
    for person in level["people"]:
        for channel in person["channels"]:
            yield Notification(
                escalation=escalation,
                what=PAGE,
                step=step,
                person=person["person"],
                channel=channel,
                due_at=due_at,
            )


def give_up_lost(now: datetime, rows: type[Delivery] = Notification) -> None:
    """Claims of processes that died: whether they sent it nobody knows."""
    lost = rows.objects.filter(outcome="", claimed_at__lt=now - LOST_AFTER)
    lost.update(outcome=Delivery.Outcome.UNKNOWN, answer="the process that sent it ended", ended_at=now)


def waiting(now: datetime) -> list[Notification]:
    """What may be claimed now, the oldest first."""
    fresh = Q(claimed_at=None)
    again = _OVER & Q(claims__lt=MOST, ended_at__lte=now - AGAIN_AFTER)
    found = Notification.objects.filter(fresh | again).select_related("escalation__page").order_by("id")
    going_on = {each.pk for each in running()} if found else set()
    return [each for each in found if each.what != PAGE or each.escalation_id in going_on]


def claim(notification: Notification, now: datetime) -> bool:
    """Whether it is ours to hand over. Nobody else claimed it since we read it, and of a page nobody took it."""
    still = Escalation.objects.filter(RUNNING, pk=notification.escalation_id)
    return take(notification, now, Q(escalation__in=still) if notification.what == PAGE else Q())


def take(delivery: Delivery, now: datetime, still: Q) -> bool:
    """Whether nobody else claimed it since we read it, and this `still` holds of it: then it is ours."""
    mine = type(delivery).objects.filter(still, pk=delivery.pk, claims=delivery.claims, outcome=delivery.outcome)
    if not mine.update(claimed_at=now, claims=F("claims") + 1, outcome="", answer="", ended_at=None):
        return False
    delivery.claims += 1
    return True


def record(outcome: Outcome, rows: type[Delivery] = Notification) -> bool:
    """What came of an attempt; false where it was given up, and made again, before."""
    mine = rows.objects.filter(pk=outcome.notification, claims=outcome.claim, outcome="")
    return mine.update(outcome=outcome.word, answer=outcome.answer, ended_at=outcome.at) == 1
