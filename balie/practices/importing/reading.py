"""From bytes to a table: what kind of file it is, its header, and the width of its rows.

`text.py` and `workbook.py` each know one kind; here is what both have in common.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _

from balie.practices.importing.cells import Cells
from balie.practices.importing.columns import COLUMNS, REQUIRED, past_column
from balie.practices.importing.problems import FileError, Problem
from balie.practices.importing.progress import EVERY, Step, Tell, tell_nobody
from balie.practices.importing.text import read_text

MOST_BYTES = 20 * 1024 * 1024
MOST_ROWS = 100_000
_MOST_NAMED = 10
_LONGEST_NAME = 40
_ZIP = b"PK\x03\x04"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_PDF = b"%PDF"
_IMAGES = (b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"BM")


@dataclass(frozen=True)
class Row:
    """One row, values without the space around them; `line` is where it begins. What stands in the `unusable` columns
    has been reported already.
    """

    line: int
    values: dict[str, str]
    unusable: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Table:
    """The rows that have the width of the header, and what is wrong with others. `sheet` is empty for a text file."""

    columns: tuple[str, ...]
    rows: list[Row]
    problems: list[Problem]
    sheet: str = ""


def read_table(content: bytes, tell: Tell = tell_nobody) -> Table:
    """Raises FileError when this is not a table with our columns."""
    if len(content) > MOST_BYTES:
        raise too_large()
    if not content.strip():
        raise FileError(_("Het bestand is leeg."))
    sheet, cells = open_table(content, is_header=_is_header, tell=tell)
    rows = (row for row in cells if any(row.values))
    header = next(rows, None)
    if header is None:
        raise FileError(_("Het bestand is leeg."))
    columns = _columns(header)
    table = Table(columns, [], [], sheet)
    for seen, row in enumerate(rows, start=1):
        _take(row, table, pad=bool(sheet))
        if seen > MOST_ROWS:
            raise FileError(
                _("Het bestand heeft meer dan 100.000 regels. Een lijst met praktijken is korter; verdeel haar.")
            )
        if seen % EVERY == 0:
            tell(Step.READ, seen, 0)
    if not table.rows and not table.problems:
        raise FileError(_("Het bestand heeft wel een kop, maar geen regels met praktijken."))
    tell(Step.READ, len(table.rows), len(table.rows))
    return table


def too_large() -> FileError:
    return FileError(
        _("Het bestand is groter dan %(most)s MB. Een lijst met praktijken is veel kleiner; is dit het goede bestand?")
        % {"most": MOST_BYTES // 1024**2}
    )


def open_table(
    content: bytes, *, is_header: Callable[[list[str]], bool], tell: Tell = tell_nobody
) -> tuple[str, Iterable[Cells]]:
    """The name of the sheet, where there are sheets, and the rows; the one that `is_header` says which sheet is meant.

    Raises FileError for what is no table.
    """
    if content.startswith(_ZIP):
        # It brings numpy, where that is installed: every process would start half a second later and be 30 MB larger.
        from balie.practices.importing.workbook import read_workbook  # noqa: PLC0415

        return read_workbook(content, is_header=is_header, most_rows=MOST_ROWS + 2, tell=tell)
    kind = ""
    if content.startswith(_PDF):
        kind = _("Dit is een PDF, geen tabel.")
    elif content.startswith(_IMAGES):
        kind = _("Dit is een afbeelding, geen tabel.")
    elif content.startswith(_OLD_EXCEL):
        kind = _("Dit is een oud Excel-bestand (.xls), of een werkmap met een wachtwoord.")
    elif content.lstrip()[:1] == b"<":
        kind = _("Dit is een webpagina of XML, geen tabel.")
    if kind:
        advice = _("Sla het blad op als .xlsx zonder wachtwoord of als “CSV UTF-8” en probeer het opnieuw.")
        raise FileError(f"{kind} {advice}")
    return "", read_text(content)


def _take(row: Cells, table: Table, *, pad: bool) -> None:
    """Into the table's rows or its problems. Empty cells to the right of the header are nothing."""
    columns, values = table.columns, row.values
    while len(values) > len(columns) and not values[-1]:
        values = values[:-1]
    if pad:
        values = values + [""] * (len(columns) - len(values))
    if len(values) != len(columns):
        wrong = _("Deze regel heeft %(cells)s kolommen.") % {"cells": len(values)}
        expected = _("Verwacht: %(columns)s, net als de kop.") % {"columns": len(columns)}
        table.problems.append(Problem(row.line, "", wrong, expected))
        return
    unusable = set()
    for place, fault in row.wrong.items():
        column = "" if place is None or place >= len(columns) else columns[place]
        found = values[place] if column and place is not None else ""
        table.problems.append(Problem(row.line, column, fault.wrong, fault.expected, found=found))
        unusable.add(column)
    table.rows.append(Row(row.line, dict(zip(columns, values, strict=True)), frozenset(unusable)))


def _names(header: list[str]) -> list[str]:
    names = [name.lower() for name in header]
    while names and not names[-1]:
        names.pop()
    return names


def _is_header(values: list[str]) -> bool:
    return not set(_names(values)).isdisjoint(COLUMNS)


def _columns(header: Cells) -> tuple[str, ...]:
    columns = _names(header.values)
    if not _is_header(columns):
        raise FileError(
            _(
                "Dit is geen tabel die wij kennen: de eerste regel moet de namen van de kolommen hebben, "
                "zoals %(names)s."
            )
            % {"names": ", ".join(REQUIRED)}
        )
    for fault in header.wrong.values():
        raise FileError(_("De kop: %(wrong)s %(expected)s") % {"wrong": fault.wrong, "expected": fault.expected})
    if missing := [name for name in REQUIRED if name not in columns]:
        raise FileError(_("Deze kolommen ontbreken: %(names)s.") % {"names": ", ".join(missing)})
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise FileError(_("Deze kolommen staan er meer dan eens in: %(names)s.") % {"names": _list(twice)})
    if unknown := [name for name in columns if name not in COLUMNS and past_column(name) is None]:
        raise FileError(_("Deze kolommen kennen wij niet: %(names)s.") % {"names": _list(map(_suggest, unknown))})
    return tuple(columns)


def _list(names: Iterable[str]) -> str:
    """Some of them: a file that is something else altogether may have thousands."""
    shown = list(names)
    return ", ".join(shown[:_MOST_NAMED]) + (" …" if len(shown) > _MOST_NAMED else "")


def _suggest(name: str) -> str:
    near = get_close_matches(name[:_LONGEST_NAME], COLUMNS, n=1)
    if near:
        return _("%(name)s (bedoelt u %(near)s?)") % {"name": name[:_LONGEST_NAME], "near": near[0]}
    return name[:_LONGEST_NAME] or _("een kolom zonder naam")
