"""Which parts of graph.toml each fault strikes: what the watch must name, and what it may."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from balie.rehearse.faults import ALL_LIVE

if TYPE_CHECKING:
    from balie.rehearse.faults import Fault

SEEN_FROM_S: Final = 15.0  # a fault that is over sooner need not be named
OF_THREE: Final = {"keyserver-down": "keyserver", "keyserver-slow": "keyserver", "route-dead": "route"}
WORKERS: Final = frozenset({"worker-kill", "worker-hang"})
BACK_AT_ONCE: Final = frozenset({"worker-kill", "web-kill", "watch-kill"})  # unless kept dead
# Without workers the clock stands still, and that shows a little sooner; mail that is not taken does not arrive either;
# a watch that cannot write is not ready.
SHOWS_TOO: Final = {"workers": "clock", "mail": "arrival", "disk": "other-watch"}


def must_name(fault: Fault) -> frozenset[str]:
    """Nothing where another stands in for what is struck, where it comes back at once, or where it is over too soon."""
    lasts_s = fault.duration_s
    over_soon = lasts_s is not None and lasts_s < SEEN_FROM_S
    back_at_once = lasts_s is None and fault.name in BACK_AT_ONCE
    return frozenset() if over_soon or back_at_once or _has_others(fault) else struck(fault)


def may_name(fault: Fault) -> frozenset[str]:
    """What is truly not well meanwhile, whether it must be named or not."""
    names = struck(fault)
    return names | {SHOWS_TOO[name] for name in names & SHOWS_TOO.keys()}


def struck(fault: Fault) -> frozenset[str]:
    """The parts themselves."""
    name, value = fault.name, fault.value
    if name in OF_THREE:
        return frozenset(f"{OF_THREE[name]}-{number}" for number in ways_taken(fault))
    if name == "web-kill":
        return frozenset({"live-1", "live-2"} if value in {"live", ALL_LIVE} else {value})
    part = {
        "smtp-lose": "arrival",
        "smtp": "mail",
        "worker": "workers",
        "db": "database",
        "disk": "disk",
        "watch": "other-watch",
    }
    found = part.get(name) or part.get(name.partition("-")[0])
    return frozenset({found} if found else ())


def ways_taken(fault: Fault) -> frozenset[str]:
    """Which of the three ways to keys it takes away, whatever on them it strikes. With two gone there is no key."""
    if fault.name not in OF_THREE:
        return frozenset()
    return frozenset({"1", "2", "3"} if fault.value == "all" else {fault.value})


def _has_others(fault: Fault) -> bool:
    """Of what is struck there is more than one."""
    if fault.name in OF_THREE or fault.name in WORKERS:
        return fault.value != "all"
    return fault.name == "web-kill" and fault.value == "live"
