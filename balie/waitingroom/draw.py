"""The draw: who was in the waiting room at opening gets a number by lot, and everyone can recompute it (P6).

`docs/spec/live.md` describes the published file byte for byte; `frontend/src/waitingroom/draw.ts` is the same in the
browser, and `docs/spec/vectors/draw.json` is read by the tests of both.
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

VERSION = 2
SEED_BYTES = 32


def hash_list(tickets: Iterable[str]) -> bytes:
    """SHA-256 of the tickets in ascending text order, joined by a newline."""
    return hashlib.sha256("\n".join(sorted(tickets)).encode("ascii")).digest()


def draw_numbers(*, seed: bytes, beacon: bytes, tickets: Iterable[str]) -> list[str]:
    """The tickets in the order of their numbers: the first has number 1.

    The rank of a ticket is HMAC-SHA-256 under SHA-256(seed ‖ beacon): nobody knows it before both are known, and the
    organiser, who committed to the seed, cannot choose it after the list is frozen.
    """
    key = hashlib.sha256(seed + beacon).digest()
    return sorted(tickets, key=lambda ticket: (hmac.digest(key, ticket.encode("ascii"), "sha256"), ticket))


@dataclass(frozen=True)
class RoundReport:
    """What a recomputation of one round found."""

    round: int
    name: str
    tickets: int
    beacon: bool


@dataclass(frozen=True)
class DrawReport:
    """What a recomputation of a published draw found; without `faults` the draw is right."""

    rounds: list[RoundReport]
    numbers: dict[str, int]
    faults: list[str] = field(default_factory=list)

    @property
    def tickets(self) -> int:
        """In all rounds together."""
        return sum(each.tickets for each in self.rounds)


def verify_draw(document: dict[str, Any]) -> DrawReport:
    """Recompute everything in a published draw. Raises ValueError when it is not such a document at all."""
    report = DrawReport(rounds=[], numbers={})
    try:
        if document["version"] != VERSION:
            report.faults.append(f"version is {document['version']!r}; this program knows version {VERSION}")
        next_number = 1
        if not document["rounds"]:
            report.faults.append("it has no round")
        for place, drawn in enumerate(document["rounds"], start=1):
            if drawn["round"] != place:
                report.faults.append(f"round {drawn['round']} stands where round {place} belongs")
            next_number = _verify_round(drawn, report, next_number=next_number)
    except (KeyError, TypeError, AttributeError, ValueError) as fault:
        raise ValueError(f"this is not a published draw: {fault!r}") from fault
    return report


def _verify_round(drawn: dict[str, Any], report: DrawReport, *, next_number: int) -> int:
    """Add what is found of one round, of which no number may be below `next_number`; the next one after it."""
    tickets: Sequence[str] = drawn["tickets"]
    seed = bytes.fromhex(drawn["seed"])
    beacon = bytes.fromhex(drawn["beacon"]["value"]) if drawn["beacon"] else b""
    first: int = drawn["first"]
    order = draw_numbers(seed=seed, beacon=beacon, tickets=tickets)
    faults = {
        "the seed does not fit the seal that was published beforehand": len(seed) != SEED_BYTES
        or hashlib.sha256(seed).hexdigest() != drawn["seed_hash"],
        "the list is not in order, or holds a ticket twice": list(tickets) != sorted(set(tickets)),
        "the list does not fit its hash": hash_list(tickets).hex() != drawn["list_hash"],
        "it holds a ticket of an earlier round": any(ticket in report.numbers for ticket in tickets),
        "its numbers do not go on after those of the round before": first < next_number
        or (not report.rounds and first != 1),
    }
    report.faults.extend(f"round {drawn['round']}: {fault}" for fault, found in faults.items() if found)
    report.numbers.update({ticket: number for number, ticket in enumerate(order, start=first)})
    report.rounds.append(RoundReport(drawn["round"], str(drawn["name"]), len(tickets), bool(drawn["beacon"])))
    return first + len(tickets)


def verify_file(path: Path) -> DrawReport:
    """`verify_draw` for a file. Raises ValueError when it is not JSON or not a draw, OSError when it cannot be read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as fault:
        raise ValueError(f"{path} is not a JSON file: {fault}") from fault
    return verify_draw(document)
