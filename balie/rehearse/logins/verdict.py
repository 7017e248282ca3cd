"""What the logins did to those inside: each request of a hot path counts as quiet, or as met by somebody logging in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from balie.rehearse.judge.verdict import GENERATOR_LAG_LIMIT_MS
from balie.rehearse.logins.arriving import Arrived
from balie.rehearse.logins.people import Login
from balie.rehearse.measure import Histogram

HOT = ("join", "hold", "confirm", "release")
RATIO_MOST = 1.5
SAMPLES_LEAST = 100  # of each; the 99th percentile of fewer says nothing
TOGETHER_S = 5.0  # logins closer to each other than this are one stretch

Span = tuple[float, float]
Point = tuple[float, str, float]  # when it ended, what, how long in ms


def spans_of(logins: Sequence[Login]) -> list[Span]:
    """The stretches of time in which somebody was on the way in."""
    spans: list[Span] = []
    for began, ended in sorted((login.began_at, login.ended_at) for login in logins):
        if spans and began - spans[-1][1] < TOGETHER_S:
            spans[-1] = (spans[-1][0], max(spans[-1][1], ended))
        else:
            spans.append((began, ended))
    return spans


def judge_logins(
    report: Mapping[str, Any],
    arrived: Arrived,
    timeline: Sequence[Point],
    *,
    from_at: float,
    to_at: float,
    cpu_s: float,
) -> dict[str, Any]:
    """The night's report with that of the logins. Of the hot paths counts what began between `from_at` and `to_at`;
    `cpu_s` is the processor time that the part for logging in took.
    """
    found = dict(report) | {
        "logins": _logins(arrived, cpu_s),
        "hot_paths": _hot_paths(spans_of(arrived.logins), timeline, from_at, to_at),
    }
    failed = [*report["failed"], *_failures(found)]
    return found | {"scenario": "login", "failed": failed, "verdict": "fail" if failed else "pass"}


def _logins(arrived: Arrived, cpu_s: float) -> dict[str, Any]:
    logins, waited = arrived.logins, Histogram()
    inside = [login for login in logins if not login.failed]
    for login in inside:
        waited.add(login.waited_s * 1000)
    reasons = [login.failed for login in logins if login.failed]
    return {
        "wanted": len(logins),
        "inside": len(inside),
        "failed": {why: reasons.count(why) for why in sorted(set(reasons))},
        "second_step": sum(login.second_step for login in logins),
        "slipped": sum(login.slipped for login in logins),
        "turned_away": sum(login.turned_away for login in logins),
        "waited_ms": waited.summary(),
        "per_s": round(len(logins) / max(1.0, sum(end - begin for begin, end in spans_of(logins))), 1),
        "cpu_ms_each": round(1000 * cpu_s / max(1, len(inside)), 1),
        "lag_p99_ms": arrived.lag_p99_ms,
    }


def _hot_paths(spans: Sequence[Span], timeline: Sequence[Point], from_at: float, to_at: float) -> dict[str, Any]:
    phases: dict[str, dict[str, Histogram]] = {}
    for ended_at, kind, ms in timeline:
        began_at = ended_at - ms / 1000
        if kind not in HOT or not from_at <= began_at <= to_at:
            continue
        # A request that was on its way when a login began met it.
        met = any(begin <= ended_at and began_at <= end for begin, end in spans)
        of_phase = phases.setdefault("logins" if met else "quiet", {})
        for name in (kind, "all"):
            of_phase.setdefault(name, Histogram()).add(ms)
    figures = {
        phase: {kind: found.summary() for kind, found in phases.get(phase, {}).items()} for phase in ("quiet", "logins")
    }
    quiet, logins = (figures[phase].get("all", {}).get("p99") for phase in ("quiet", "logins"))
    return figures | {"p99_ratio": round(logins / quiet, 2) if quiet and logins else None, "ratio_most": RATIO_MOST}


def _failures(report: Mapping[str, Any]) -> list[str]:
    hot, logins = report["hot_paths"], report["logins"]
    few = min(hot[phase].get("all", {}).get("count", 0) for phase in ("quiet", "logins")) < SAMPLES_LEAST
    broken = {
        "logins.failed": logins["failed"],
        "logins.lag_p99_ms": logins["lag_p99_ms"] > GENERATOR_LAG_LIMIT_MS,
        "hot_paths.count": few,
        "hot_paths.p99_ratio": not few and hot["p99_ratio"] > RATIO_MOST,
    }
    return [key for key, harm in broken.items() if harm]
