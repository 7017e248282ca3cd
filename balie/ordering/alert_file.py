"""The list in which whoever drives says when they come: read, and every row checked. Pure: no database or clock."""

import re
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import time
from typing import Final, NamedTuple

from django.utils.translation import gettext as _

from balie.practices.importing.cells import Cells
from balie.practices.importing.problems import FileError, Problem
from balie.practices.importing.reading import open_table

MOST_BYTES: Final = 1024 * 1024
MOST_ROWS: Final = 5_000
LONGEST_FOUND: Final = 60
# What a column may be called; the first name is the one of the list that is handed out.
DELIVERY: Final = ("bezorging", "delivery")
STARTS: Final = ("van", "from")
ENDS: Final = ("tot", "until")

_TIME: Final = re.compile(r"(\d{1,2})(?:[:.](\d{2})(?::00)?)?(?:\s*uur)?")


class Window(NamedTuple):
    """Between which times of the day."""

    starts: time
    ends: time


@dataclass
class TimesFile:
    """The windows of a file by delivery; `lines` is where each stands. With problems nothing of it may be used."""

    windows: dict[int, Window] = field(default_factory=dict)
    lines: dict[int, int] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def read_times(content: bytes, *, known: Collection[int]) -> TimesFile:
    """Of a workbook or CSV; `known` are the deliveries of the day. A row without any time says nothing.

    Raises FileError for what is no such list.
    """
    if len(content) > MOST_BYTES:
        raise FileError(_("Het bestand is groter dan 1 MB. Een lijst met tijden is kleiner; is dit het goede bestand?"))
    if not content.strip():
        raise FileError(_("Het bestand is leeg."))
    _sheet, cells = open_table(content, is_header=_is_header)
    rows = [row for row in cells if any(row.values)]
    if not rows or not _is_header(rows[0].values):
        names = ", ".join(each[0] for each in (DELIVERY, STARTS, ENDS))
        raise FileError(_("De eerste regel moet deze kolommen hebben: %(names)s.") % {"names": names})
    if len(rows) > MOST_ROWS:
        raise FileError(_("Het bestand heeft meer dan %(most)s regels.") % {"most": MOST_ROWS})
    places = [_place(rows[0].values, names) for names in (DELIVERY, STARTS, ENDS)]
    reader = _Reader(known)
    for row in rows[1:]:
        delivery, starts, ends = (row.values[place] if place < len(row.values) else "" for place in places)
        if starts or ends:
            reader.take(row, delivery, starts, ends)
    found = reader.found
    if not found.windows and not found.problems:
        raise FileError(_("In het bestand staat geen enkele tijd."))
    return found


def read_one(delivery: str, starts: str, ends: str, *, known: Collection[int]) -> TimesFile:
    """As above, of three fields on a page: the row has number 1."""
    reader = _Reader(known)
    reader.take(Cells(1, [delivery, starts, ends]), delivery.strip(), starts.strip(), ends.strip())
    return reader.found


def read_time(text: str) -> time | None:
    """`8`, `8.00`, `08:30` or `8.30 uur`; None for what is no time of the day."""
    found = _TIME.fullmatch(text)
    hour, minute = (int(found[1]), int(found[2] or 0)) if found else (24, 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


class _Reader:
    def __init__(self, known: Collection[int]) -> None:
        self.found = TimesFile()
        self._known = known

    def take(self, row: Cells, delivery: str, starts: str, ends: str) -> None:
        for fault in row.wrong.values():
            self._problem(row, "", fault.wrong, fault.expected, "")
        key, window = self._delivery(row, delivery), self._window(row, starts, ends)
        if key is None or window is None or row.wrong:
            return
        self.found.windows[key], self.found.lines[key] = window, row.line

    def _delivery(self, row: Cells, text: str) -> int | None:
        key = int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None
        if key is None or key not in self._known:
            say = _("Verwacht: het nummer van een bezorging van deze dag.")
            self._problem(row, DELIVERY[0], _("is geen bezorging van deze dag."), say, text)
            return None
        if key in self.found.lines:
            say = _("Verwacht: elke bezorging op één regel.")
            wrong = _("staat ook op regel %(line)s.") % {"line": self.found.lines[key]}
            self._problem(row, DELIVERY[0], wrong, say, text)
            return None
        return key

    def _window(self, row: Cells, starts: str, ends: str) -> Window | None:
        found = []
        for column, text in ((STARTS[0], starts), (ENDS[0], ends)):
            at = read_time(text)
            if at is None:
                wrong = _("is geen tijd.") if text else _("Er staat niets.")
                self._problem(row, column, wrong, _("Verwacht: een tijd zoals 8.00 of 13:30."), text)
            else:
                found.append(at)
        if len(found) < 2:
            return None
        if found[0] >= found[1]:
            self._problem(row, ENDS[0], _("is niet later dan het begin."), _("Verwacht: een latere tijd."), ends)
            return None
        return Window(*found)

    def _problem(self, row: Cells, column: str, wrong: str, expected: str, found: str) -> None:
        self.found.problems.append(Problem(row.line, column, wrong, expected, found=found[:LONGEST_FOUND]))


def _is_header(values: list[str]) -> bool:
    names = {value.lower() for value in values}
    return all(names & set(each) for each in (DELIVERY, STARTS, ENDS))


def _place(header: list[str], names: tuple[str, ...]) -> int:
    return next(place for place, value in enumerate(header) if value.lower() in names)
