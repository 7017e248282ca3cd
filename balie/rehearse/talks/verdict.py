"""What came of the talking: the database's rows beside what clients were told, and what each could read."""

from __future__ import annotations

from collections import Counter, deque
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from balie.rehearse.judge.econsults import broken_econsults
from balie.rehearse.judge.operations import UNWATCHED, broken_by
from balie.rehearse.judge.verdict import GENERATOR_LAG_LIMIT_MS
from balie.rehearse.measure import Histogram
from balie.rehearse.talks.searching import Searched
from balie.rehearse.talks.shifts import Shift
from balie.rehearse.talks.snoops import Pried
from balie.rehearse.talks.voices import Heard, Said, Unlocking

HARMS = ("lost", "doubled", "out_of_order", "unreadable", "leaked", "stopped")
FOUND_MOST = 20
STOPPED_S = 15.0  # who waited longer until what they said was stored, was stopped; nobody may be


class Circle(msgspec.Struct):
    """A conversation: who stays, and who is taken out of it at `removed_at` (0: nobody was)."""

    conversation: str
    stay: list[int]
    removed: int | None = None
    removed_at: float = 0.0


class Talked(msgspec.Struct, kw_only=True):
    """Everything that clients know, and the rows that the database has: conversation, message, place."""

    circles: list[Circle]
    said: list[Said]
    heard: list[Heard]
    unlockings: list[Unlocking]
    shifts: list[Shift]
    outsiders: list[Heard]
    pried: list[Pried]
    stored: list[tuple[str, str, int]]


Span = tuple[float, float]


def judge_talks(
    talked: Talked,
    searched: Searched,
    *,
    people: int,
    faults: Sequence[Mapping[str, Any]],
    closed: Sequence[Span],
    latencies: Mapping[str, Mapping[str, float]],
    generator: Mapping[str, float],
    cpu: Mapping[str, float],
    operations: Mapping[str, Any] = UNWATCHED,
    econsults: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """`econsults`: what was counted of the Saturday, if there was one. `closed`: when fewer than two key servers could
    be reached at all; nobody was promised to unlock then.
    """
    messages = count_messages(talked)
    unlocks, shifts = _count_unlocks(talked.unlockings, closed), _count_shifts(talked, closed)
    report = {
        "verdict": "pass",
        "scenario": "consult",
        "practices": people,
        "faults": list(faults),
        "messages": messages,
        "unlocks": unlocks,
        "shifts": shifts,
        "traces": {"sources": searched.sources, "bytes": searched.bytes, "found": searched.found[:FOUND_MOST]},
        "latency_ms": dict(latencies) | {"deliver": _deliveries(talked).summary()},
        "generator": dict(generator),
        "cpu": dict(cpu),
    }
    if operations is not UNWATCHED:
        report["operations"] = dict(operations)
    if econsults is not None:
        report["econsults"] = dict(econsults)
    broken: dict[str, Any] = {f"messages.{name}": messages[name] for name in HARMS} | broken_by(operations)
    broken |= broken_econsults(econsults) if econsults is not None else {}
    broken["messages.sent"] = not messages["sent"]
    broken["messages.delivered"] = messages["delivered"] < messages["sent"]
    broken["unlocks.succeeded"] = unlocks["succeeded"] + unlocks["not_promised"] < unlocks["tried"]
    broken["shifts.begun"] = shifts["begun"] < shifts["tried"]
    broken["traces.found"] = searched.found
    broken["traces.control"] = not searched.control
    broken["generator.lag_p99_ms"] = generator.get("lag_p99_ms", 0) > GENERATOR_LAG_LIMIT_MS
    failed = [key for key, harm in broken.items() if harm]
    return report | {"failed": failed, "verdict": "fail" if failed else "pass"}


def count_messages(talked: Talked) -> dict[str, int]:
    """*Lost*: somebody was told that it is stored, and it is not. *Delivered*: every other who stays could read it.
    *Out of order*: its place is before that of one which was stored before it was meant. *Unreadable*: stored, and
    somebody who stays could not read it. *Leaked*: reached somebody who was out by then, or was opened by them with
    keys they really had. *Stopped*: people of whom a message waited too long, or for ever, and who were not told why.
    """
    rows = Counter((conversation, message) for conversation, message, _ in talked.stored)
    places = Counter((conversation, place) for conversation, _, place in talked.stored)
    acked = {(each.conversation, each.id): each for each in talked.said if each.acked_at}
    author = {each.id: each.author for each in talked.said}
    heard = {each.person: each for each in talked.heard}
    readers = {circle.conversation: circle.stay for circle in talked.circles}

    def read_by_all(conversation: str, message: str) -> bool:
        others = [person for person in readers[conversation] if person != author.get(message)]
        return all(message in heard[person].read for person in others)

    return {
        "sent": len(acked),
        "stored": len(rows),
        "delivered": sum(read_by_all(*key) for key in acked),
        "lost": len(acked.keys() - rows.keys()),
        "doubled": sum(count > 1 for count in (*rows.values(), *places.values())),
        "out_of_order": _out_of_order(talked),
        "unreadable": sum(not read_by_all(*key) for key in rows),
        "leaked": _leaked(talked, acked.values()),
        "stopped": len({each.author for each in talked.said if _waited(each)}),
        "indeterminate": sum(not each.acked_at for each in talked.said),
    }


def _waited(said: Said) -> bool:
    return not said.told_closed and not 0 < said.acked_at < said.meant_at + STOPPED_S


def _out_of_order(talked: Talked) -> int:
    """What was meant after another had been stored stands behind it."""
    places = sorted(((place, conversation, message) for conversation, message, place in talked.stored), reverse=True)
    placed = {(conversation, message): place for place, conversation, message in places}  # its first, if it has two
    found = 0
    for circle in talked.circles:
        said = [
            each
            for each in talked.said
            if (circle.conversation, each.id) in placed and each.conversation == circle.conversation
        ]
        stored = deque(sorted((each for each in said if each.acked_at), key=lambda each: each.acked_at))
        highest = 0
        for each in sorted(said, key=lambda each: each.meant_at):
            while stored and stored[0].acked_at < each.meant_at:
                highest = max(highest, placed[each.conversation, stored.popleft().id])
            found += placed[each.conversation, each.id] < highest
    return found


def _leaked(talked: Talked, acked: Any) -> int:
    """Anything that an outsider got or opened; and what was meant after somebody was out, where they did."""
    heard = {each.person: each for each in talked.heard}
    pried = {each.person: set(each.opened) for each in talked.pried}
    found = sum(len(each.got.keys() | pried.get(each.person, set())) for each in talked.outsiders)
    for circle in talked.circles:
        if circle.removed is not None and circle.removed_at:
            late = {each.id for each in acked if each.conversation == circle.conversation}
            late &= {each.id for each in acked if each.meant_at > circle.removed_at}
            found += len(late & (heard[circle.removed].got.keys() | pried.get(circle.removed, set())))
    return found


def _deliveries(talked: Talked) -> Histogram:
    """From the moment a message was meant to be sent until each of the others could read it."""
    meant_at = {each.id: each.meant_at for each in talked.said}
    author, found = {each.id: each.author for each in talked.said}, Histogram()
    for heard in talked.heard:
        for message, at in heard.read.items():
            if author.get(message, heard.person) != heard.person:
                found.add((at - meant_at[message]) * 1000)
    return found


def _count_unlocks(unlockings: Sequence[Unlocking], closed: Sequence[Span]) -> dict[str, Any]:
    waited = Histogram()
    for each in unlockings:
        if not each.failed:
            waited.add((each.ended_at - each.began_at) * 1000)
    failed = [each for each in unlockings if each.failed]
    excused = [each for each in failed if any(begin < each.ended_at and each.began_at < end for begin, end in closed)]
    return {
        "tried": len(unlockings),
        "succeeded": len(unlockings) - len(failed),
        "not_promised": len(excused),
        "with_faults": sum(bool(each.faults) for each in unlockings),
        "p99_ms": waited.at(99) if waited.count else None,
    }


def _count_shifts(talked: Talked, closed: Sequence[Span]) -> dict[str, Any]:
    """*Begun*: everything that had been stored by then could be read, and the answer was stored."""
    stored = [each for each in talked.said if each.acked_at]

    def begun(shift: Shift) -> bool:
        before = {
            each.id for each in stored if each.conversation == shift.conversation and each.acked_at < shift.began_at
        }
        return not shift.failed and bool(shift.wrote) and before <= set(shift.read)

    return {
        "tried": len(talked.shifts),
        "begun": sum(map(begun, talked.shifts)),
        "without_key_servers": sum(
            any(begin <= each.began_at <= end for begin, end in closed) for each in talked.shifts if begun(each)
        ),
    }
