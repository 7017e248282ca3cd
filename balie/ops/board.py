"""What the console shows, in the reader's language: from the engine's state to words."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from balie.ops.engine import Engine
from balie.ops.evidence import evidence
from balie.ops.graph import Graph, Words
from balie.ops.maintenance.models import Maintenance
from balie.ops.maintenance.windows import covers
from balie.ops.models import Verdict as Row
from balie.ops.runbooks import runbook
from balie.ops.states import BYPASS, State, Track
from balie.ops.verdicts import EFFECTS, UNDETERMINED, Finding, Verdict

BADGES: Final = {"none": "neutral", "degraded": "warning", "stopped": "error"}
KINDS: Final = {
    State.UP: ("ok", "circle-check"),
    State.DOUBTFUL: ("slow", "clock"),
    State.SLOW: ("slow", "triangle-alert"),
    State.DOWN: ("down", "circle-x"),
    State.RECOVERING: ("slow", "clock"),
    State.UNKNOWN: ("quiet", "circle-minus"),
    State.UNSEEN: ("quiet", "circle-minus"),
}


@dataclass(frozen=True)
class Outage:
    """An open verdict. `age_s` since the first failing look. `window`: the announced maintenance that covers it."""

    number: int
    headline: str
    badge: str
    effect: str
    people: tuple[str, ...]
    since: datetime
    age_s: int
    restart: tuple[str, ...]
    runbooks: tuple[tuple[str, str], ...]
    evidence: tuple[tuple[str, str], ...]
    window: Maintenance | None


@dataclass(frozen=True)
class Part:
    """A node, with the last look at it. `age_s` is None before the first."""

    title: str
    word: str
    kind: str
    icon: str
    evidence: str
    age_s: int | None


@dataclass(frozen=True)
class Past:
    """A line of the history."""

    number: int
    at: datetime
    until: datetime | None
    headline: str
    effect: str


@dataclass(frozen=True)
class Board:
    """`windows`: the maintenance that goes on, with what is worked on."""

    headline: str
    windows: tuple[tuple[Maintenance, str], ...]
    outages: tuple[Outage, ...]
    parts: tuple[Part, ...]
    history: tuple[Past, ...] | None
    at: datetime


def board(engine: Engine, history: Sequence[Row] | None, windows: Sequence[Maintenance] = ()) -> Board:
    """Worst first; `history` is None where it cannot be read. `windows` are those that are open."""
    graph, now = engine.graph, engine.clock.wall()
    verdicts = sorted(engine.verdicts, key=lambda each: (-EFFECTS.index(each.finding.effect), each.id))
    outages = tuple(_outage(graph, verdict, now, windows) for verdict in verdicts)
    unwell = sum(node.state not in {State.UP, State.UNSEEN} for node in engine.nodes.values())
    calm = _("Alles werkt") if not unwell else _("Er is nog geen oordeel: wij kijken opnieuw")
    return Board(
        headline=outages[0].headline if outages else calm,
        windows=tuple((each, ", ".join(title(graph, part) for part in each.parts)) for each in windows),
        outages=outages,
        parts=tuple(_part(engine, name) for name in sorted(graph.nodes, key=lambda name: _is_well(engine, name))),
        history=None if history is None else tuple(_past(graph, row) for row in history),
        at=now,
    )


def _is_well(engine: Engine, name: str) -> bool:
    return engine.nodes[name].state is State.UP


def said(words: Words) -> str:
    """In the language of the page."""
    return words.en if (get_language() or "").startswith("en") else words.nl


def state_words(*, plural: bool = False) -> Mapping[State, str]:
    """How states are called, of something whose title is `plural`."""
    if plural:
        return {
            **state_words(),
            State.UP: _("werken"),
            State.DOUBTFUL: _("worden nagekeken"),
            State.DOWN: _("werken niet"),
            State.RECOVERING: _("komen terug"),
        }
    return {
        State.UP: _("werkt"),
        State.DOUBTFUL: _("wordt nagekeken"),
        State.SLOW: _("traag"),
        State.DOWN: _("werkt niet"),
        State.RECOVERING: _("komt terug"),
        State.UNKNOWN: _("niet te zien"),
        State.UNSEEN: _("niet bekeken"),
    }


def effect_words() -> Mapping[str, str]:
    """What people notice, in a word."""
    return {"none": _("Geen gevolg"), "degraded": _("Hinder"), "stopped": _("Stilgevallen")}


def headline(graph: Graph, finding: Finding) -> str:
    """The verdict in one sentence."""
    return sentence(graph, finding.culprits, finding.word)


def sentence(graph: Graph, culprits: Sequence[str], word: str) -> str:
    """What is the matter with these parts, in the language of the page."""
    if word == UNDETERMINED or not culprits:
        return _("Er gaat iets mis, maar de oorzaak is niet vast te stellen")
    titles = _titles(graph, culprits)
    *first, last = titles
    names = _("%(first)s en %(last)s") % {"first": ", ".join(first), "last": last} if first else last
    many = len(culprits) + sum(graph.nodes[name].plural for name in culprits if name in graph.nodes)
    if word == State.SLOW:
        return ngettext("%(names)s is traag", "%(names)s zijn traag", many) % {"names": names}
    return ngettext("%(names)s werkt niet", "%(names)s werken niet", many) % {"names": names}


def _titles(graph: Graph, culprits: Sequence[str]) -> list[str]:
    """A group by its own name, where all of it fails."""
    for name in graph.groups:
        if len(culprits) > 1 and set(graph.members(name)) == set(culprits):
            return [title(graph, name)]
    return [title(graph, name) for name in culprits]


def title(graph: Graph, name: str) -> str:
    """What people call a node or group; its own name where it left the graph."""
    found = graph.nodes.get(name) or graph.groups.get(name)
    return said(found.title) if found else name


def _outage(graph: Graph, verdict: Verdict, now: datetime, windows: Iterable[Maintenance]) -> Outage:
    finding = verdict.finding
    books = dict.fromkeys(graph.nodes[name].runbook for name in finding.culprits if name in graph.nodes)
    found = {name: book for name in books if (book := runbook(name))}
    return Outage(
        number=verdict.id,
        headline=headline(graph, finding),
        badge=BADGES[finding.effect],
        effect=effect_words()[finding.effect],
        people=tuple(_noticed(graph, finding)),
        since=finding.first_failing_at,
        age_s=max(0, round((now - finding.first_failing_at).total_seconds())),
        restart=tuple(said(book.head.restart) for book in found.values()),
        runbooks=tuple((name, said(book.head.title)) for name, book in found.items()),
        evidence=tuple((title(graph, name), evidence(seen)) for name, seen in finding.evidence),
        window=next((each for each in windows if covers(each, finding.culprits)), None),
    )


def _noticed(graph: Graph, finding: Finding) -> Iterable[str]:
    for name, effect in finding.functions.items():
        if function := graph.functions.get(name):
            yield said(function.stopped if effect == "stopped" else function.degraded)


def _part(engine: Engine, name: str) -> Part:
    node = engine.nodes[name]
    tracks = [engine.runner.tracks[way] for way in node.seen_by if way in engine.runner.tracks]
    ended = [track.last.ended for track in tracks if track.last]
    kind, icon = KINDS[node.state]
    return Part(
        title=title(engine.graph, name),
        word=state_words(plural=engine.graph.nodes[name].plural)[node.state],
        kind=kind,
        icon=icon,
        evidence=evidence(node.evidence) + _past_it(engine, name, node.evidence),
        age_s=max(0, round(engine.clock.monotonic() - max(ended))) if ended else None,
    )


def _past_it(engine: Engine, name: str, told: str) -> str:
    seen = engine.runner.tracks.get((name, BYPASS), Track()).evidence
    return _(" · langs de omweg: %(seen)s") % {"seen": evidence(seen)} if seen and seen != told else ""


def _past(graph: Graph, row: Row) -> Past:
    return Past(
        number=row.pk,
        at=row.first_failing_at,
        until=row.closed_at,
        headline=sentence(graph, row.culprits, row.word),
        effect=effect_words()[row.effect],
    )
