"""Writes `draw.json` from the words of `live.md` alone: no code of ours, HMAC by its definition (RFC 2104).

python docs/spec/vectors/make_draw.py
"""  # noqa: INP001 (a script beside a specification, no package)

import copy
import json
from hashlib import sha256
from pathlib import Path
from typing import Any

BLOCK = 64


def hmac_sha256(key: bytes, message: bytes) -> bytes:
    padded = key.ljust(BLOCK, b"\0")
    inner = sha256(bytes(byte ^ 0x36 for byte in padded) + message).digest()
    return sha256(bytes(byte ^ 0x5C for byte in padded) + inner).digest()


def ticket(at: int) -> str:
    """A UUID (version 4 in form) that is the same on every run."""
    digits = sha256(f"ticket {at}".encode()).hexdigest()
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:32]}"


def published(*, seed: bytes, beacon: dict[str, Any] | None, count: int) -> dict[str, Any]:
    tickets = sorted(ticket(at) for at in range(count))
    return {
        "version": 1,
        "campaign": 1,
        "seed_hash": sha256(seed).hexdigest(),
        "seed": seed.hex(),
        "sealed_at": "2027-05-31T21:00:00.000Z",
        "frozen_at": "2027-05-31T22:00:00.000Z",
        "drawn_at": "2027-05-31T22:00:05.000Z",
        "list_hash": sha256("\n".join(tickets).encode("ascii")).hexdigest(),
        "beacon": beacon,
        "tickets": tickets,
    }


def numbers(draw: dict[str, Any]) -> dict[str, int]:
    value = bytes.fromhex(draw["beacon"]["value"]) if draw["beacon"] else b""
    key = sha256(bytes.fromhex(draw["seed"]) + value).digest()
    ranked = sorted((hmac_sha256(key, name.encode("ascii")), name) for name in draw["tickets"])
    return {name: number for number, (_rank, name) in enumerate(ranked, 1)}


def right(name: str, draw: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "draw": draw, "numbers": numbers(draw), "fault": None}


def wrong(name: str, fault: str, draw: dict[str, Any], claim: dict[str, Any] | None = None) -> dict[str, Any]:
    return {"name": name, "draw": draw, "fault": fault} | ({"claim": claim} if claim else {})


def altered(draw: dict[str, Any], **changes: object) -> dict[str, Any]:
    return copy.deepcopy(draw) | changes


def main() -> None:
    seed = sha256(b"a seed for the vectors").digest()
    beacon = {"source": "drand", "round": 5812440, "value": sha256(b"a public random value").hexdigest()}
    draw = published(seed=seed, beacon=beacon, count=12)
    given = numbers(draw)
    first = draw["tickets"][0]
    stranger, short = ticket(99), seed[:31]
    cases = [
        right("with a beacon", draw),
        right("without a beacon", published(seed=seed, beacon=None, count=12)),
        right("one ticket", published(seed=bytes(32), beacon=None, count=1)),
        right("nobody came", published(seed=bytes(32), beacon=None, count=0)),
        wrong("another seed than was sealed", "seal", altered(draw, seed=sha256(b"another").hexdigest())),
        wrong("a seed of 31 bytes", "seal", altered(draw, seed=short.hex(), seed_hash=sha256(short).hexdigest())),
        wrong("a ticket left out", "list", altered(draw, tickets=draw["tickets"][1:])),
        wrong("a ticket put in", "list", altered(draw, tickets=sorted([*draw["tickets"], stranger]))),
        wrong("a list out of order", "order", altered(draw, tickets=draw["tickets"][::-1])),
        wrong(
            "a ticket twice",
            "order",
            altered(
                draw,
                tickets=[first, *draw["tickets"]],
                list_hash=sha256("\n".join([first, *draw["tickets"]]).encode("ascii")).hexdigest(),
            ),
        ),
        wrong("an unknown version", "version", altered(draw, version=2)),
        wrong("a claim to another number", "number", draw, {"ticket": first, "number": given[first] % 12 + 1}),
        wrong("a claim by a ticket outside the draw", "member", draw, {"ticket": stranger, "number": 1}),
        wrong("not a draw at all", "form", {"hello": "world"}),
    ]
    text = json.dumps({"about": "docs/spec/live.md, the draw", "cases": cases}, indent=1, ensure_ascii=False)
    Path(__file__).with_name("draw.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
