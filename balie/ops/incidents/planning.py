"""Announced maintenance as the public and the console see it, in the language of the moment."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from balie.ops.board import said, title
from balie.ops.graph import Graph
from balie.ops.maintenance.models import Maintenance, MaintenanceAct
from balie.ops.maintenance.windows import touched
from balie.practices.templatetags.balie import clock, moment

AFTERWARDS: Final = timedelta(days=7)


@dataclass(frozen=True)
class Planned:
    """`state`: `ahead`, `now`, `late` (past, and what it covered still fails), `over`, or `cancelled` before it began.
    `until`: when it ends, in words. `functions` are keys of those that may suffer, `who` their names; `parts` are what
    is worked on. `extended`: it lasts longer than was first told. `reports`: how often users said meanwhile that one
    of these did not work.
    """

    pk: int
    number: str
    begins_at: datetime
    over_at: datetime
    until: str
    state: str
    text: str
    functions: frozenset[str]
    who: tuple[str, ...]
    parts: tuple[str, ...]
    extended: bool
    reports: int


def planned(graph: Graph, now: datetime) -> tuple[Planned, ...]:
    """What is ahead or going on, and what lately was; the first first."""
    rows = Maintenance.objects.filter(ends_at__gt=now - AFTERWARDS).order_by("begins_at", "pk")
    return tuple(_planned(each, graph, now) for each in rows)


def planned_in(year: int, graph: Graph, now: datetime) -> tuple[Planned, ...]:
    """Everything that began in that year, the newest first."""
    rows = Maintenance.objects.filter(begins_at__year=year, begins_at__lte=now).order_by("-begins_at")
    return tuple(each for row in rows if (each := _planned(row, graph, now)).state != "cancelled")


def until(begins_at: datetime, ends_at: datetime) -> str:
    """When it ends, as people say it who just said when it begins: on the same day only the time."""
    same_day = timezone.localtime(begins_at).date() == timezone.localtime(ends_at).date()
    return clock(ends_at) if same_day else moment(ends_at)


def act_words(act: MaintenanceAct) -> str:
    """What somebody did with maintenance."""
    told = {"until": moment(act.ends_at)}
    match act.what:
        case MaintenanceAct.What.ANNOUNCED:
            return _("Aangekondigd, tot %(until)s") % told
        case MaintenanceAct.What.EXTENDED:
            return _("Verlengd tot %(until)s") % told
        case MaintenanceAct.What.ENDED:
            return _("Klaar")
    return _("Eerder klaar") if act.news == MaintenanceAct.What.ENDED else _("Afgezegd")


def _planned(row: Maintenance, graph: Graph, now: datetime) -> Planned:
    functions = touched(graph, row.parts) & graph.public.keys()
    return Planned(
        pk=row.pk,
        number=row.number,
        begins_at=row.begins_at,
        over_at=row.over_at,
        until=until(row.begins_at, row.over_at),
        state=_state(row, now),
        text=row.text_en if (get_language() or "").startswith("en") else row.text_nl,
        functions=frozenset(functions),
        who=tuple(said(each.title) for key, each in graph.public.items() if key in functions),
        parts=tuple(title(graph, part) for part in row.parts),
        extended=row.acts.filter(what=MaintenanceAct.What.EXTENDED).exists(),
        reports=row.symptoms.count(),
    )


def _state(row: Maintenance, now: datetime) -> str:
    if row.over_at <= row.begins_at:
        return "cancelled"
    if now < row.begins_at:
        return "ahead"
    if now < row.over_at:
        return "now"
    return "over" if row.cancelled_at or row.ended_at else "late"
