"""When what happened in an incident, and what it cost: from the watch's ledger alone, not from anybody's memory. In the
language of the moment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

from django.db.models import Min, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.ops.board import effect_words, said, sentence
from balie.ops.graph import Graph
from balie.ops.incidents.availability import CONSULTING, MINUTE, Spell, Year, of_year, stopped
from balie.ops.incidents.models import Happening, Incident, Promise, Taken
from balie.ops.incidents.status import in_this_language
from balie.ops.models import Entry, Switch, Transition, Verdict
from balie.ops.oncall.models import Escalation, Notification, Page
from balie.ops.oncall.paging import PAGE
from balie.ops.states import FAILING
from balie.ops.verdicts import UNDETERMINED

Moment = tuple[str, str, datetime | None]  # of a step: key, words, at


@dataclass(frozen=True)
class Step:
    """`key` is for programs: `began`, `detected`, `named`, `paged`, `acknowledged`, `closed`, `opened`, `told`,
    `restored` or `over`. `at` is None where it never came to that; `minutes` are since it began.
    """

    key: str
    words: str
    at: datetime | None
    minutes: float | None


@dataclass(frozen=True)
class Promised:
    """A promised update: `kept`, `missed`, or `open` and not yet due."""

    due_at: datetime
    answered_at: datetime | None
    word: str


@dataclass(frozen=True)
class Suffered:
    """How long a function had it how badly, in minutes."""

    function: str
    effect: str
    minutes: float


@dataclass(frozen=True)
class Facts:
    """`spells` are the minutes that consulting stood still in this incident, `year` is what that year had used at its
    end; both None where this installation has no consulting.
    """

    number: str
    title: str
    by_hand: bool
    steps: tuple[Step, ...]
    promises: tuple[Promised, ...]
    suffered: tuple[Suffered, ...]
    spells: tuple[int, ...] | None
    year: Year | None

    def minutes(self, key: str) -> float | None:
        """Of the step with that key."""
        return next((step.minutes for step in self.steps if step.key == key), None)


def facts_of(incident: Incident, graph: Graph, now: datetime) -> Facts:
    """As far as they are known now."""
    verdicts = _verdicts(incident)
    began = min([incident.began_at, *(each.first_failing_at for each in verdicts)])
    until = incident.recovered_at or now
    moments = sorted(_moments(incident, verdicts, graph), key=lambda step: (step[2] is None, step[2] or began))
    return Facts(
        number=incident.number,
        title=in_this_language(incident.title_nl, incident.title_en),
        by_hand=not verdicts,
        steps=tuple(
            Step(key, words, at, None if at is None else (at - began) / MINUTE)
            for key, words, at in [("began", _begun(by_hand=not verdicts), began), *moments]
        ),
        promises=tuple(_promised(each, now) for each in incident.promises.order_by("pk")),
        suffered=tuple(_suffered(incident, graph, until)),
        spells=_spells(began, until, now) if CONSULTING in graph.functions else None,
        year=_year(began, until) if CONSULTING in graph.functions else None,
    )


def _verdicts(incident: Incident) -> list[Verdict]:
    """The one that it is about, and those that turned out to be the same."""
    found = list(Verdict.objects.filter(pk=incident.verdict)) if incident.verdict else []
    for verdict in found:
        found.extend(Verdict.objects.filter(merged_into=verdict.pk))
    return found


def _begun(*, by_hand: bool) -> str:
    return _("Begonnen: mensen meldden het") if by_hand else _("Begonnen: de eerste blik die faalde")


def _moments(incident: Incident, verdicts: list[Verdict], graph: Graph) -> Iterator[Moment]:
    numbers = [each.pk for each in verdicts]
    if verdicts:
        yield "detected", _("Opgemerkt: een tweede blik zag het ook"), _detected(verdicts)
        named = Entry.objects.filter(verdict__in=numbers).exclude(culprits=[]).exclude(word=UNDETERMINED)
        first = named.order_by("at", "pk").first()
        cause = sentence(graph, first.culprits, first.word) if first else _("niet vast te stellen")
        yield "named", _("Oorzaak genoemd: %(cause)s") % {"cause": cause}, first.at if first else None
    pages = Page.objects.filter(Q(verdict__in=numbers) | Q(joined__verdict__in=numbers))
    told = Notification.objects.filter(escalation__page__in=pages, what=PAGE)
    taken = Escalation.objects.filter(page__in=pages)
    if verdicts:
        yield "paged", _("Wie dienst had gewaarschuwd"), told.aggregate(at=Min("claimed_at"))["at"]
        yield "acknowledged", _("Opgepakt door wie dienst had"), taken.aggregate(at=Min("acknowledged_at"))["at"]
        yield from _switches(numbers, graph)
    yield "told", _("Eerste bericht aan iedereen"), incident.updates.aggregate(at=Min("at"))["at"]
    yield "restored", _("Hersteld: alles werkt weer"), incident.recovered_at
    if incident.closed_at:
        yield "over", _("Afgesloten: laatste bericht aan iedereen"), incident.closed_at


def _detected(verdicts: list[Verdict]) -> datetime | None:
    """When the first of its parts had failed twice in a row."""
    found = [
        at
        for each in verdicts
        for at in Transition.objects.filter(
            node__in=[*each.culprits, *each.affected],
            after__in=[str(state) for state in FAILING],
            at__gte=each.first_failing_at,
            at__lte=each.closed_at or datetime.max.replace(tzinfo=each.opened_at.tzinfo),
        )
        .order_by("at")
        .values_list("at", flat=True)[:1]
    ]
    return min(found, default=None)


def _switches(numbers: list[int], graph: Graph) -> Iterator[Moment]:
    switches = list(Switch.objects.filter(verdict__in=numbers).order_by("at", "pk"))
    for each in switches:
        title = said(graph.functions[each.function].title) if each.function in graph.functions else each.function
        if each.closed:
            yield "closed", _("Gesloten voor iedereen: %(function)s") % {"function": title}, each.at
        else:
            yield "opened", _("Weer open na een minuut rust: %(function)s") % {"function": title}, each.at
    if not switches:
        yield "closed", _("Functie gesloten"), None


def _promised(promise: Promise, now: datetime) -> Promised:
    missed = now > promise.due_at if promise.answered_at is None else not promise.kept
    word = "missed" if missed else "kept" if promise.answered_at else "open"
    return Promised(promise.due_at, promise.answered_at, word)


def _suffered(incident: Incident, graph: Graph, until: datetime) -> Iterator[Suffered]:
    """From the lines of its log that say what suffers from then on."""
    kinds = {Happening.What.OPENED, Happening.What.CHANGED}
    lines = list(incident.happenings.filter(what__in=kinds).order_by("at", "pk"))
    starts = [incident.began_at, *(line.at for line in lines[1:])]
    sums: dict[tuple[str, str], timedelta] = {}
    for line, start, stop in zip(lines, starts, [*starts[1:], until], strict=True):
        for function, effect in line.about.get("functions", {}).items():
            sums[function, effect] = sums.get((function, effect), timedelta()) + max(stop - start, timedelta())
    for (function, effect), length in sorted(sums.items(), key=lambda pair: (pair[0][1] != "stopped", pair[0][0])):
        title = said(graph.functions[function].title) if function in graph.functions else function
        yield Suffered(title, effect_words()[effect].lower(), length / MINUTE)


def _spells(began: datetime, until: datetime, now: datetime) -> tuple[int, ...]:
    clipped: list[Spell] = [(max(begin, began), min(end, until)) for begin, end in stopped(CONSULTING, now)]
    return tuple(ceil((end - begin) / MINUTE) for begin, end in clipped if end > begin)


def _year(began: datetime, until: datetime) -> Year:
    since = Taken.objects.filter(pk=1).values_list("since", flat=True).first() or began
    spells = [(begin, min(end, until)) for begin, end in stopped(CONSULTING, until) if begin < until]
    return of_year(spells, timezone.localtime(until).year, min(since, began), until)
