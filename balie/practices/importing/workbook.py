"""Rows from a workbook (.xlsx). What a spreadsheet shows is what counts, as far as that can be known without it."""

import datetime as dt
import io
import math
import re
import warnings
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from balie.practices.importing.cells import Cells, tidy
from balie.practices.importing.package import Part, damaged, inspect
from balie.practices.importing.problems import CellError, FileError
from balie.practices.importing.progress import EVERY, Step, StoppedError, Tell

MOST_COLUMNS = 100
_ZEROS = re.compile(r"0+")
_MOST_MERGED = 1_000


class Sheet(NamedTuple):
    """The one sheet with a table in it."""

    name: str
    rows: list[Cells]


def read_workbook(content: bytes, *, is_header: Callable[[list[str]], bool], most_rows: int, tell: Tell) -> Sheet:
    """Raises FileError when there is no table in it, or more than one."""
    parts = inspect(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's, about what we do not read
            book = load_workbook(io.BytesIO(content), read_only=True, keep_links=False)
            sheet = _choose(book.worksheets, is_header)
            part = parts.get(sheet._worksheet_path, Part())  # noqa: SLF001 - the only way to know which part it is
            return Sheet(sheet.title, _read(sheet, part, most_rows, tell))
    except (FileError, StoppedError):
        raise
    except Exception as error:  # openpyxl raises whatever it trips over
        raise damaged() from error


def _choose(sheets: list[Any], is_header: Callable[[list[str]], bool]) -> Any:
    """The visible sheet that has our header; else the first that has anything, so that its header can be judged."""
    first_rows = [(sheet, next(_rows(sheet), None)) for sheet in sheets if sheet.sheet_state == "visible"]
    filled = [(sheet, row) for sheet, row in first_rows if row]
    if not filled:
        raise FileError(_("Deze werkmap heeft geen blad waar iets op staat."))
    fitting = [sheet for sheet, row in filled if is_header(row.values)]
    if len(fitting) > 1:
        names = ", ".join(f"“{sheet.title}”" for sheet in fitting[:10])
        raise FileError(
            _("Meer dan één blad heeft een tabel met praktijken: %(names)s. Laat er één over en probeer het opnieuw.")
            % {"names": names}
        )
    return fitting[0] if fitting else filled[0][0]


def _read(sheet: Any, part: Part, most_rows: int, tell: Tell) -> list[Cells]:
    merged = _merged(part)
    rows: list[Cells] = []
    for row in _rows(sheet):
        if len(rows) == most_rows:
            break
        if row.line in part.hidden:
            row.wrong[None] = CellError(
                _("Deze regel is verborgen in het rekenblad."),
                _("Verwacht: alleen regels die te zien zijn. Maak de regel zichtbaar of haal haar weg."),
            )
        row.wrong.update(merged.get(row.line, {}))
        rows.append(row)
        if len(rows) % EVERY == 0:
            tell(Step.READ, len(rows), 0)
    return rows


def _rows(sheet: Any) -> Iterator[Cells]:
    """Rows in which anything stands."""
    sheet.reset_dimensions()  # what a file says of its own size may be wrong
    for line, cells in enumerate(sheet.iter_rows(max_col=MOST_COLUMNS + 1), start=1):
        values: list[str] = []
        wrong: dict[int | None, CellError] = {}
        for place, cell in enumerate(cells):
            if cell.value is None:
                values.append("")
                continue
            found, fault = _value(cell)
            values.append(tidy(found))
            if fault:
                wrong[place] = fault
        if len(values) > MOST_COLUMNS and values[-1]:
            raise FileError(
                _("Regel %(line)s heeft meer dan %(most)s kolommen.") % {"line": line, "most": MOST_COLUMNS}
            )
        if any(values):
            yield Cells(line, values, wrong)


def _value(cell: Any) -> tuple[str, CellError | None]:
    """What stands in the cell, and what is wrong with that."""
    value = cell.value
    if cell.data_type == "f":
        return _formula(value)
    if isinstance(value, dt.date | dt.time | dt.timedelta):
        return _date(value)
    if isinstance(value, bool) or cell.data_type == "e":
        return _no_value(value)
    if isinstance(value, int | float):
        return _number(value, cell.number_format), None
    return str(value), None


def _number(value: float, shown_as: str) -> str:
    """A code that is kept as a number and shown with its leading zeros has its leading zeros."""
    if not math.isfinite(value) or value != int(value):
        return str(value).replace(".", ",")
    digits = str(int(value))
    return digits.zfill(len(shown_as)) if _ZEROS.fullmatch(shown_as) else digits


def _formula(value: object) -> tuple[str, CellError]:
    return str(getattr(value, "text", value)), CellError(
        _("is een formule."), _("Verwacht: de waarde zelf. Kopieer de cellen en plak ze als waarden.")
    )


def _date(value: dt.date | dt.time | dt.timedelta) -> tuple[str, CellError]:
    shown = f"{value:%d-%m-%Y}" if isinstance(value, dt.date) else str(value)
    return shown, CellError(
        _("is een datum of een tijd geworden."),
        _("Verwacht: tekst of een getal. Zet de kolom in het rekenblad op “tekst” en vul de waarde opnieuw in."),
    )


def _no_value(value: object) -> tuple[str, CellError]:
    if isinstance(value, bool):
        return _("WAAR") if value else _("ONWAAR"), CellError(
            _("is waar of onwaar."), _("Verwacht: tekst of een getal.")
        )
    return str(value), CellError(_("is een foutmelding van het rekenblad."), _("Verwacht: tekst of een getal."))


def _merged(part: Part) -> dict[int, dict[int | None, CellError]]:
    """By the row where the merged cells begin."""
    found: dict[int, dict[int | None, CellError]] = {}
    for reference in part.merged[:_MOST_MERGED]:
        first_column, first_row, _last_column, _last_row = range_boundaries(reference)
        if first_column is None or first_row is None:
            continue
        found.setdefault(first_row, {})[first_column - 1] = CellError(
            _("hoort bij samengevoegde cellen: %(range)s.") % {"range": reference[:20]},
            _("Verwacht: in elke cel een eigen waarde. Maak de samenvoeging ongedaan en vul alle regels."),
        )
    return found
