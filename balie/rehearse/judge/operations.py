"""Was what the watch said true, and soon enough? Faults that were injected are the truth.

The limits are those of promise P10, counted from the start of a fault. On a machine that is busy all the time
everything is slow, and what the watch says tells more of the machine: it is reported then, and judged by nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Any, Final

from balie.rehearse.judge.ledger import Told, Watched, Word

DETECTED_WITHIN_S: Final = 10.0
NAMED_WITHIN_S: Final = 15.0
PAGED_WITHIN_S: Final = 20.0
POSTED_WITHIN_S: Final = 60.0
CLOSED_WITHIN_S: Final = 5.0  # of the verdict
# Mail that is taken and not delivered can only be missed: thirty seconds, and two looks; so much later all is.
ARRIVAL_MORE_S: Final = {"detected_s": 35.0, "named_s": 30.0, "paged_s": 30.0, "posted_s": 30.0}
LIMITS: Final = {
    "detected_s": DETECTED_WITHIN_S,
    "named_s": NAMED_WITHIN_S,
    "paged_s": PAGED_WITHIN_S,
    "posted_s": POSTED_WITHIN_S,
}
CPU_MOST: Final = 60.0  # per cent of all processors
SETTLING_S: Final = 30.0  # after a fault, in which its name may still fall

UNWATCHED: Final[Mapping[str, Any]] = {"timed": False}
FAILING: Final = frozenset({"slow", "down"})
OVER: Final = frozenset({"closed", "merged"})
CLOSED_BY_VERDICTS: Final = frozenset({"conversations", "econsult"})
WAYS_MOST: Final = 1  # so many ways to keys may be gone before nobody unlocks: two of three are needed
JUDGED: Final = ("late", "wrongly_named", "wrongly_told", "untold")


def score(
    windows: Sequence[Mapping[str, Any]], watched: Watched, *, opens_at: float, cpu_percent: float
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The faults with what was said of each and when, and what there is to say of the watch in this night.

    A window's `expected` are the nodes that must be named, separated by commas; `may_name` those that may be too;
    `ways` those of the three ways to keys that it takes away.
    """
    windows = [{**window, "until_s": _until_s(window, windows)} for window in windows]
    scored = [_scored(window, watched, opens_at) for window in windows]
    said = [word for word in watched.words if word.what == "opened"]
    allowed = {node for window in windows for node in window["may_name"]}
    wrong = sorted({node for word in watched.words for node in word.culprits} - allowed)
    return scored, {
        "said": len(said),
        "alerts": len(watched.pages),
        "wrongly_named": {node: _evidence(node, watched) for node in wrong},
        "wrongly_told": list(_wrongly_told(windows, watched, opens_at)),
        "late": list(_late(windows, scored, watched, opens_at)),
        "untold": list(watched.untold),
        "doubled": dict(watched.doubled),
        "watched_s": round(watched.lasted_s),
        "cpu_percent": cpu_percent,
        "timed": cpu_percent <= CPU_MOST,
    }


def broken_by(operations: Mapping[str, Any]) -> dict[str, Any]:
    """What of it breaks a promise. On a machine that was too busy to tell, only what no haste excuses."""
    judged = (*JUDGED, "doubled") if operations["timed"] else ("doubled",)
    return {f"operations.{what}": operations[what] for what in judged if what in operations}


def _scored(window: Mapping[str, Any], watched: Watched, opens_at: float) -> dict[str, Any]:
    start, end = _span(window, opens_at)
    may_name, asked = set(window["may_name"]), _nodes(window["expected"])
    turned: dict[str, float] = {}  # node to when
    named: dict[str, float] = {}
    for turn in watched.turns:
        if start <= turn.at <= end and turn.after in FAILING and turn.node in may_name:
            turned.setdefault(turn.node, turn.at)
    for word in _words(window, watched, opens_at):
        for node in word.culprits & may_name if word.what not in OVER else ():
            named.setdefault(node, word.at)

    before = _hurt_before(start, watched)

    def first(told: Iterable[Told]) -> float | None:
        """That the outage of a fault before this one is over, or goes on, is not about this one."""
        new = (each for each in told if each.nodes & may_name and each.outage not in before)
        return next((round(each.at - start, 1) for each in new if start <= each.at <= end), None)

    stopped = _stopped_at(window, watched, opens_at)
    closings = () if stopped is None else (round(at - start, 1) for at in watched.closings if start <= at <= end)
    return {key: value for key, value in window.items() if key not in {"may_name", "ways", "until_s"}} | {
        "named": sorted(named),
        "detected_s": _last(start, turned, asked),
        "named_s": _last(start, named, asked),
        "paged_s": first(watched.pages),
        "closed_s": next(iter(closings), None),
        "posted_s": first(watched.posts),
    }


def _until_s(window: Mapping[str, Any], windows: Sequence[Mapping[str, Any]]) -> float:
    """Until when what is said is about this fault: some time after it, unless another strikes the same part."""
    stop_s: float = window["start_s"] if window["stop_s"] is None else window["stop_s"]
    mine = set(window["may_name"])
    later = [
        float(other["start_s"])
        for other in windows
        if mine & set(other["may_name"]) and other["start_s"] >= stop_s and other["start_s"] > window["start_s"]
    ]
    return min([stop_s + SETTLING_S, *later])


def _span(window: Mapping[str, Any], opens_at: float) -> tuple[float, float]:
    """From its start until what is said can no longer be about it."""
    until_s: float = window["until_s"]
    return opens_at + window["start_s"], opens_at + until_s


def _words(window: Mapping[str, Any], watched: Watched, opens_at: float) -> Iterator[Word]:
    """Those about this fault."""
    start, end = _span(window, opens_at)
    return (word for word in watched.words if start <= word.at <= end and word.culprits & set(window["may_name"]))


def _stopped_at(window: Mapping[str, Any], watched: Watched, opens_at: float) -> float | None:
    """When it was said that this fault stops something that verdicts close. While the database is away nobody can be
    told that anything is closed, and nobody who asks gets an answer either.
    """
    return next(
        (
            word.at
            for word in _words(window, watched, opens_at)
            if "database" not in word.culprits
            and any(word.functions.get(function) == "stopped" for function in CLOSED_BY_VERDICTS)
        ),
        None,
    )


def _hurts(window: Mapping[str, Any], watched: Watched, opens_at: float) -> bool:
    """People began to suffer of this fault, so that somebody is to be told. Of an outage that hurt before they were
    told before.
    """
    start, _ = _span(window, opens_at)
    before = _hurt_before(start, watched)
    return any(
        word.effect != "none" and word.outage not in before
        for word in _words(window, watched, opens_at)
        if word.what != "closed"
    )


def _hurt_before(start: float, watched: Watched) -> set[str]:
    """Outages from which people suffered before this moment."""
    return {word.outage for word in watched.words if word.at < start and word.effect != "none"}


def _last(start: float, moments: Mapping[str, float], asked: AbstractSet[str]) -> float | None:
    """When all that were asked for had been seen; where nobody asked, the first."""
    if asked - moments.keys() or not moments:
        return None
    at = max(moments[node] for node in asked) if asked else min(moments.values())
    return round(at - start, 1)


def _late(
    windows: Sequence[Mapping[str, Any]], scored: Sequence[Mapping[str, Any]], watched: Watched, opens_at: float
) -> Iterator[str]:
    """Each fault that must be named and was said too late, or not at all."""
    for window, fault in zip(windows, scored, strict=True):
        if not fault["expected"]:
            continue
        if not _nodes(fault["expected"]) <= set(fault["named"]):
            named = ", ".join(fault["named"]) or "nothing"
            yield f"{fault['name']}: {fault['expected']} was not named, but {named}"
        elif why := _why_late(fault, hurts=_hurts(window, watched, opens_at)):
            yield f"{fault['name']}: {why}"
        elif (stopped := _stopped_at(window, watched, opens_at)) is not None:
            said_s = stopped - opens_at - window["start_s"]
            if fault["closed_s"] is None or fault["closed_s"] > said_s + CLOSED_WITHIN_S:
                limit = f"{CLOSED_WITHIN_S:g} after the verdict at {said_s:.1f}"
                yield f"{fault['name']}: closed_s is {fault['closed_s']}, limit {limit}"


def _why_late(fault: Mapping[str, Any], *, hurts: bool) -> str:
    """Empty when it was in time."""
    more = ARRIVAL_MORE_S if fault["expected"] == "arrival" else {}
    for what, usual in LIMITS.items():
        if what in {"paged_s", "posted_s"} and not hurts:
            continue
        limit = usual + more.get(what, 0)
        if fault[what] is None or fault[what] > limit:
            return f"{what} is {fault[what]}, limit {limit:g}"
    return ""


def _wrongly_told(windows: Sequence[Mapping[str, Any]], watched: Watched, opens_at: float) -> Iterator[str]:
    """Whoever was woken by an outage that nothing had to be said of, or by the watch's own doing: a shift without
    anybody, a step that it missed. What a working day is told of in the morning is fine where there was a fault.

    A fault that others stand in for wakes nobody by itself. While those are gone too it does, and no longer.
    """
    expected = {node for window in windows if window["expected"] for node in window["may_name"]}
    for page in watched.pages:
        if page.about == "outage" and not page.nodes & (expected | _hurting_together(windows, page.at, opens_at)):
            yield ", ".join(sorted(page.nodes)) or "an outage without a culprit"
        elif page.about != "outage" and not (windows and page.about.startswith("tickets:")):
            yield page.about


def _hurting_together(windows: Sequence[Mapping[str, Any]], at: float, opens_at: float) -> set[str]:
    """What was struck at this moment by faults that took more ways to keys between them than can be missed."""
    spans = [(window, *_span(window, opens_at)) for window in windows if window["ways"]]
    now = [window for window, start, end in spans if start <= at <= end]
    gone = {way for window in now for way in window["ways"]}
    return {node for window in now for node in window["may_name"]} if len(gone) > WAYS_MOST else set()


def _nodes(names: str) -> set[str]:
    return set(names.split(", ")) if names else set()


def _evidence(node: str, watched: Watched) -> str:
    return next((turn.evidence for turn in watched.turns if turn.node == node and turn.after in FAILING), "")
