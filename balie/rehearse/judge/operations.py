"""Was what the watch said true, and soon enough? Faults that were injected are the truth.

The limits are those of promise P10, counted from the start of a fault. On a machine that is busy all the time
everything is slow, and what the watch says tells more of the machine: it is reported then, and judged by nobody.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

DETECTED_WITHIN_S: Final = 10.0
NAMED_WITHIN_S: Final = 15.0
# Mail that is taken and not delivered can only be missed: thirty seconds, and two looks.
ARRIVAL_WITHIN_S: Final = 45.0
CPU_MOST: Final = 60.0  # per cent of all processors
SETTLING_S: Final = 30.0  # after a fault, in which its name may still fall

UNWATCHED: Final[Mapping[str, Any]] = {"timed": False}
FAILING: Final = frozenset({"slow", "down"})

TRANSITIONS = "select at, node, after, evidence from ops_transition order by id"
ENTRIES = "select at, what, culprits, effect, evidence from ops_entry order by id"


@dataclass(frozen=True)
class Turn:
    """A part began to stand differently. `at` is in seconds since 1970, as everywhere here."""

    at: float
    node: str
    after: str
    evidence: str


@dataclass(frozen=True)
class Word:
    """What the watch said of an outage."""

    at: float
    what: str
    culprits: frozenset[str]
    effect: str
    evidence: str


@dataclass(frozen=True)
class Watched:
    """All that the watch wrote down; and when the product closed something because of it."""

    turns: Sequence[Turn]
    words: Sequence[Word]
    closings: Sequence[float] = ()


def read_watched(ledger: Path, closings: Sequence[float] = ()) -> Watched:
    """From its own database, once it has stopped."""
    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as conn:
        turns = [Turn(_seconds(at), *rest) for at, *rest in conn.execute(TRANSITIONS)]
        words = [
            Word(_seconds(at), what, frozenset(json.loads(culprits)), effect, evidence)
            for at, what, culprits, effect, evidence in conn.execute(ENTRIES)
        ]
    return Watched(turns, words, closings)


def score(
    windows: Sequence[Mapping[str, Any]], watched: Watched, *, opens_at: float, cpu_percent: float
) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The faults with what was said of each and when, and what there is to say of the watch in this night.

    A window's `expected` are the nodes that must be named, separated by commas; `may_name` those that may be too.
    """
    scored = [_scored(window, watched, opens_at) for window in windows]
    said = [word for word in watched.words if word.what == "opened"]
    allowed = {node for window in windows for node in window["may_name"]}
    wrong = sorted({node for word in watched.words for node in word.culprits} - allowed)
    busy = cpu_percent > CPU_MOST
    late = [f"{fault['name']}: {why}" for fault in scored if fault["expected"] and (why := _why_late(fault))]
    return scored, {
        "said": len(said),
        "wrongly_named": {node: _evidence(node, watched) for node in wrong},
        "late": late,
        "cpu_percent": cpu_percent,
        "timed": not busy,
    }


def broken_by(operations: Mapping[str, Any]) -> dict[str, Any]:
    """What of it breaks a promise; nothing does on a machine that was too busy to tell."""
    judged = ("late", "wrongly_named") if operations["timed"] else ()
    return {f"operations.{what}": operations[what] for what in judged}


def _scored(window: Mapping[str, Any], watched: Watched, opens_at: float) -> dict[str, Any]:
    start = opens_at + window["start_s"]
    end = opens_at + (window["stop_s"] if window["stop_s"] is not None else window["start_s"]) + SETTLING_S
    turned: dict[str, float] = {}  # node to when
    named: dict[str, float] = {}
    for turn in watched.turns:
        if start <= turn.at <= end and turn.after in FAILING and turn.node in window["may_name"]:
            turned.setdefault(turn.node, turn.at)
    for word in watched.words:
        if start <= word.at <= end:
            for node in word.culprits & set(window["may_name"]):
                named.setdefault(node, word.at)
    asked = _nodes(window["expected"])
    return {key: value for key, value in window.items() if key != "may_name"} | {
        "named": sorted(named),
        "detected_s": _last(start, turned, asked),
        "named_s": _last(start, named, asked),
        "closed_s": next((round(at - start, 1) for at in watched.closings if start <= at <= end), None),
    }


def _last(start: float, moments: Mapping[str, float], asked: AbstractSet[str]) -> float | None:
    """When all that were asked for had been seen; where nobody asked, the first."""
    if asked - moments.keys() or not moments:
        return None
    at = max(moments[node] for node in asked) if asked else min(moments.values())
    return round(at - start, 1)


def _why_late(window: Mapping[str, Any]) -> str:
    """Empty when it was in time."""
    if not _nodes(window["expected"]) <= set(window["named"]):
        return f"{window['expected']} was not named, but {', '.join(window['named']) or 'nothing'}"
    arrival = window["expected"] == "arrival"
    for what, usual in (("detected_s", DETECTED_WITHIN_S), ("named_s", NAMED_WITHIN_S)):
        limit = ARRIVAL_WITHIN_S if arrival else usual
        if window[what] is None or window[what] > limit:
            return f"{what} is {window[what]}, limit {limit:g}"
    return ""


def _nodes(names: str) -> set[str]:
    return set(names.split(", ")) if names else set()


def _evidence(node: str, watched: Watched) -> str:
    return next((turn.evidence for turn in watched.turns if turn.node == node and turn.after in FAILING), "")


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).replace(tzinfo=UTC).timestamp()
