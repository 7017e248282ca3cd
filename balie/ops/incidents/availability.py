"""How much of a year consulting stood still, as NTA 7516 counts it: 0.2 % of the year may be used.

Computed from the ledger alone: from the first failing look of a verdict that stopped it until it no longer did, and
what was opened by hand besides. Spells that overlap count once; every minute that began counts whole.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from math import ceil, floor
from typing import Final

from balie.ops.incidents.models import Happening, Incident
from balie.ops.models import Entry
from balie.ops.oncall.rotas import AMSTERDAM

CONSULTING: Final = "conversations"
ALLOWED: Final = 0.002
MINUTE: Final = timedelta(minutes=1)
Spell = tuple[datetime, datetime]


@dataclass(frozen=True)
class Year:
    """All in minutes: each spell, their sum, what a whole year allows, and how many were watched so far."""

    year: int
    spells: tuple[int, ...]
    allowed: int
    length: int
    watched: int

    @property
    def used(self) -> int:
        return sum(self.spells)

    @property
    def available(self) -> float:
        """In per cent of what was watched, rounded against us."""
        return floor(100_000 * (self.watched - self.used) / self.watched) / 1000


def stopped(function: str, now: datetime) -> list[Spell]:
    """Every spell in which this function stood still, the first first; those that overlap as one."""
    return _united([*_by_verdicts(function, now), *_by_hand(function, now)])


def of_year(spells: Iterable[Spell], year: int, since: datetime, now: datetime) -> Year:
    """`since` is when we began to watch."""
    begin, end = (datetime(each, 1, 1, tzinfo=AMSTERDAM).astimezone(UTC) for each in (year, year + 1))
    watched_from = max(since, begin)
    inside = [(max(start, watched_from), min(stop, end)) for start, stop in spells]
    length = (end - begin) // MINUTE
    return Year(
        year=year,
        spells=tuple(ceil((stop - start) / MINUTE) for start, stop in inside if stop > start),
        allowed=floor(length * ALLOWED),
        length=length,
        watched=max(1, (min(now, end) - watched_from) // MINUTE),
    )


def _by_verdicts(function: str, now: datetime) -> Iterator[Spell]:
    rows = Entry.objects.select_related("verdict").order_by("verdict_id", "pk")
    for _verdict, group in groupby(rows, key=lambda entry: entry.verdict_id):
        entries = list(group)
        for entry, following in zip(entries, [*entries[1:], None], strict=True):
            over = entry.what in {"closed", "merged"}
            if not over and entry.functions.get(function) == "stopped":
                begin = entry.verdict.first_failing_at if entry is entries[0] else entry.at
                yield begin, following.at if following else now


def _by_hand(function: str, now: datetime) -> Iterator[Spell]:
    opened = Happening.objects.filter(what=Happening.What.OPENED, incident__verdict=None)
    said = dict(opened.values_list("incident", "about"))
    for incident in Incident.objects.filter(pk__in=said):
        if said[incident.pk]["functions"].get(function) == "stopped":
            yield incident.began_at, incident.recovered_at or now


def _united(spells: list[Spell]) -> list[Spell]:
    united: list[Spell] = []
    for begin, end in sorted(spells):
        if united and begin <= united[-1][1]:
            united[-1] = united[-1][0], max(end, united[-1][1])
        else:
            united.append((begin, end))
    return united
