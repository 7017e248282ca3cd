"""Who plays: virtual practices with what they put ready, their minted pass, and how they behave."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import msgspec


class PreparedLine(msgspec.Struct, frozen=True):
    product: int
    location: int
    doses: int


class Member(msgspec.Struct, frozen=True):
    """A practice that takes part: what it wants, best day first, and the pass cookie that says who it is."""

    practice: int
    cookie: str
    lines: list[PreparedLine]
    ranking: list[date]


def read_cast(path: Path) -> list[Member]:
    """Members from a file with one JSON object a line."""
    return msgspec.json.Decoder(Member).decode_lines(path.read_bytes())


def write_cast(path: Path, members: Sequence[Member]) -> None:
    path.write_bytes(msgspec.json.Encoder().encode_lines(members))
    path.chmod(0o600)  # passes are keys


@dataclass(frozen=True)
class Habits:
    """How often people do what, as shares of all practices; a practice has at most one of the first four."""

    lapse: float = 0.08  # let the window pass and begin again
    last_moment: float = 0.12  # press in the last moments
    replace: float = 0.15  # change their mind about the day
    release: float = 0.03  # give back and begin again
    double_click: float = 0.10
    by_day: float = 0.35  # choose a day from the calendar instead of the ranking
    compute: float = 0.02  # recompute their number from the published draw
    repeat: float = 0.10  # press again afterwards, or look again on another device


@dataclass(frozen=True)
class Tempo:
    """Seconds that people take; windows are the server's affair."""

    think_s: tuple[float, float]
    patience_s: float = 60.0  # how long one request is tried again before giving up


@dataclass(frozen=True)
class Traits:
    """How this one practice behaves tonight."""

    manner: str  # calm, lapse, last_moment, replace, release
    double_click: bool
    by_day: bool
    compute: bool
    repeat: bool

    @classmethod
    def drawn(cls, chance: random.Random, habits: Habits) -> Traits:
        odd = {name: getattr(habits, name) for name in ("lapse", "last_moment", "replace", "release")}
        manner = chance.choices([*odd, "calm"], [*odd.values(), 1 - sum(odd.values())])[0]
        return cls(
            manner=manner,
            double_click=chance.random() < habits.double_click,
            by_day=chance.random() < habits.by_day,
            compute=chance.random() < habits.compute,
            repeat=chance.random() < habits.repeat,
        )


CALM = Habits(lapse=0.02, last_moment=0.05, replace=0.10, release=0.0, double_click=0.0, compute=0.0, repeat=0.0)


@dataclass
class Role:
    """A member with its traits and the moment of its arrival."""

    member: Member
    traits: Traits
    arrives_at: float
    chance: random.Random = field(repr=False)
