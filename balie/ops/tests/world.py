"""A world without network or clock: parts that fail, and looks at them in the order in which the runner would look."""

import heapq
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random

from balie.ops.graph import Function, Graph, Group, Node, Words
from balie.ops.runner import APART_S
from balie.ops.states import BYPASS, FAILING, PROBE, Reading, State, Track, Way, after
from balie.ops.verdicts import Change, Scene, Verdict, step, ways_below

BEGAN = datetime(2023, 8, 19, 14, 30, tzinfo=UTC)
EVERY_S, DEADLINE_S, QUICK_S = 5.0, 2.0, 0.02
W = Words(nl="a", en="a")


def node(*needs: str, behind: tuple[str, ...] = (), bypass: bool = False, probe: bool = True) -> Node:
    something = {"kind": "http", "url": "http://127.0.0.1:1/"}
    return Node(
        title=W,
        runbook="a",
        needs=needs,
        behind=behind,
        probe=something if probe else None,
        bypass=something if bypass else None,
    )


def graph_of(nodes: dict[str, Node], groups: dict[str, Group] | None = None, **functions: tuple[str, ...]) -> Graph:
    """The graph without real probes: what counts here is which there are."""
    probes = {
        (n, w): None for n, each in nodes.items() for w, given in ((PROBE, each.probe), (BYPASS, each.bypass)) if given
    }
    stands = {
        name: Function(title=W, plural=False, needs=needs, degraded=W, stopped=W) for name, needs in functions.items()
    }
    return Graph(nodes, groups or {}, stands, probes)  # type: ignore[arg-type]


def group(*of: str, least: int) -> Group:
    return Group(title=W, of=of, least=least)


@dataclass
class World:
    """`faults` says what is really wrong now. `blind`: (node, need) pairs whose probe does not notice that need."""

    graph: Graph
    chance: Random = field(default_factory=lambda: Random(1))
    blind: frozenset[tuple[str, str]] = frozenset()

    def __post_init__(self) -> None:
        self.now = 0.0
        self.faults: dict[str, State] = {}
        self.tracks: dict[Way, Track] = {way: Track() for way in self.graph.probes}
        self.verdicts: list[Verdict] = []
        self.log: list[Change] = []
        self._due: list[tuple[float, float, Way]] = []
        self._looking: dict[Way, tuple[float, State]] = {}
        self._again: set[Way] = set()
        self._next_id = 1
        begins = {name: self.chance.uniform(0, 1) for name, _ in self.tracks}
        for way in self.tracks:
            self._plan(way, begins[way[0]])

    def run(self, seconds: float) -> "World":
        """Let that much time pass. A look meets the world as it is when it begins."""
        until = self.now + seconds
        while self._due and self._due[0][0] <= until:
            self.now, _, way = heapq.heappop(self._due)
            if way in self._looking:
                self._end(way)
            else:
                self._begin(way)
        self.now = until
        return self

    def _plan(self, way: Way, at: float) -> None:
        heapq.heappush(self._due, (at, self.chance.random(), way))

    def _begin(self, way: Way) -> None:
        self._again.discard(way)
        word = self.reads(*way)
        self._looking[way] = (self.now, word)
        took = {State.UP: QUICK_S, State.SLOW: 1.2, State.DOWN: self.chance.choice([QUICK_S, DEADLINE_S])}.get(
            word, QUICK_S
        )
        self._plan(way, self.now + took)

    def _end(self, way: Way) -> None:
        began, word = self._looking.pop(way)
        at = BEGAN + timedelta(seconds=self.now)
        self.tracks[way] = track = after(
            self.tracks[way], Reading(word, f"{way[0]} {word}", began, self.now, at), self.graph.stable_s
        )
        if track.state is State.DOUBTFUL:
            for each in ways_below(self.graph, way[0]) | {way}:
                self._look_at_once(each)
        self.judge(at)
        wait_s = APART_S if track.state is State.DOUBTFUL else 0.0 if way in self._again else EVERY_S
        self._plan(way, max(self.now, began + wait_s))

    def _look_at_once(self, way: Way) -> None:
        self._again.add(way)
        if way not in self._looking and any(each[2] == way for each in self._due):
            self._due = [each for each in self._due if each[2] != way]
            heapq.heapify(self._due)
            self._plan(way, self.now)

    def judge(self, at: datetime) -> None:
        scene = Scene(self.graph, self.tracks)
        changes = step(self.verdicts, scene, at, self._next_id)
        for change in changes:
            gone = change.what in {"closed", "merged"}
            others = [each for each in self.verdicts if each.id != change.verdict.id]
            self.verdicts = others if gone else [*others, change.verdict]
            self._next_id = max(self._next_id, change.verdict.id + 1)
            self._check(change, scene)
        self.log += changes

    def _check(self, change: Change, scene: Scene) -> None:
        """What must hold of every verdict at the moment it is given."""
        families = [each.finding.family for each in self.verdicts]
        assert len(families) == len(set(families))
        if change.what in {"opened", "changed"}:
            for culprit in change.verdict.finding.culprits:
                needs = [n for n in self.graph.nodes[culprit].needs if n in self.graph.nodes]
                assert not [n for n in needs if scene.nodes[n].state in FAILING], (culprit, needs)
        if change.what == "closed":
            assert all(scene.nodes[name].state is State.UP for name in change.verdict.members)

    def reads(self, name: str, way: str) -> State:
        """What a look finds; tests replace it."""
        return self.seen(name, way)

    def seen(self, name: str, way: str) -> State:
        """What a look would find if nothing went wrong with it."""
        node = self.graph.nodes[name]
        worst = [self.truth(each) for each in node.needs if (name, each) not in self.blind]
        if way == PROBE:
            worst += [self.truth(each) for each in node.behind]
        return max([self.faults.get(name, State.UP), *worst], key=_badness)

    def truth(self, name: str) -> State:
        """How a part or a group really is for whoever needs it."""
        if name in self.graph.groups:
            members = self.graph.groups[name]
            return sorted((self.truth(each) for each in members.of), key=_badness)[members.least - 1]
        return self.seen(name, PROBE)

    def named(self) -> set[str]:
        """Every node that was ever said to be the culprit."""
        return {name for change in self.log for name in change.verdict.finding.culprits}

    def opened(self) -> int:
        return sum(change.what == "opened" for change in self.log)


def _badness(state: State) -> int:
    return [State.UP, State.SLOW, State.DOWN].index(state)
