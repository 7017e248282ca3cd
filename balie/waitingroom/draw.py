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
class DrawReport:
    """What a recomputation of a published draw found; without `faults` the draw is right."""

    tickets: int
    beacon: bool
    numbers: dict[str, int]
    faults: list[str] = field(default_factory=list)


def verify_draw(document: dict[str, Any]) -> DrawReport:
    """Recompute everything in a published draw. Raises ValueError when it is not such a document at all."""
    try:
        tickets: Sequence[str] = document["tickets"]
        seed = bytes.fromhex(document["seed"])
        beacon = bytes.fromhex(document["beacon"]["value"]) if document["beacon"] else b""
        seed_hash, list_hash = document["seed_hash"], document["list_hash"]
        numbers = {
            ticket: place for place, ticket in enumerate(draw_numbers(seed=seed, beacon=beacon, tickets=tickets), 1)
        }
        listed = hash_list(tickets).hex()
    except (KeyError, TypeError, AttributeError, ValueError) as fault:
        raise ValueError(f"this is not a published draw: {fault!r}") from fault
    faults = []
    if document.get("version") != 1:
        faults.append(f"version is {document.get('version')!r}; this program knows version 1")
    if len(seed) != SEED_BYTES or hashlib.sha256(seed).hexdigest() != seed_hash:
        faults.append("the seed does not fit the seal that was published beforehand")
    if list(tickets) != sorted(set(tickets)):
        faults.append("the list is not in order, or holds a ticket twice")
    if listed != list_hash:
        faults.append("the list does not fit its hash")
    return DrawReport(tickets=len(tickets), beacon=bool(document["beacon"]), numbers=numbers, faults=faults)


def verify_file(path: Path) -> DrawReport:
    """`verify_draw` for a file. Raises ValueError when it is not JSON or not a draw, OSError when it cannot be read."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as fault:
        raise ValueError(f"{path} is not a JSON file: {fault}") from fault
    return verify_draw(document)
