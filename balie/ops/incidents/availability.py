"""How much of a year consulting stood still, as NTA 7516 counts it: 0.2 % of the year may be used.

Computed from the ledger alone: from the first failing look of a verdict that stopped it until it no longer did, and
what was opened by hand besides. Spells that overlap count once; every minute that began counts whole. What was
announced as maintenance of all that failed is told apart.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby
from math import ceil, floor
from typing import Final

from balie.ops.incidents.models import Happening, Incident
from balie.ops.maintenance.windows import windows_of
from balie.ops.models import Entry
from balie.ops.oncall.rotas import AMSTERDAM

CONSULTING: Final = "conversations"
ALLOWED: Final = 0.002
MINUTE: Final = timedelta(minutes=1)
Spell = tuple[datetime, datetime]


@dataclass(frozen=True)
class Year:
    """All in minutes: each spell, their sum, what a whole year allows, and how many were watched so far; and apart from
    these, those that were announced.
    """

    year: int
    spells: tuple[int, ...]
    allowed: int
    length: int
    watched: int
    announced: int = 0

    @property
    def used(self) -> int:
        return sum(self.spells)

    @property
    def available(self) -> float:
        """In per cent of what was watched, rounded against us."""
        return self._available(self.used)

    @property
    def available_with_announced(self) -> float:
        """The same with every minute counted, announced or not."""
        return self._available(self.used + self.announced)

    def _available(self, used: int) -> float:
        return floor(100_000 * (self.watched - used) / self.watched) / 1000


def stopped(function: str, now: datetime) -> list[Spell]:
    """Every spell in which this function stood still unannounced, the first first; those that overlap as one."""
    by_verdicts = [
        left for spell, culprits in _by_verdicts(function, now) for left in _without(spell, windows_of(culprits))
    ]
    return _united([*by_verdicts, *_by_hand(function, now)])


def announced(function: str, now: datetime) -> list[Spell]:
    """Every spell in which it stood still for announced maintenance alone."""
    found = _united([spell for spell, _culprits in _by_verdicts(function, now)])
    return [left for spell in found for left in _without(spell, stopped(function, now))]


def of_year(
    spells: Iterable[Spell], year: int, since: datetime, now: datetime, announced: Iterable[Spell] = ()
) -> Year:
    """`since` is when we began to watch."""
    begin, end = (datetime(each, 1, 1, tzinfo=AMSTERDAM).astimezone(UTC) for each in (year, year + 1))
    watched_from = max(since, begin)
    length = (end - begin) // MINUTE

    def minutes(all_of_them: Iterable[Spell]) -> tuple[int, ...]:
        inside = [(max(start, watched_from), min(stop, end)) for start, stop in all_of_them]
        return tuple(ceil((stop - start) / MINUTE) for start, stop in inside if stop > start)

    return Year(
        year=year,
        spells=minutes(spells),
        allowed=floor(length * ALLOWED),
        length=length,
        watched=max(1, (min(now, end) - watched_from) // MINUTE),
        announced=sum(minutes(announced)),
    )


def _by_verdicts(function: str, now: datetime) -> Iterator[tuple[Spell, list[str]]]:
    """Each with its culprits."""
    rows = Entry.objects.select_related("verdict").order_by("verdict_id", "pk")
    for _verdict, group in groupby(rows, key=lambda entry: entry.verdict_id):
        entries = list(group)
        for entry, following in zip(entries, [*entries[1:], None], strict=True):
            over = entry.what in {"closed", "merged"}
            if not over and entry.functions.get(function) == "stopped":
                begin = entry.verdict.first_failing_at if entry is entries[0] else entry.at
                yield (begin, following.at if following else now), entry.culprits


def _by_hand(function: str, now: datetime) -> Iterator[Spell]:
    opened = Happening.objects.filter(what=Happening.What.OPENED, incident__verdict=None)
    said = dict(opened.values_list("incident", "about"))
    for incident in Incident.objects.filter(pk__in=said):
        if said[incident.pk]["functions"].get(function) == "stopped":
            yield incident.began_at, incident.recovered_at or now


def _without(spell: Spell, windows: Iterable[Spell]) -> list[Spell]:
    """What is left of it outside of these."""
    left = [spell]
    for begin, end in windows:
        left = [
            piece
            for start, stop in left
            for piece in ((start, min(stop, begin)), (max(start, end), stop))
            if piece[1] > piece[0]
        ]
    return left


def _united(spells: list[Spell]) -> list[Spell]:
    united: list[Spell] = []
    for begin, end in sorted(spells):
        if united and begin <= united[-1][1]:
            united[-1] = united[-1][0], max(end, united[-1][1])
        else:
            united.append((begin, end))
    return united
