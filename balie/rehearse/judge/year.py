"""Orders that change after they were placed: by their practices, who hear what became of it, and by standing swaps."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import psycopg

from balie.rehearse.judge.evidence import Act, ClientLog, Line
from balie.rehearse.judge.stored import Order, Stored

# A wish that was confirmed so shortly before a swap may not have been there when the line was looked at.
LOOKED_WITHIN_S = 1.0

CHANGES = """
select number, revision, at, auto, side, day::text, product, doses, address from judge.changes
where campaign = %(campaign)s
"""
SWAPS = """
select swap, number, revision, place, state, settled_at, offered_at, placed, day::text, product, location, doses
from judge.swaps where campaign = %(campaign)s
"""
CANCELLED = "select number from judge.cancelled where campaign = %(campaign)s"

Amounts = tuple[int, int]  # doses and addresses


@dataclass
class Parcel:
    """What is delivered on each day: doses, and the places they go to."""

    doses: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    places: dict[str, set[object]] = field(default_factory=lambda: defaultdict(set))

    def add(self, day: str, doses: int, place: object) -> None:
        self.doses[day] += doses
        self.places[day].add(place)

    @property
    def days(self) -> set[str]:
        return set(self.doses)

    def more_than(self, other: Parcel) -> dict[str, Amounts]:
        """By day, what this takes beyond the other; below zero where it takes less."""
        return {
            day: (
                self.doses.get(day, 0) - other.doses.get(day, 0),
                len(self.places.get(day, ())) - len(other.places.get(day, ())),
            )
            for day in self.days | other.days
        }


@dataclass
class Event:
    """A change that the installation made: the revision that it led to, before and after."""

    number: str
    revision: int
    at: datetime
    auto: bool
    before: Parcel = field(default_factory=Parcel)
    after: Parcel = field(default_factory=Parcel)


@dataclass
class Swap:
    """A wish of the line; `place` and `key` say where it stands. Without a number it is of who has no order, to
    whom that is offered; `placed` is the order that the offer became.
    """

    key: int
    number: str
    revision: int
    place: int
    state: str
    settled_at: datetime | None
    offered_at: datetime | None = None
    placed: str = ""
    lines: set[Line] = field(default_factory=set)

    @property
    def had_its_turn_at(self) -> datetime | None:
        """When room was taken for it, if it was."""
        if not self.number:
            return self.offered_at
        return self.settled_at if self.state == "served" else None

    @property
    def ended_at(self) -> datetime | None:
        """When it stopped waiting."""
        return self.offered_at or self.settled_at

    @property
    def wanted(self) -> Parcel:
        return parcel_of(self.lines)


@dataclass(frozen=True)
class Year:
    """What is stored of changes, beside what the night left. Events are by number and revision."""

    events: Mapping[tuple[str, int], Event] = field(default_factory=dict)
    swaps: Mapping[int, Swap] = field(default_factory=dict)
    cancelled: frozenset[str] = frozenset()


def read_changes(dsn: str, campaign: int) -> Year:
    """Once nothing happens any more."""
    with psycopg.connect(dsn) as connection:
        connection.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        connection.read_only = True
        return _read(connection, campaign)


def _read(connection: psycopg.Connection[Any], campaign: int) -> Year:
    here = {"campaign": campaign}
    events: dict[tuple[str, int], Event] = {}
    for number, revision, at, auto, side, day, _product, doses, address in connection.execute(CHANGES, here):
        event = events.setdefault((number, revision), Event(number, revision, at, auto))
        (event.before if side == "before" else event.after).add(day, doses, address)
    swaps: dict[int, Swap] = {}
    for key, number, revision, place, state, settled_at, offered_at, placed, *line in connection.execute(SWAPS, here):
        swap = swaps.setdefault(key, Swap(key, number, revision, place, state, settled_at, offered_at, placed))
        swap.lines.add(Line(*line))
    cancelled = frozenset(row[0] for row in connection.execute(CANCELLED, here))
    return Year(events, swaps, cancelled)


def parcel_of(lines: Iterable[Line]) -> Parcel:
    parcel = Parcel()
    for line in lines:
        parcel.add(line.day, line.doses, line.location)
    return parcel


def lost_orders(stored: Stored, log: ClientLog, year: Year) -> list[str]:
    """As without changes: numbers that are not stored as their practice knows them. Those whose cancelling was
    confirmed must be gone, and no others; where an answer never came, either will do.
    """
    kept = {(order.practice, order.number): order for order in stored.orders}
    acts = _by_number(log.acts)
    return sorted(
        number
        for practice, numbers in log.numbers.items()
        for number in numbers
        if not _is_as_known(kept.get((practice, number)), number, acts.get(number, []), log, year)
    )


def _is_as_known(order: Order | None, number: str, acts: list[Act], log: ClientLog, year: Year) -> bool:
    cancels = {act.heard for act in acts if act.kind == "cancel"}
    if order is None:
        return number in year.cancelled and bool(cancels & {"done", "error"})
    if "done" in cancels:
        return False
    known = _known_lines(order, acts, log, year)
    return known is None or order.lines in known


def _known_lines(order: Order, acts: list[Act], log: ClientLog, year: Year) -> list[frozenset[Line]] | None:
    """What the order may be by what its practice knows: what came of the last change that it heard was done or that
    served a wish of it, and of what it never heard the end of. None where it was told nothing.
    """
    made = {0: log.promised.get(order.hold_key)}
    if accepted := next((act for act in acts if act.kind == "accept" and act.heard == "done"), None):
        made[0] = accepted.lines
    made |= {act.revision + 1: act.lines for act in acts if act.kind == "change" and act.heard == "done"}
    for swap in year.swaps.values():
        if swap.number == order.number and swap.state == "served" and _was_wished(swap, acts):
            made[swap.revision + 1] = frozenset(swap.lines)
    last = made[max(made)]
    unsure = [act.lines for act in acts if act.kind == "change" and act.heard == "error"]
    return None if last is None else [last, *unsure]


def _was_wished(swap: Swap, acts: Iterable[Act]) -> bool:
    return any(act.kind == "wish" and act.heard != "refused" and act.lines == swap.lines for act in acts)


def lost_dates(stored: Stored, log: ClientLog, year: Year) -> list[str]:
    """Orders that a day was taken from without its practice having been told, or having asked for that."""
    acts = _by_number(log.acts)
    lost = {
        event.number
        for event in year.events.values()
        if (event.before.days - event.after.days) - _may_go(event, acts.get(event.number, []), year)
    }
    # A day that went although nothing was ever changed, or after the last change.
    last: dict[str, set[str]] = {}
    for order in stored.orders:
        promised = log.promised.get(order.hold_key)
        if promised is not None:
            last[order.number] = {line.day for line in promised}
    for _, event in sorted(year.events.items()):
        last[event.number] = event.after.days
    lost |= {o.number for o in stored.orders if last.get(o.number, set()) - {line.day for line in o.lines}}
    return sorted(lost)


def _may_go(event: Event, acts: list[Act], year: Year) -> frozenset[str]:
    """The days that this change may have taken from the order."""
    if event.auto:
        served = [
            swap
            for swap in year.swaps.values()
            if (swap.number, swap.revision + 1) == (event.number, event.revision) and _was_wished(swap, acts)
        ]
        return frozenset(day for swap in served for day in event.before.days - swap.wanted.days)
    said = [act.said_lost for act in acts if act.kind == "change" and act.revision + 1 == event.revision]
    return frozenset().union(*said)


def out_of_order(stored: Stored, log: ClientLog, year: Year) -> list[int]:
    """Swaps that were served while another stood before them that would have fitted: on each day of which that one
    needed more than it had, this one took as much and more.
    """
    found = []
    for swap in year.swaps.values():
        event = year.events.get((swap.number, swap.revision + 1))
        if swap.had_its_turn_at is None or (event is None and swap.number):
            continue
        took = event.after.more_than(event.before) if event else swap.wanted.more_than(Parcel())
        if any(
            _waited(other, swap, log) and (needed := _needed(other, stored, year)) and _does_for(took, needed)
            for other in year.swaps.values()
        ):
            found.append(swap.key)
    return sorted(found)


def passed_over(stored: Stored, year: Year) -> list[int]:
    """Swaps that still wait at the end although there is room for them."""
    room = {
        day.day: ((day.doses_limit or 0) - day.doses, (day.addresses_limit or 0) - day.addresses) for day in stored.days
    }
    return sorted(
        swap.key
        for swap in year.swaps.values()
        if swap.state == "open" and (needed := _needed(swap, stored, year)) and _does_for(room, needed)
    )


def unheard_offers(year: Year, log: ClientLog) -> list[int]:
    """Offers that became an order although nobody of ours was told so."""
    told = {act.number for act in log.acts if act.kind == "accept"}
    return sorted(swap.key for swap in year.swaps.values() if swap.placed and swap.placed not in told)


def _waited(other: Swap, served: Swap, log: ClientLog) -> bool:
    """Whether the other stood before this one, and was known to when this one was served."""
    at = served.had_its_turn_at
    assert at is not None
    looked_at = at.timestamp() - LOOKED_WITHIN_S
    return (
        (other.place, other.key) < (served.place, served.key)
        and any(_is_of(other, act) and act.heard == "done" and act.heard_at < looked_at for act in log.acts)
        and (
            other.state == "open"
            or (
                other.state in {"served", "offered", "withdrawn"} and other.ended_at is not None and other.ended_at > at
            )
        )
    )


def _needed(swap: Swap, stored: Stored, year: Year) -> dict[str, Amounts]:
    """What it needs more of than its order has, by day; nothing where its order is another by now."""
    event = year.events.get((swap.number, swap.revision + 1))
    order = next((each for each in stored.orders if each.number == swap.number), None)
    if not swap.number:
        had = Parcel()
    elif event is not None and swap.state != "open":
        had = event.before
    elif event is None and order is not None:
        had = parcel_of(order.lines)
    else:
        return {}
    return {day: amounts for day, amounts in swap.wanted.more_than(had).items() if max(amounts) > 0}


def _does_for(room: Mapping[str, Amounts], needed: Mapping[str, Amounts]) -> bool:
    return all(
        need <= 0 or have >= need
        for day, amounts in needed.items()
        for need, have in zip(amounts, room.get(day, (0, 0)), strict=True)
    )


def count_year(stored: Stored, log: ClientLog, year: Year) -> dict[str, Any]:
    """`swaps` and `changes` of the report, as design.md, "Rehearsal", lays them down, and what is known beside."""
    heard = Counter((act.kind, act.heard) for act in log.acts)
    of_ours = [swap for swap in year.swaps.values() if any(_is_of(swap, act) for act in log.acts)]
    offers = [swap for swap in of_ours if swap.offered_at]
    return {
        "swaps": {
            "wanted": sum(act.kind == "wish" and act.heard == "done" and bool(act.number) for act in log.acts),
            "served": sum(swap.state == "served" and bool(swap.number) for swap in of_ours),
            "out_of_order": len(out := out_of_order(stored, log, year)),
            "passed_over": len(over := passed_over(stored, year)),
        },
        "changes": {
            "made": heard["change", "done"],
            "refused": heard["change", "refused"],
            "lost_date": len(dates := lost_dates(stored, log, year)),
            "cancelled": heard["cancel", "done"],
            "indeterminate": sum(count for (_, said), count in heard.items() if said == "error"),
        },
        "offers": {
            "wanted": sum(act.kind == "wish" and act.heard == "done" and not act.number for act in log.acts),
            "made": len(offers),
            "accepted": heard["accept", "done"],
            "refused": heard["refuse", "done"],
            "unheard": len(missed := unheard_offers(year, log)),
        },
        "days": {"edited": log.days_edited, "refused": log.days_refused},
        "year": {"out_of_order": out, "passed_over": over, "lost_date": dates, "unheard": missed},
    }


def broken_in_year(report: Mapping[str, Any]) -> dict[str, Any]:
    """What of it is harm. A year in which nothing changed and nobody was served proves nothing."""
    if "swaps" not in report:
        return {}
    swaps, changes = report["swaps"], report["changes"]
    return {
        "swaps.out_of_order": swaps["out_of_order"],
        "swaps.passed_over": swaps["passed_over"],
        "swaps.served": swaps["served"] == 0,
        "offers.unheard": report["offers"]["unheard"],
        "offers.made": report["offers"]["wanted"] and report["offers"]["made"] == 0,
        "changes.lost_date": changes["lost_date"],
        "changes.made": changes["made"] == 0,
        "days.edited": report["days"]["edited"] == 0,
    }


def _is_of(swap: Swap, act: Act) -> bool:
    return (act.kind, act.number) == ("wish", swap.number) and act.lines == swap.lines


def _by_number(acts: Iterable[Act]) -> dict[str, list[Act]]:
    found: dict[str, list[Act]] = defaultdict(list)
    for act in acts:
        found[act.number].append(act)
    return found
