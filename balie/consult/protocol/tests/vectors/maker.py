"""What the makers of vectors share: cases, fixed secrets, and what libraries drew at random, kept between runs."""

import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from balie.consult.protocol.encoding import b64, unb64

FOLDER = Path(__file__).parents[5] / "docs" / "spec" / "vectors" / "consult"
KEPT = "kept.json"


def secret(what: str, length: int = 32) -> bytes:
    """Bytes that look random and are the same on every run."""
    return b"".join(sha256(f"vector {what} {at}".encode()).digest() for at in range(1 + length // 32))[:length]


class Kept:
    """Sealing draws randomness that no library lets us choose. So it is kept, under what it was made from."""

    def __init__(self) -> None:
        path = FOLDER / KEPT
        self._old = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
        self.new: dict[str, dict[str, str]] = {}

    def data(self, what: str, made_from: list[bytes], make: Callable[[], bytes]) -> bytes:
        """What `make` gave when it was first asked with these ingredients."""
        of = sha256(b"".join(len(part).to_bytes(4, "big") + part for part in made_from)).hexdigest()[:32]
        old = self._old.get(what)
        value = old["value"] if old and old["of"] == of else b64(make())
        assert what not in self.new, what
        self.new[what] = {"of": of, "value": value}
        return unb64(value)

    def text(self, what: str, made_from: list[bytes], make: Callable[[], str]) -> str:
        return self.data(what, made_from, lambda: make().encode()).decode()


class Cases:
    """The cases of one file. `op` names what is asked; an answer is either `out` or `reject` with its reason code."""

    def __init__(self, title: str, kept: Kept) -> None:
        self.title = title
        self.kept = kept
        self.cases: list[dict[str, Any]] = []

    def gives(self, name: str, op: str, out: Any, **given: Any) -> None:
        self.cases.append({"name": name, "op": op, "in": given, "out": out})

    def rejects(self, name: str, op: str, reason: str, **given: Any) -> None:
        self.cases.append({"name": name, "op": op, "in": given, "reject": str(reason)})

    def json(self) -> str:
        assert len({case["name"] for case in self.cases}) == len(self.cases), "two cases have one name"
        return json.dumps({"title": self.title, "cases": self.cases}, indent=1, ensure_ascii=False) + "\n"


def flipped(data: bytes, at: int) -> bytes:
    """`data` with the lowest bit of one byte turned."""
    at %= len(data)
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
