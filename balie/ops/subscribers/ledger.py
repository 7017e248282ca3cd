"""What is to be sent to whom: written down once for each update and subscriber, and taken as alerting takes it."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import Q

from balie.ops.graph import Graph
from balie.ops.incidents.models import Update
from balie.ops.incidents.touching import touched_by
from balie.ops.maintenance.models import MaintenanceAct
from balie.ops.maintenance.windows import touched
from balie.ops.oncall import deliveries
from balie.ops.router import DATABASE
from balie.ops.subscribers.models import GONE, QUESTION, Sending, Spread, Subscriber

NEWS: Final = timedelta(days=1)  # what is older is none
# After the first attempt, the second, and so on; where the last pause has passed it is not sent again.
PAUSES: Final = tuple(timedelta(seconds=each) for each in (10, 60, 300, 900, 3600, 3600, 3600, 3600))
PAUSES_OF_A_QUESTION: Final = 3
_AGAIN: Final = Q(outcome__in=(Sending.Outcome.REFUSED, Sending.Outcome.UNKNOWN))
_COUNTS: Final = Q(subscriber__left_at=None)


def plan(graph: Graph, now: datetime) -> None:
    """Write down who gets what is new, an update or an act on planned maintenance: whoever had confirmed when it was
    told, and wants to hear of it.
    """
    for update in Update.objects.filter(spread=None, at__gt=now - NEWS).select_related("incident").order_by("pk"):
        _write_down(Spread(update_told=update), update.at, partial(touched_by, update.incident))
    acts = MaintenanceAct.objects.filter(spread=None, at__gt=now - NEWS).select_related("maintenance").order_by("pk")
    for act in acts:
        _write_down(Spread(act_told=act), act.at, partial(functions_of, graph, act))


def functions_of(graph: Graph, act: MaintenanceAct) -> set[str]:
    """Of those that everybody is told of, the ones that may suffer from it."""
    return touched(graph, act.maintenance.parts) & graph.public.keys()


def _write_down(spread: Spread, at: datetime, functions: Callable[[], set[str]]) -> None:
    """`functions`: which it is about; none: everybody hears of it."""
    with suppress(IntegrityError), transaction.atomic(using=DATABASE):  # another watch did
        spread.save()
        about = functions()
        reading = Subscriber.objects.filter(confirmed_at__lte=at).exclude(GONE)
        wanted = [each for each in reading if not about or not each.components or about & set(each.components)]
        told = {"update_told_id": spread.update_told_id, "act_told_id": spread.act_told_id}
        Sending.objects.bulk_create([Sending(subscriber=each, **told) for each in wanted])


def waiting(now: datetime, most: int) -> list[Sending]:
    """What may be taken now: the oldest first, so many at most."""
    again = Q()
    for claims, pause in enumerate(PAUSES, start=1):
        of_it = Q() if claims < PAUSES_OF_A_QUESTION else ~QUESTION
        again |= of_it & Q(claims=claims, ended_at__lte=now - pause)
    due = Sending.objects.filter(_COUNTS, Q(claimed_at=None) | (_AGAIN & again))
    return list(
        due.select_related("subscriber", "update_told__incident", "act_told__maintenance").order_by("pk")[:most]
    )


def claim(sending: Sending, now: datetime) -> bool:
    """Whether it is ours to hand over: nobody else took it, and they did not leave."""
    return deliveries.take(sending, now, Q(subscriber__in=Subscriber.objects.exclude(GONE)))
