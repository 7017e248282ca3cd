"""What the public sees, in the language of the moment: from rows to words."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from balie.ops.board import said
from balie.ops.graph import Function, Graph
from balie.ops.incidents.availability import CONSULTING, Year, announced, of_year, stopped
from balie.ops.incidents.models import WATCH, Incident, Promise, Taken, Update
from balie.ops.incidents.planning import Planned, planned
from balie.ops.incidents.taking import RANK
from balie.ops.incidents.words import noticed

RECENT: Final = 5
LOOKS: Final = {
    "": ("ok", "circle-check"),
    "maintenance": ("quiet", "clock"),
    "degraded": ("slow", "triangle-alert"),
    "stopped": ("down", "circle-x"),
}


@dataclass(frozen=True)
class Told:
    """An update. `answered` is the promise that it answered; `ours`: the watch wrote it by itself."""

    pk: int
    number: int
    at: datetime
    text: str
    ours: bool
    answered: Promise | None


@dataclass(frozen=True)
class Case:
    """An incident, its newest update first. `promise` is still open, and `late` when its time has passed.
    `notice` is what people notice now, beyond the title;
    `reported` that there is a report to read.
    """

    pk: int
    number: str
    title: str
    severity: str
    began_at: datetime
    recovered_at: datetime | None
    closed_at: datetime | None
    notice: tuple[str, ...]
    told: tuple[Told, ...]
    promise: Promise | None
    late: bool
    reported: bool


@dataclass(frozen=True)
class Part:
    """A function of the product, and how it is."""

    title: str
    word: str
    kind: str
    icon: str


@dataclass(frozen=True)
class Status:
    at: datetime
    headline: str
    works: tuple[str, ...]
    current: tuple[Case, ...]
    recent: tuple[Case, ...]
    parts: tuple[Part, ...]
    years: tuple[int, ...]
    this_year: int
    consulting: Year | None
    planned: tuple[Planned, ...]
    at_work: bool


def status(graph: Graph, now: datetime) -> Status:
    """How everything is now."""
    current = list(Incident.objects.filter(closed_at=None).order_by("-began_at"))
    effects = _effects(current)
    windows = planned(graph, now)
    worked_on = {key for each in windows if each.state == "now" for key in each.functions}
    parts = tuple(
        _part(each, effects.get(key, "maintenance" if key in worked_on else "")) for key, each in graph.public.items()
    )
    recent = Incident.objects.exclude(closed_at=None).order_by("-began_at")[:RECENT]
    year = timezone.localtime(now).year
    return Status(
        at=now,
        headline=_headline(effects, current, at_work=bool(worked_on)),
        works=tuple(said(each.title) for key, each in graph.public.items() if key not in {*effects, *worked_on}),
        current=tuple(of_one(each, graph, now) for each in current),
        recent=tuple(of_one(each, graph, now) for each in recent),
        parts=parts,
        years=years(now),
        this_year=year,
        consulting=consulting(graph, year, now),
        planned=windows,
        at_work=bool(worked_on),
    )


def years(now: datetime) -> tuple[int, ...]:
    """Those that are told of, the newest first."""
    return tuple(range(timezone.localtime(now).year, timezone.localtime(_since(now)).year - 1, -1))


def of(graph: Graph, year: int, now: datetime) -> tuple[Case, ...]:
    """Everything that began in that year, the newest first."""
    rows = Incident.objects.filter(began_at__year=year).order_by("-began_at")
    return tuple(of_one(each, graph, now) for each in rows)


def consulting(graph: Graph, year: int, now: datetime) -> Year | None:
    """None where this installation has no consulting."""
    if CONSULTING not in graph.functions:
        return None
    return of_year(stopped(CONSULTING, now), year, _since(now), now, announced(CONSULTING, now))


def in_this_language(dutch: str, english: str) -> str:
    """One of the two."""
    return english if (get_language() or "").startswith("en") else dutch


def _since(now: datetime) -> datetime:
    return Taken.objects.filter(pk=1).values_list("since", flat=True).first() or now


def _effects(incidents: Iterable[Incident]) -> dict[str, str]:
    effects: dict[str, str] = {}
    for incident in incidents:
        for key, effect in incident.functions.items():
            effects[key] = max(effect, effects.get(key, ""), key=RANK.index)
    return effects


def _headline(effects: dict[str, str], current: list[Incident], *, at_work: bool) -> str:
    if not current:
        return _("Er is aangekondigd onderhoud") if at_work else _("Alles werkt")
    if all(each.recovered_at for each in current):
        return _("Alles werkt weer. Wij kijken het na")
    if "stopped" in effects.values():
        return _("Een deel werkt niet")
    return _("Er is hinder")


def _part(function: Function, effect: str) -> Part:
    words = {
        "": _("werken") if function.plural else _("werkt"),
        "maintenance": _("onderhoud"),
        "degraded": _("met hinder"),
        "stopped": _("werken niet") if function.plural else _("werkt niet"),
    }
    return Part(said(function.title), words[effect], *LOOKS[effect])


def of_one(incident: Incident, graph: Graph, now: datetime) -> Case:
    """One incident."""
    promise = incident.promises.filter(answered_at=None).first()
    title = in_this_language(incident.title_nl, incident.title_en)
    updates = incident.updates.order_by("-number").select_related("answered")
    return Case(
        pk=incident.pk,
        number=incident.number,
        title=title,
        severity=incident.severity,
        began_at=incident.began_at,
        recovered_at=incident.recovered_at,
        closed_at=incident.closed_at,
        notice=tuple(each for each in noticed(graph, incident.functions) if each != f"{title}."),
        told=tuple(_told(each) for each in updates),
        promise=promise,
        late=promise is not None and promise.due_at < now,
        reported=incident.reports.filter(published=True).exists(),
    )


def _told(update: Update) -> Told:
    return Told(
        pk=update.pk,
        number=update.number,
        at=update.at,
        text=in_this_language(update.text_nl, update.text_en),
        ours=update.author == WATCH,
        answered=getattr(update, "answered", None),
    )
