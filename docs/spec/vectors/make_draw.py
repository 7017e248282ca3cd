"""Writes `draw.json` from the words of `live.md` alone: no code of ours, HMAC by its definition (RFC 2104).

python docs/spec/vectors/make_draw.py
"""

import copy
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

BLOCK = 64
Json = dict[str, Any]


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    padded = key.ljust(BLOCK, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return sha256(bytes(byte ^ 0x5C for byte in padded) + inner).digest()


def ticket(at: int) -> str:
    """A UUID (version 4 in form) that is the same on every run."""
    digits = sha256(f"ticket {at}".encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"


def drawn(*, seed: bytes, beacon: dict[str, Any] | None, tickets: list[str], at: int = 1, first: int = 1) -> Json:
    listed = sorted(tickets)
    return {
        "round": at,
        "name": "" if at == 1 else f"Groep {at}",
        "seed_hash": sha256(seed).hexdigest(),
        "seed": seed.hex(),
        "sealed_at": "2027-05-31T21:00:00.000Z",
        "frozen_at": f"2027-05-31T22:{20 * (at - 1):02}:00.000Z",
        "drawn_at": f"2027-05-31T22:{20 * (at - 1):02}:05.000Z",
        "list_hash": sha256("\n".join(listed).encode("ascii")).hexdigest(),
        "beacon": beacon,
        "first": first,
        "tickets": listed,
    }


def published(*rounds: Json) -> Json:
    return {"version": 2, "campaign": 1, "complete": True, "rounds": list(rounds)}


def numbers(draw: Json) -> dict[str, int]:
    found = {}
    for each in draw["rounds"]:
        value = bytes.fromhex(each["beacon"]["value"]) if each["beacon"] else b""
        key = sha256(bytes.fromhex(each["seed"]) + value).digest()
        ranked = sorted((hmac_sha256(key, name.encode("ascii")), name) for name in each["tickets"])
        found |= {name: number for number, (_rank, name) in enumerate(ranked, each["first"])}
    return found


def right(name: str, draw: Json) -> Json:
    return {"name": name, "draw": draw, "numbers": numbers(draw), "fault": None}


def wrong(name: str, fault: str, draw: Json, claim: Json | None = None) -> Json:
    return {"name": name, "draw": draw, "fault": fault} | ({"claim": claim} if claim else {})


def altered(draw: Json, at: int = 1, **changes: object) -> Json:
    """The draw with other values in its round `at`."""
    copied = copy.deepcopy(draw)
    copied["rounds"][at - 1] |= changes
    return copied


def hash_of(tickets: list[str]) -> str:
    return sha256("\n".join(tickets).encode("ascii")).hexdigest()


def main() -> None:
    seed, later = sha256(b"a seed for the vectors").digest(), sha256(b"a seed for a later round").digest()
    beacon = {"source": "drand", "round": 5812440, "value": sha256(b"a public random value").hexdigest()}
    one = [ticket(at) for at in range(12)]
    two = [ticket(at) for at in range(12, 20)]
    draw = published(drawn(seed=seed, beacon=beacon, tickets=one))
    # Three came to the first round after its freeze: they have 13 to 15, and the second round goes on at 16.
    rounds = published(
        drawn(seed=seed, beacon=beacon, tickets=one),
        drawn(seed=later, beacon=None, tickets=two, at=2, first=16),
    )
    given, listed = numbers(draw), draw["rounds"][0]["tickets"]
    first, stranger, short = listed[0], ticket(99), seed[:31]
    cases = [
        right("with a beacon", draw),
        right("without a beacon", published(drawn(seed=seed, beacon=None, tickets=one))),
        right("one ticket", published(drawn(seed=bytes(32), beacon=None, tickets=one[:1]))),
        right("nobody came", published(drawn(seed=bytes(32), beacon=None, tickets=[]))),
        right("two rounds, and some who came late to the first", rounds),
        right(
            "nobody came to the first of two rounds in time",
            published(
                drawn(seed=seed, beacon=None, tickets=[]), drawn(seed=later, beacon=None, tickets=two, at=2, first=3)
            ),
        ),
        wrong("another seed than was sealed", "seal", altered(draw, seed=sha256(b"another").hexdigest())),
        wrong("another seed than was sealed, in a later round", "seal", altered(rounds, 2, seed=seed.hex())),
        wrong("a seed of 31 bytes", "seal", altered(draw, seed=short.hex(), seed_hash=sha256(short).hexdigest())),
        wrong("a ticket left out", "list", altered(draw, tickets=listed[1:])),
        wrong("a ticket put in", "list", altered(draw, tickets=sorted([*listed, stranger]))),
        wrong("a list out of order", "order", altered(draw, tickets=listed[::-1])),
        wrong("a ticket twice", "order", altered(draw, tickets=[first, *listed], list_hash=hash_of([first, *listed]))),
        wrong(
            "a ticket in two rounds",
            "order",
            altered(rounds, 2, tickets=sorted([first, *two]), list_hash=hash_of(sorted([first, *two]))),
        ),
        wrong("numbers that were given out already", "first", altered(rounds, 2, first=12)),
        wrong("a first round that does not begin at 1", "first", altered(draw, first=2)),
        wrong("a round left out", "first", rounds | {"rounds": rounds["rounds"][1:]}),
        wrong("an unknown version", "version", draw | {"version": 1}),
        wrong("a claim to another number", "number", draw, {"ticket": first, "number": given[first] % 12 + 1}),
        wrong("a claim by a ticket outside the draw", "member", draw, {"ticket": stranger, "number": 1}),
        wrong("not a draw at all", "form", {"hello": "world"}),
        wrong("a draw without rounds", "version", published()),
    ]
    text = json.dumps({"about": "docs/spec/live.md, the draw", "cases": cases}, indent=1, ensure_ascii=False)
    Path(__file__).with_name("draw.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
