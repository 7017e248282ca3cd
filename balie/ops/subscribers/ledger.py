"""What is to be sent to whom: written down once for each update and subscriber, and taken as alerting takes it."""

from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from balie.ops.incidents.models import Update
from balie.ops.incidents.touching import touched_by
from balie.ops.oncall import deliveries
from balie.ops.router import DATABASE
from balie.ops.subscribers.models import GONE, Sending, Spread, Subscriber

NEWS: Final = timedelta(days=1)  # what is older is none
# After the first attempt, the second, and so on; where the last pause has passed it is not sent again.
PAUSES: Final = tuple(timedelta(seconds=each) for each in (10, 60, 300, 900, 3600, 3600, 3600, 3600))
PAUSES_OF_A_QUESTION: Final = 3
_AGAIN: Final = Q(outcome__in=(Sending.Outcome.REFUSED, Sending.Outcome.UNKNOWN))
_COUNTS: Final = Q(subscriber__left_at=None)


def plan(now: datetime) -> None:
    """Write down who gets each new update: whoever had confirmed when it was told, and wants to hear of it."""
    for update in Update.objects.filter(spread=None, at__gt=now - NEWS).select_related("incident").order_by("pk"):
        try:
            with transaction.atomic(using=DATABASE):
                Spread.objects.create(update_told=update)
                _spread(update)
        except IntegrityError:  # another watch did
            continue


def _spread(update: Update) -> None:
    touched = touched_by(update.incident)
    reading = Subscriber.objects.filter(confirmed_at__lte=update.at).exclude(GONE)
    wanted = [each for each in reading if not touched or not each.components or touched & set(each.components)]
    Sending.objects.bulk_create([Sending(subscriber=each, update_told=update) for each in wanted])


def waiting(now: datetime, most: int) -> list[Sending]:
    """What may be taken now: the oldest first, so many at most."""
    again = Q()
    for claims, pause in enumerate(PAUSES, start=1):
        of_it = Q() if claims < PAUSES_OF_A_QUESTION else Q(update_told__isnull=False)
        again |= of_it & Q(claims=claims, ended_at__lte=now - pause)
    due = Sending.objects.filter(_COUNTS, Q(claimed_at=None) | (_AGAIN & again))
    return list(due.select_related("subscriber", "update_told__incident").order_by("pk")[:most])


def claim(sending: Sending, now: datetime) -> bool:
    """Whether it is ours to hand over: nobody else took it, and they did not leave."""
    return deliveries.take(sending, now, Q(subscriber__in=Subscriber.objects.exclude(GONE)))
