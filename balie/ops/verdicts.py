"""Which part is at fault, and what people notice of it. Pure: from how nodes stand to verdicts, and from one moment's
verdicts to the next.

The culprit is the failing node whose own dependencies are healthy. It is named only once everything that it stands on
has been looked at since it began to fail: else whoever happened to be looked at first would be blamed. Where a
dependency cannot be seen, the cause is undetermined: evidence rather than a guess.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from math import inf
from typing import Final, Literal

from balie.ops.graph import Effect, Graph
from balie.ops.states import BYPASS, FAILING, PROBE, Standing, State, Track, Way, standings

UNDETERMINED: Final = "undetermined"
EFFECTS: Final[tuple[Effect, ...]] = ("none", "degraded", "stopped")
HURT: Final = FAILING | {State.UNKNOWN}
Evidence = tuple[tuple[str, str], ...]
Window = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Finding:
    """One outage as it looks at one moment. `word` is `slow`, `down` or `undetermined`; then nobody is the culprit.

    `affected` fail because of the culprits; `functions` are those that suffer, and how.
    """

    family: str
    culprits: tuple[str, ...]
    affected: tuple[str, ...]
    word: str
    effect: Effect
    functions: Mapping[str, Effect]
    evidence: Evidence
    first_failing_at: datetime

    @property
    def members(self) -> frozenset[str]:
        return frozenset((*self.culprits, *self.affected))


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outage over time: what is known of it now. `members` are all nodes that were ever in it; it is over when all
    of them are well.
    """

    id: int
    opened_at: datetime
    finding: Finding
    members: frozenset[str]


@dataclass(frozen=True, slots=True)
class Change:
    """What happened with a verdict; `into` is the id of the one that explains it, where they were merged."""

    what: Literal["opened", "changed", "noted", "closed", "merged"]
    at: datetime
    verdict: Verdict
    into: int | None = None


@dataclass(slots=True)
class _Grounds:
    """What a failing node stands on: what of it fails, what cannot be seen, and whether one must wait to know."""

    failing: set[str] = field(default_factory=set)
    unseen: set[str] = field(default_factory=set)
    waiting: bool = False


class Scene:
    """All nodes at one moment."""

    def __init__(self, graph: Graph, tracks: Mapping[Way, Track]) -> None:
        self.graph, self.tracks = graph, tracks
        self.nodes: dict[str, Standing] = standings(graph, tracks)

    def findings(self) -> list[Finding]:
        """Every outage whose cause is known, and one for what fails without a cause that can be told."""
        hurt = [
            name
            for name, node in self.nodes.items()
            if node.failing_since is not None and node.state is not State.DOUBTFUL
        ]
        grounds = {name: self._grounds(name) for name in hurt}
        sick = [name for name in hurt if self.nodes[name].state in HURT]
        alone = [name for name in sick if not grounds[name].failing and not grounds[name].waiting]
        named = [name for name in alone if not grounds[name].unseen and self.nodes[name].state in FAILING]
        found: list[Finding] = []
        for family in sorted({self.graph.families[name] for name in named}):
            culprits = tuple(name for name in named if self.graph.families[name] == family)
            affected = tuple(n for n in hurt if n not in culprits and grounds[n].failing & set(culprits))
            found.append(self._finding(family, culprits, affected))
        if unclear := tuple(name for name in alone if name not in named):
            behind = tuple(name for name in hurt if name not in unclear and grounds[name].failing & set(unclear))
            found.append(self._finding(UNDETERMINED, (), (*unclear, *behind)))
        return found

    def _grounds(self, name: str) -> _Grounds:
        found, window = _Grounds(), self._window(name)
        needs = list(self.graph.nodes[name].needs)
        if self.tracks.get((name, BYPASS), Track()).state not in FAILING:
            needs += self.graph.nodes[name].behind  # seen failing past what lies before it, it cannot blame that
        seen: set[tuple[str, bool]] = set()
        todo = [(each, True) for each in needs]
        while todo:
            step = todo.pop()
            if step not in seen:
                seen.add(step)
                todo += self._visit(*step, window, found)
        return found

    def _window(self, name: str) -> tuple[float, float]:
        """When it was seen to fail: what is well then cannot be what it fails by."""
        node = self.nodes[name]
        tracks = [self.tracks[way] for way in node.seen_by if way in self.tracks]
        bad = [track.last.ended for track in tracks if track.last and track.state in FAILING]
        return node.failing_since or 0.0, max(bad, default=inf)

    def _visit(self, name: str, direct: bool, window: Window, found: _Grounds) -> Iterable[tuple[str, bool]]:  # noqa: FBT001 - one step of a walk
        """Look at one thing on the way down; where to go from there. `direct`: nothing well stands in between."""
        if name in self.graph.groups:
            return [(each, direct) for each in self._short_of(name, window, found)]
        node, below = self.nodes[name], self.graph.stands_on(name)
        fresh = all(self.tracks.get(way, Track()).fresh(*window) for way in node.seen_by)
        match node.state:
            case State.SLOW | State.DOWN:
                found.failing.add(name)
            case State.DOUBTFUL | State.RECOVERING:
                found.waiting = True
            case State.UP | State.UNSEEN if not fresh:
                found.waiting = True
            case State.UNSEEN if direct:
                found.unseen.add(name)
        return [(each, direct and node.state is not State.UP) for each in below]

    def _short_of(self, name: str, window: Window, found: _Grounds) -> Sequence[str]:
        """The members of a group, where not enough of them are well; else none of them matters."""
        group = self.graph.groups[name]
        well = [each for each in group.of if self._severity(each) == 0]
        if len(well) < group.least:
            return group.of
        sure = [each for each in well if self._sure(each, window)]
        found.waiting |= len(sure) < group.least
        return ()

    def _sure(self, name: str, window: Window) -> bool:
        if name in self.graph.groups:
            return all(self._sure(each, window) for each in self.graph.groups[name].of)
        node = self.nodes[name]
        return node.state is State.UP and all(self.tracks.get(way, Track()).fresh(*window) for way in node.seen_by)

    def _severity(self, name: str) -> int:
        """0: well, as far as one can see; 1: slow; 2: does not work, or did not when last seen. An index of EFFECTS."""
        if name in self.graph.groups:
            group = self.graph.groups[name]
            return sorted(map(self._severity, group.of))[group.least - 1]
        match self.nodes[name].state:
            case State.UP | State.DOUBTFUL:
                return 0
            case State.UNSEEN if self.nodes[name].failing_since is None:
                return 0
            case State.SLOW:
                return 1
            case _:
                return 2

    def _suffering(self, members: frozenset[str]) -> dict[str, Effect]:
        """The functions that suffer from these nodes, and how much."""
        found: dict[str, Effect] = {}
        for name, function in self.graph.functions.items():
            needed = [self._severity(each) for each in function.needs if self._involves(each, members)]
            wanted = [min(1, self._severity(each)) for each in function.wants if self._involves(each, members)]
            if worst := max((*needed, *wanted), default=0):
                found[name] = EFFECTS[min(worst, EFFECTS.index(function.worst))]
        return found

    def _involves(self, name: str, members: frozenset[str]) -> bool:
        nodes = self.graph.members(name) if name in self.graph.groups else (name,)
        return any(node in members for node in nodes)

    def _finding(self, family: str, culprits: tuple[str, ...], affected: tuple[str, ...]) -> Finding:
        shown = culprits or affected
        functions = self._suffering(frozenset((*culprits, *affected)))
        slow = all(self.nodes[name].state is State.SLOW for name in culprits)
        began = [at for name in (*culprits, *affected) if (at := self.nodes[name].first_failing_at)]
        return Finding(
            family=family,
            culprits=culprits,
            affected=affected,
            word=(State.SLOW if slow else State.DOWN).value if culprits else UNDETERMINED,
            effect=max(functions.values(), key=EFFECTS.index, default="none"),
            functions=functions,
            evidence=tuple(self._evidence(shown)),
            first_failing_at=min(began),
        )

    def _evidence(self, names: Iterable[str]) -> Iterable[tuple[str, str]]:
        """What was seen of the nodes themselves, and of what they stand on."""
        for name in names:
            yield name, self.nodes[name].evidence
            for each in self.graph.closure(name):
                if each not in names and self.nodes[each].evidence:
                    yield each, self.nodes[each].evidence


def step(open_verdicts: Sequence[Verdict], scene: Scene, at: datetime, next_id: int) -> list[Change]:
    """What changes with the verdicts that are open, and which are new. One family has at most one at a time.

    A verdict whose culprit is well again, or turns out to be explained by something else, goes on as that: it is still
    the same outage to whoever was told of it.
    """
    findings = {finding.family: finding for finding in scene.findings()}
    holder = {each.finding.family: each.id for each in open_verdicts if each.finding.family in findings}
    changes: list[Change] = []
    for verdict in sorted(open_verdicts, key=lambda each: each.id):
        family = verdict.finding.family
        heir = findings.get(family) or _heir(verdict, findings.values(), scene)
        if heir is None:
            changes += [Change("closed", at, verdict)] if _over(verdict, scene) else []
        elif heir.family == UNDETERMINED and _lost(verdict, scene) & set(verdict.finding.culprits):
            holder.setdefault(UNDETERMINED, verdict.id)  # it was named, and still fails: doubt does not take that back
        elif holder.setdefault(heir.family, verdict.id) == verdict.id:
            changes += _gone_on(verdict, _with_recovering(verdict, heir, scene), at)
        elif _lost(verdict, scene) <= heir.members:
            changes.append(Change("merged", at, verdict, holder[heir.family]))
    new = [finding for family, finding in findings.items() if family not in holder]
    for number, finding in enumerate(new, start=next_id):
        changes.append(Change("opened", at, Verdict(number, at, finding, finding.members)))
    return changes


def _heir(verdict: Verdict, findings: Iterable[Finding], scene: Scene) -> Finding | None:
    """The finding that goes on where the verdict's own cause ended: it explains its culprits where these still fail,
    or else something of what still does.
    """
    lost = _lost(verdict, scene)
    culprits = lost & set(verdict.finding.culprits)
    return next((each for each in findings if lost & each.members and culprits <= each.members), None)


def _lost(verdict: Verdict, scene: Scene) -> frozenset[str]:
    """What of it fails now, or cannot be reached."""
    return frozenset(name for name in verdict.members if name in scene.nodes and scene.nodes[name].state in HURT)


def _over(verdict: Verdict, scene: Scene) -> bool:
    """Everything that was ever in it is well; what left the graph meanwhile does not count."""
    return all(scene.nodes[name].state is State.UP for name in verdict.members if name in scene.nodes)


def _with_recovering(verdict: Verdict, finding: Finding, scene: Scene) -> Finding:
    """A culprit that answers again, but not for long enough, stays one."""
    if finding.family != verdict.finding.family:
        return finding
    still = {
        name for name in verdict.finding.culprits if name in scene.nodes and scene.nodes[name].state is State.RECOVERING
    }
    return replace(finding, culprits=tuple(sorted({*finding.culprits, *still})))


def _gone_on(verdict: Verdict, finding: Finding, at: datetime) -> list[Change]:
    """`changed` only where people would act on it; that more nodes are affected is `noted`."""
    before = verdict.finding
    first = min(before.first_failing_at, finding.first_failing_at)
    now = replace(verdict, finding=replace(finding, first_failing_at=first), members=verdict.members | finding.members)
    said = ("family", "culprits", "word", "effect", "functions")
    if any(getattr(before, name) != getattr(finding, name) for name in said):
        return [Change("changed", at, now)]
    return [Change("noted", at, now)] if now.members != verdict.members else []


def ways_below(graph: Graph, name: str) -> set[Way]:
    """Every probe that must be asked before `name` can be blamed."""
    nodes = {name, *graph.closure(name)}
    return {
        (each, way)
        for node in nodes
        for each in (node, *graph.covers[node])
        for way in (PROBE, BYPASS)
        if (each, way) in graph.probes
    }
