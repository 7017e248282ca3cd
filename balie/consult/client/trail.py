"""What was tried, where, and how it ended: so that whoever was helped, or was not, can be told why."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final, Literal

Step = Literal["token", "deposit", "nonce", "release", "held", "open"]
WELL: Final = "well"


@dataclass(frozen=True)
class Tried:
    """One thing that was tried. `why` is `well`, a key server's own word (`refused`, `limit`, …), a reason code of the
    protocol, or what happened on the way (`unreachable`, `no answer`, `status 502`).
    """

    server: str
    step: Step
    route: str
    why: str

    def __str__(self) -> str:
        return f"{self.server} {self.step} {self.route}: {self.why}"


@dataclass
class Trail:
    """In the order in which things ended."""

    tried: list[Tried] = field(default_factory=list)

    def add(self, server: str, step: Step, route: str, why: str = WELL) -> None:
        self.tried.append(Tried(server, step, route, why))

    def faults(self) -> list[Tried]:
        return [each for each in self.tried if each.why != WELL]


class LockedError(Exception):
    """Not unlocked; the text says at which servers, through which routes, and why."""

    def __init__(self, what: str, tried: Iterable[Tried]) -> None:
        self.tried = tuple(tried)
        super().__init__("; ".join([what, *map(str, self.tried)]))
