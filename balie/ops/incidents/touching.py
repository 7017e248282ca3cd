"""Which functions an incident is about, over all its time."""

from django.db.models import Q

from balie.ops.incidents.models import Happening, Incident


def touched_by(incident: Incident) -> set[str]:
    """Every function that it ever hurt; whoever heard that it began hears that it is over."""
    happened = Happening.objects.filter(incident=incident, about__has_key="functions").values_list("about", flat=True)
    return {*incident.functions, *(key for about in happened for key in about["functions"])}


def going_on() -> list[Incident]:
    """Those that people still suffer from, the newest first."""
    return list(Incident.objects.filter(Q(closed_at=None), recovered_at=None).order_by("-began_at"))


def explains(incident: Incident, function: str) -> bool:
    """Whether somebody for whom `function` does not work may well suffer from this; empty: from something else."""
    touched = touched_by(incident)
    return function in touched if touched or function else True
