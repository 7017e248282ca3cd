"""How one probe, and from all probes how each node, stands. Pure: times come in with the readings.

Two bad readings of four make a part fail (the others follow within seconds); a stable period of good ones makes it
whole again. So nothing flaps, and one lost packet is no outage. Two in a row would not do: a part that stalls for two
seconds again and again answers the second look, which began a second after the first, as soon as it has answered that.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from math import inf
from typing import Final

from balie.ops.graph import Graph

PROBE: Final = "probe"
BYPASS: Final = "bypass"
GOOD_MOST: Final = 2  # looks between two bad ones of the same doubt
Way = tuple[str, str]


class State(StrEnum):
    """`DOUBTFUL`: bad once, being looked at again. `UNKNOWN`: what lies before it is down. `UNSEEN`: nothing tells."""

    UP = "up"
    DOUBTFUL = "doubtful"
    SLOW = "slow"
    DOWN = "down"
    RECOVERING = "recovering"
    UNKNOWN = "unknown-behind"
    UNSEEN = "unseen"


FAILING: Final = frozenset({State.SLOW, State.DOWN})


@dataclass(frozen=True, slots=True)
class Reading:
    """One look: UP, SLOW or DOWN; UNSEEN is a defect of the probe. `began` and `ended` are seconds on the monotonic
    clock; `at` is its end, for people.
    """

    word: State
    evidence: str
    began: float
    ended: float
    at: datetime

    @property
    def took_ms(self) -> int:
        return round((self.ended - self.began) * 1000)


@dataclass(frozen=True, slots=True)
class Track:
    """How one probe stands. `failing_since` is when the first bad look of this episode began; `well_since` when the
    first good one after it ended. `earlier` is when the look before the last began. `good` is how many looks in a row
    were good since the bad one that made it DOUBTFUL.
    """

    state: State = State.UNSEEN
    last: Reading | None = None
    failing_since: float | None = None
    first_failing_at: datetime | None = None
    well_since: float | None = None
    earlier: float | None = None
    good: int = 0

    @property
    def evidence(self) -> str:
        return self.last.evidence if self.last else ""

    def fresh(self, since: float, until: float = inf) -> bool:
        """Looked at between then and then, and sure of what was seen."""
        looks = (self.last.began if self.last else None, self.earlier)
        return self.state is not State.DOUBTFUL and any(at is not None and since <= at <= until for at in looks)


def after(track: Track, reading: Reading, stable_s: float) -> Track:
    """How the probe stands after one more reading."""
    return replace(_after(track, reading, stable_s), earlier=track.last.began if track.last else None)


def _after(track: Track, reading: Reading, stable_s: float) -> Track:
    if reading.word is State.UNSEEN:
        return replace(track, state=State.UNSEEN, last=reading, well_since=None)
    if reading.word is State.UP:
        return _after_good(track, reading, stable_s)
    first = track.failing_since is None
    return Track(
        state=State.DOUBTFUL if first else _worse(track, reading),
        last=reading,
        failing_since=reading.began if first else track.failing_since,
        first_failing_at=reading.at if first else track.first_failing_at,
    )


def _after_good(track: Track, reading: Reading, stable_s: float) -> Track:
    if track.state is State.DOUBTFUL and track.good < GOOD_MOST:
        return replace(track, last=reading, good=track.good + 1)
    if track.failing_since is None or track.state is State.DOUBTFUL:
        return Track(state=State.UP, last=reading)
    since = reading.ended if track.well_since is None else track.well_since
    if reading.ended - since >= stable_s:
        return Track(state=State.UP, last=reading)
    return replace(track, state=State.RECOVERING, last=reading, well_since=since)


def _worse(track: Track, reading: Reading) -> State:
    """Of the last two bad readings, so that slow and down do not take turns."""
    before = track.last.word if track.last else reading.word
    return State.DOWN if State.DOWN in {before, reading.word} else State.SLOW


@dataclass(frozen=True, slots=True)
class Standing:
    """How a node stands, what showed it, and by which tracks; `failing_since` as in `Track`."""

    state: State
    evidence: str = ""
    failing_since: float | None = None
    first_failing_at: datetime | None = None
    seen_by: tuple[Way, ...] = ()


def standings(graph: Graph, tracks: Mapping[Way, Track]) -> dict[str, Standing]:
    """Every node. What lies before a node is judged first, since it may hide it."""
    found: dict[str, Standing] = {}
    for name in graph.ordered:
        if name in graph.nodes:
            found[name] = _standing(graph, name, tracks, found)
    return found


def _standing(graph: Graph, name: str, tracks: Mapping[Way, Track], before: Mapping[str, Standing]) -> Standing:
    if (name, PROBE) not in graph.probes:
        return _seen_through(graph, name, tracks)
    through = tracks.get((name, PROBE), Track())
    own = _as_seen(through, (name, PROBE))
    if through.state in {State.UP, State.DOUBTFUL, State.UNSEEN}:
        return own
    if (name, BYPASS) in graph.probes:
        past = tracks.get((name, BYPASS), Track())
        return _past(name, through, past, own)
    if any(before[each].state in FAILING | {State.UNKNOWN} for each in graph.nodes[name].behind):
        return replace(own, state=State.UNKNOWN)
    return own


def _past(name: str, through: Track, past: Track, own: Standing) -> Standing:
    """Through what lies before it, the node fails; what does one see past that?"""
    ways = ((name, PROBE), (name, BYPASS))
    if past.state is State.UNSEEN:
        return replace(own, seen_by=ways)
    assert through.failing_since is not None
    if past.state is State.UP and not past.fresh(through.failing_since):
        return replace(own, state=State.DOUBTFUL, seen_by=ways)
    return replace(_as_seen(past, (name, BYPASS)), seen_by=ways)


def _seen_through(graph: Graph, name: str, tracks: Mapping[Way, Track]) -> Standing:
    """A node without a probe: by what goes through it and what goes past it."""
    ways = tuple((each, way) for each in graph.covers[name] for way in (PROBE, BYPASS) if (each, way) in graph.probes)
    found = [_between(each, tracks) for each in graph.covers[name] if (each, BYPASS) in graph.probes]
    order = (State.UP, State.DOUBTFUL, State.DOWN, State.SLOW, State.RECOVERING, State.UNSEEN)
    best = min(found, key=lambda standing: order.index(standing.state))
    return replace(best, seen_by=ways)


def _between(name: str, tracks: Mapping[Way, Track]) -> Standing:
    """What one node that lies behind tells of what lies before it."""
    through, past = tracks.get((name, PROBE), Track()), tracks.get((name, BYPASS), Track())
    standing = _as_seen(through, (name, PROBE))
    if through.state not in FAILING:
        return standing
    assert through.failing_since is not None
    if past.state is State.UP and past.fresh(through.failing_since):
        return replace(standing, evidence=f"{through.evidence}; past it: {past.evidence}")
    return replace(standing, state=State.DOUBTFUL if past.state in {State.UP, State.DOUBTFUL} else State.UNSEEN)


def _as_seen(track: Track, way: Way) -> Standing:
    return Standing(track.state, track.evidence, track.failing_since, track.first_failing_at, (way,))
