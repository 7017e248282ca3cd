"""From bytes to a table: encoding, delimiter, quoting, header and the width of the rows."""

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches

from django.utils.translation import gettext as _

from balie.practices.importing.columns import COLUMNS, REQUIRED, past_column
from balie.practices.importing.problems import FileError, Problem

MOST_BYTES = 50 * 1024 * 1024
_ZIP = b"PK\x03\x04"
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True)
class Row:
    """One row as it stands in the file, values without the space around them; `line` is where it begins."""

    line: int
    values: dict[str, str]


@dataclass(frozen=True)
class Table:
    """The rows that have the width of the header, and what is wrong with the others."""

    columns: tuple[str, ...]
    rows: list[Row]
    problems: list[Problem]


def read_table(content: bytes) -> Table:
    """Raises FileError when this is not a table with our columns."""
    text = _decode(content)
    header, _end, _rest = text.partition("\n")
    delimiter = ";" if header.count(";") >= header.count(",") else ","
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    lines = _numbered(reader)
    columns = _columns(next(lines, (1, []))[1])
    rows: list[Row] = []
    problems: list[Problem] = []
    for line, cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) == len(columns):
            rows.append(Row(line, dict(zip(columns, (cell.strip() for cell in cells), strict=True))))
        else:
            wrong = _("Deze regel heeft %(cells)s kolommen.") % {"cells": len(cells)}
            expected = _("Verwacht: %(columns)s, net als de kop.") % {"columns": len(columns)}
            problems.append(Problem(line, "", wrong, expected))
    if not rows and not problems:
        raise FileError(_("Het bestand heeft wel een kop, maar geen regels met praktijken."))
    return Table(columns, rows, problems)


def _decode(content: bytes) -> str:
    if not content.strip():
        raise FileError(_("Het bestand is leeg."))
    if len(content) > MOST_BYTES:
        raise FileError(_("Het bestand is groter dan 50 MB. Verdeel het over meer bestanden."))
    if content.startswith(_ZIP):
        raise FileError(
            _("Dit is een werkmap van een rekenblad. Sla het blad op als “CSV UTF-8” en probeer het opnieuw.")
        )
    if content.startswith(_UTF_16):
        raise FileError(_("Dit bestand is in UTF-16 opgeslagen. Sla het op als “CSV UTF-8” en probeer het opnieuw."))
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileError(
            _(
                "Dit bestand is niet in UTF-8 opgeslagen, waarschijnlijk in Windows-1252: regel %(line)s heeft een "
                "teken dat in UTF-8 niet kan. Sla het op als “CSV UTF-8” en probeer het opnieuw. Er is niets veranderd."
            )
            % {"line": line}
        ) from error
    if "\x00" in text:
        raise FileError(_("Dit is geen tabel in tekst. Sla het blad op als “CSV UTF-8” en probeer het opnieuw."))
    return text


def _numbered(reader: "csv._reader") -> Iterator[tuple[int, list[str]]]:  # type: ignore[name-defined]
    """Rows with the line on which each begins; a quoted value may run over several lines."""
    begins = 1
    try:
        for cells in reader:
            yield begins, cells
            begins = reader.line_num + 1
    except csv.Error as error:
        raise FileError(
            _("Vanaf regel %(line)s klopt een aanhalingsteken niet: het is niet gesloten, of er staat tekst achter.")
            % {"line": begins}
        ) from error


def _columns(header: list[str]) -> tuple[str, ...]:
    columns = tuple(name.strip().lower() for name in header)
    if not set(columns) & set(COLUMNS):
        raise FileError(
            _(
                "Dit is geen tabel die wij kennen: de eerste regel moet de namen van de kolommen hebben, "
                "zoals %(names)s."
            )
            % {"names": ", ".join(REQUIRED)}
        )
    if missing := [name for name in REQUIRED if name not in columns]:
        raise FileError(_("Deze kolommen ontbreken: %(names)s.") % {"names": ", ".join(missing)})
    if twice := sorted({name for name in columns if columns.count(name) > 1}):
        raise FileError(_("Deze kolommen staan er meer dan eens in: %(names)s.") % {"names": ", ".join(twice)})
    if unknown := [name for name in columns if name not in COLUMNS and past_column(name) is None]:
        raise FileError(_("Deze kolommen kennen wij niet: %(names)s.") % {"names": ", ".join(map(_suggest, unknown))})
    return columns


def _suggest(name: str) -> str:
    near = get_close_matches(name, COLUMNS, n=1)
    if near:
        return _("%(name)s (bedoelt u %(near)s?)") % {"name": name, "near": near[0]}
    return name or _("een kolom zonder naam")
