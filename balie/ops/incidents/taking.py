"""From verdicts to incidents. Each entry of the watch's ledger is taken once, in one transaction with the mark that
says so: whatever dies in between, nothing is told twice and nothing is passed over.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from balie.ops.graph import Graph
from balie.ops.incidents import words
from balie.ops.incidents.models import WATCH, Happening, Incident, Taken
from balie.ops.incidents.telling import Next, human, note, tell
from balie.ops.maintenance.windows import covered, covered_until
from balie.ops.models import Entry, Verdict
from balie.ops.router import DATABASE

FIRST_PROMISE: Final = timedelta(minutes=30)
RANK: Final = ("", "none", "degraded", "stopped")
What = Happening.What


def take_in(graph: Graph, now: datetime, *, somebody: bool) -> int:
    """How many entries were new. `somebody` is on call, so that a next update can be promised in their name."""
    mark, _new = Taken.objects.get_or_create(pk=1, defaults={"since": now})
    entries = list(Entry.objects.filter(pk__gt=mark.entry).select_related("verdict").order_by("pk"))
    for entry in entries:
        with transaction.atomic(using=DATABASE):
            if Taken.objects.filter(pk=1, entry__lt=entry.pk).update(entry=entry.pk):
                _take(entry, graph, now, somebody=somebody)
    _take_late(graph, now, somebody=somebody)
    return len(entries)


def _take_late(graph: Graph, now: datetime, *, somebody: bool) -> None:
    """What was maintenance, and is not, or no longer, what was announced."""
    mark = Taken.objects.get(pk=1).entry
    known = Incident.objects.exclude(verdict=None).values("verdict")
    for verdict in Verdict.objects.filter(closed_at=None).exclude(pk__in=known):
        entry = verdict.entries.filter(pk__lte=mark).order_by("-pk").first()
        if entry and (functions := _heard(entry, graph)) and not covered(entry.culprits, now):
            with transaction.atomic(using=DATABASE):
                _open_or_explain(entry, functions, graph, now, somebody=somebody)


def _heard(entry: Entry, graph: Graph) -> dict[str, str]:
    """What the public hears of it."""
    hidden = graph.functions.keys() - graph.public.keys()
    return {key: effect for key, effect in entry.functions.items() if key not in hidden}


def _take(entry: Entry, graph: Graph, now: datetime, *, somebody: bool) -> None:
    over = entry.what in {"closed", "merged"}
    functions = {} if over else _heard(entry, graph)
    incident = Incident.objects.filter(verdict=entry.verdict_id).first()
    if incident is None:
        if functions and not covered(entry.culprits, now):
            _open_or_explain(entry, functions, graph, now, somebody=somebody)
    elif incident.closed_at is None:
        if entry.what == "merged":
            _join(incident, entry, now)
        elif functions:
            _go_on(incident, functions, graph, now, somebody=somebody)
        else:
            _recover(incident, entry, now)


def _open_or_explain(entry: Entry, functions: dict[str, str], graph: Graph, now: datetime, *, somebody: bool) -> None:
    """What people told of before probes saw it is the same outage: it gets its cause, and goes on as it is."""
    told = Incident.objects.filter(verdict=None, closed_at=None, functions__has_any_keys=list(functions))
    incident = told.order_by("pk").first()
    if incident is None:
        _open(entry, functions, graph, now, somebody=somebody)
        return
    title = words.title(graph, functions)
    incident.verdict, incident.functions, incident.recovered_at = entry.verdict_id, functions, None
    incident.title_nl, incident.title_en = title.nl, title.en
    incident.severity = max(incident.severity, *functions.values(), key=RANK.index)
    incident.save()
    note(incident, What.CHANGED, now, functions=functions, culprits=entry.culprits)
    if not human(incident):
        tell(incident, words.begun(graph, functions, somebody=somebody), author=WATCH, now=now)


def _open(entry: Entry, functions: dict[str, str], graph: Graph, now: datetime, *, somebody: bool) -> None:
    title = words.title(graph, functions)
    began_at = entry.verdict.first_failing_at
    announced_until = covered_until(entry.culprits, began_at, now)
    incident = Incident.objects.create(
        verdict=entry.verdict_id,
        began_at=max(began_at, announced_until or began_at),
        severity=max(functions.values(), key=RANK.index),
        functions=functions,
        title_nl=title.nl,
        title_en=title.en,
    )
    note(incident, What.OPENED, now, functions=functions, culprits=entry.culprits)
    following = Next(now + FIRST_PROMISE) if somebody else None
    text = words.begun(graph, functions, somebody=somebody, overran=announced_until is not None)
    tell(incident, text, author=WATCH, now=now, following=following)


def _go_on(incident: Incident, functions: dict[str, str], graph: Graph, now: datetime, *, somebody: bool) -> None:
    """The public hears only that something became worse, and from the watch only as long as nobody else tells."""
    worse = _worse(incident.functions, functions)
    if incident.functions != functions:
        note(incident, What.CHANGED, now, functions=functions)
    incident.functions, incident.recovered_at = functions, None
    incident.severity = max(incident.severity, *functions.values(), key=RANK.index)
    if worse:
        title = words.title(graph, functions)
        incident.title_nl, incident.title_en = title.nl, title.en
    incident.save()
    if worse and not human(incident):
        tell(incident, words.begun(graph, functions, somebody=somebody), author=WATCH, now=now)


def _worse(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    return any(RANK.index(effect) > RANK.index(before.get(key, "")) for key, effect in after.items())


def _recover(incident: Incident, entry: Entry, now: datetime) -> None:
    first = incident.recovered_at is None
    if first:
        incident.recovered_at, incident.functions = entry.at, {}
        incident.save()
        note(incident, What.RECOVERED, now)
    closes = entry.what == "closed" and not human(incident)
    if first or closes:
        tell(incident, words.recovered(incident.recovered_at or entry.at), author=WATCH, now=now, closes=closes)


def _join(incident: Incident, entry: Entry, now: datetime) -> None:
    """Another verdict explains this one. Where that has no incident yet, this one goes on as its incident."""
    into = entry.verdict.merged_into
    other = Incident.objects.filter(verdict=into).first()
    if other is None:
        incident.verdict = into
        incident.save()
        return
    incident.joined, incident.functions = other, {}
    incident.recovered_at = incident.recovered_at or entry.at
    incident.save()
    note(incident, What.JOINED, now, into=other.number)
    tell(incident, words.same_as(other.number), author=WATCH, now=now, closes=not human(incident))
