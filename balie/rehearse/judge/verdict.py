"""Puts the evidence together into the report that design.md, "Rehearsal", lays down."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from balie.rehearse.judge import checks
from balie.rehearse.judge.evidence import AcceptedMail, ClientLog, Draw
from balie.rehearse.judge.operations import UNWATCHED, broken_by
from balie.rehearse.judge.stored import Stored
from balie.rehearse.judge.year import Year, broken_in_year, count_year
from balie.rehearse.judge.year import lost_orders as lost_in_year

CALENDAR_AGE_LIMIT_MS = 1000
# Latencies run from the intended moment, so a late generator worsens its own figures and never the product's; past half
# a second, beside think times of seconds, it would no longer play the night that was asked for.
GENERATOR_LAG_LIMIT_MS = 500


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """All there is to judge. `accepted` is None when the mail server keeps no log for us."""

    stored: Stored
    log: ClientLog
    draw: Draw
    accepted: Sequence[AcceptedMail] | None
    oversold_on_the_way: frozenset[str] = frozenset()
    year: Year | None = None  # None where no order changes after it was placed
    faults: Sequence[Mapping[str, Any]] = ()
    operations: Mapping[str, Any] | None = None  # None where no watch of ours looked
    generator: Mapping[str, float] = field(default_factory=dict)
    cpu: Mapping[str, float] = field(default_factory=dict)


def judge(evidence: Evidence, *, scenario: str = "ordering") -> dict[str, Any]:
    """The report; `verdict` is `pass` only if every invariant held, everybody was served and the generator kept up."""
    stored, log, sleepers, year = evidence.stored, evidence.log, evidence.stored.sleepers, evidence.year
    lost = checks.lost_orders(stored, log) if year is None else lost_in_year(stored, log, year)
    missing = checks.missing_mail(stored, evidence.accepted)
    draw_faults = checks.draw_faults(stored, log, evidence.draw)
    unfinished = log.unfinished | checks.unserved_sleepers(stored, log, room_came_free=year is not None)
    oversold = {day.day for day in stored.days if day.oversold} | evidence.oversold_on_the_way
    report: dict[str, Any] = {
        "scenario": scenario,
        "practices": len(log.practices | log.asleep),
        "faults": list(evidence.faults),
        "orders": {
            "acknowledged": sum(map(bool, log.numbers.values())),
            "stored": len(stored.orders),
            "lost": len(lost),
            "doubled": checks.doubled_orders(stored),
            "indeterminate": checks.indeterminate_clicks(log),
        },
        "oversold_days": len(oversold),
        "wrongly_expired": checks.wrongly_expired(log),
        "queue_inversions": stored.queue_inversions + sleepers.inversions,
        "draw_verified": not draw_faults,
        "draws": len(evidence.draw.file["rounds"]) if evidence.draw.file else 0,
        "mail": {
            "expected": len(stored.orders),
            "accepted": len(stored.orders) - len(missing),
            "missing": len(missing),
        },
        "calendar_age_ms": {"p99": log.calendar_age_p99_ms},
        "latency_ms": dict(log.latency_ms) | {"deliver": _deliver(evidence)},
        "notes": {
            "lost": lost,
            "missing_mail": missing,
            "draw": draw_faults,
            "oversold_days": sorted(oversold),
            "miscounted_days": [day.day for day in stored.days if day.miscounted],
            "invisible_orders": sorted(log.invisible),
            "unasked_orders": checks.unasked_orders(stored, log),
            "cut_off_clicks": checks.cut_off_clicks(log),
            "lapsed_on_purpose": log.lapsed_on_purpose,
            "unfinished": {str(practice): why for practice, why in sorted(unfinished.items())},
            "auto": {
                "asked": len(log.asleep),
                "ordered": sum(order.auto for order in stored.orders),
                "before_called": sleepers.early,
                "out_of_order": sleepers.out_of_order,
                "altered": sleepers.altered,
            },
        },
        "generator": dict(evidence.generator),
        "cpu": dict(evidence.cpu),
    }
    if year is not None:
        found = count_year(stored, log, year)
        report["notes"]["year"] = found.pop("year")
        report |= found
    if evidence.operations is not None:
        report["operations"] = dict(evidence.operations)
    failed = failures(report)
    return {"verdict": "fail" if failed else "pass", "failed": failed} | report


def failures(report: Mapping[str, Any]) -> list[str]:
    """Which promises the report shows broken, in words that name its keys."""
    operations = report.get("operations", UNWATCHED)
    orders, notes, age = report["orders"], report["notes"], report["calendar_age_ms"]["p99"]
    broken = {
        "orders.lost": orders["lost"],
        "orders.doubled": orders["doubled"],
        "oversold_days": report["oversold_days"],
        "wrongly_expired": report["wrongly_expired"],
        "queue_inversions": report["queue_inversions"],
        "draw_verified": not report["draw_verified"],
        "mail.missing": report["mail"]["missing"],
        "calendar_age_ms.p99": age is None or age > CALENDAR_AGE_LIMIT_MS,
        "notes.miscounted_days": notes["miscounted_days"],
        "notes.invisible_orders": notes["invisible_orders"],
        "notes.unasked_orders": notes["unasked_orders"],
        "notes.auto.altered": notes["auto"]["altered"],
        "notes.unfinished": [why for why in notes["unfinished"].values() if why != "full"],
        "orders.acknowledged": orders["acknowledged"] == 0,
        **broken_in_year(report),
        **broken_by(operations),
        "generator.lag_p99_ms": report["generator"].get("lag_p99_ms", 0) > GENERATOR_LAG_LIMIT_MS,
    }
    return [key for key, harm in broken.items() if harm]


def _deliver(evidence: Evidence) -> dict[str, float]:
    if evidence.accepted is None:
        return {}
    waits = sorted(checks.deliver_ms(evidence.stored.orders, evidence.stored, evidence.accepted))
    if not waits:
        return {}
    return {f"p{part}": round(waits[min(len(waits) - 1, len(waits) * part // 100)], 1) for part in (50, 99)}
