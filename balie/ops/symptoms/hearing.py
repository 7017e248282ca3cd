"""How much reports weigh, and what comes of them.

Each practice counts once, however many of its people tell us. Others (nobody is logged in, or works for no practice)
count for a third each, and together for one practice at most: so a crowd of strangers opens no incident.
"""

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import transaction

from balie.ops.graph import Graph
from balie.ops.incidents.models import WATCH, Happening, Incident
from balie.ops.incidents.taking import FIRST_PROMISE
from balie.ops.incidents.telling import Next, note, tell
from balie.ops.incidents.touching import explains, going_on
from balie.ops.maintenance import windows
from balie.ops.oncall.models import Page
from balie.ops.oncall.paging import begin, confirmed, resolve
from balie.ops.oncall.team import Team
from balie.ops.router import DATABASE
from balie.ops.symptoms import words
from balie.ops.symptoms.models import UNEXPLAINED, Symptom

OTHERS_FOR_ONE: Final = 3
KEPT: Final = timedelta(days=30)


def hear(graph: Graph, report: Symptom) -> Symptom:
    """Keep it, once, with the incident that explains it where there is one, or else with the maintenance of which
    everybody was told that this may not work then.
    """
    known = next((each for each in going_on() if explains(each, report.what)), None)
    work = None if known else windows.that_touches(graph, report.what, report.at)
    found, _new = Symptom.objects.get_or_create(
        reference=report.reference,
        defaults={
            "at": report.at,
            "source": report.source,
            "practice": report.practice,
            "what": report.what,
            "since": report.since,
            "text": report.text,
            "incident": known,
            "maintenance": work,
        },
    )
    return found


def weight(reports: Collection[Symptom]) -> int:
    """How many practices this is worth."""
    practices = {each.practice for each in reports if each.practice is not None}
    others = {each.source for each in reports if each.practice is None}
    return len(practices) + min(1, len(others) // OTHERS_FOR_ONE)


def weigh(graph: Graph, team: Team | None, now: datetime) -> None:
    """What nobody has explained yet: by an incident that began meanwhile, or, where enough say it, by a new one; not
    while work goes on of which everybody was told that this may not work, though they said it before.
    """
    since = now - timedelta(minutes=settings.REPORTS_MINUTES)
    unexplained = list(Symptom.objects.filter(UNEXPLAINED, at__gt=since).order_by("pk"))
    for what in dict.fromkeys(each.what for each in unexplained):
        about = [each for each in unexplained if each.what == what]
        known = next((each for each in going_on() if explains(each, what)), None)
        if known:
            Symptom.objects.filter(pk__in=[each.pk for each in about]).update(incident=known)
        elif weight(about) >= settings.REPORTS_MOST and not windows.that_touches(graph, what, now):
            _open(graph, team, what, about, now)


@transaction.atomic(using=DATABASE)
def _open(graph: Graph, team: Team | None, what: str, reports: Sequence[Symptom], now: datetime) -> None:
    """Undetermined: what people notice is known, and not why."""
    functions = {what: "degraded"} if what in graph.functions else {}
    title = words.title(graph, what)
    incident = Incident.objects.create(
        began_at=min(each.since for each in reports),
        severity=Incident.Severity.DEGRADED,
        functions=functions,
        title_nl=title.nl,
        title_en=title.en,
    )
    Symptom.objects.filter(pk__in=[each.pk for each in reports]).update(incident=incident)
    evidence = [each.number for each in reports]
    note(incident, Happening.What.OPENED, now, functions=functions, culprits=[], reports=evidence)
    following = Next(now + FIRST_PROMISE) if team else None
    tell(incident, words.begun(somebody=team is not None), author=WATCH, now=now, following=following)
    if team:
        about = {"incident": incident.pk, "number": incident.number, "reports": len(reports)}
        levels = team.snapshot(now, team.refused(confirmed()))
        begin(Page.Kind.SYMPTOMS, f"symptoms:{incident.pk}", about, levels, now)


def end_pages(now: datetime) -> None:
    """Nobody is asked any more about an incident that is over, or of which an outage of its own wakes people."""
    for page in Page.objects.filter(kind=Page.Kind.SYMPTOMS, resolved_at=None):
        if Incident.objects.filter(pk=page.about["incident"]).exclude(closed_at=None, verdict=None).exists():
            resolve(page, now, now)


def forget_texts(now: datetime) -> None:
    """Somebody may have written of a patient after all; the count stays."""
    Symptom.objects.filter(at__lt=now - KEPT).exclude(text="").update(text="", source="")
