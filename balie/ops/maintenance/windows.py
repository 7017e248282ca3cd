"""What an announced window covers: an outage of which every culprit is among its parts. One whose cause is not known is
covered by none: better two too many who are woken than nobody.
"""

from collections.abc import Collection
from datetime import datetime

from django.db.models import Q

from balie.ops.graph import Graph
from balie.ops.maintenance.models import Maintenance


def covered(culprits: Collection[str], at: datetime) -> bool:
    """Whether a window covers this then."""
    return any(covers(each, culprits) for each in going_on(at))


def covered_until(culprits: Collection[str], since: datetime, now: datetime) -> datetime | None:
    """When the last window ended that covered this at any time since then; None where none did."""
    windows = Maintenance.objects.filter(begins_at__lte=now, ends_at__gte=since)
    ends = [each.over_at for each in windows if covers(each, culprits) and _was(each) and each.over_at >= since]
    return max(ends, default=None)


def covers(window: Maintenance, culprits: Collection[str]) -> bool:
    """Whether it is about all of these."""
    return bool(culprits) and set(culprits) <= set(window.parts)


def going_on(at: datetime) -> list[Maintenance]:
    """Every window that is open then."""
    still = Q(cancelled_at=None) | Q(cancelled_at__gt=at)
    return list(Maintenance.objects.filter(still, begins_at__lte=at, ends_at__gt=at).order_by("begins_at", "pk"))


def that_touches(graph: Graph, function: str, at: datetime) -> Maintenance | None:
    """The window that is open then and on whose parts this function stands."""
    return next((each for each in going_on(at) if function in touched(graph, each.parts)), None)


def windows_of(culprits: Collection[str]) -> list[tuple[datetime, datetime]]:
    """Every window that ever covered this, from and until."""
    found = Maintenance.objects.order_by("begins_at", "pk")
    return [(each.begins_at, each.over_at) for each in found if covers(each, culprits) and _was(each)]


def touched(graph: Graph, parts: Collection[str]) -> set[str]:
    """The functions that stand on any of these."""
    found = set()
    for key, function in graph.functions.items():
        names = {*function.needs, *function.wants}
        if set(parts) & names.union(*(graph.closure(name) for name in names)):
            found.add(key)
    return found


def _was(window: Maintenance) -> bool:
    """Its window ever opened."""
    return window.over_at > window.begins_at
