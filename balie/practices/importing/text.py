"""Rows from a text file with values between semicolons, commas or tabs (CSV)."""

import csv
import io
from collections.abc import Iterator

from django.utils.translation import gettext as _

from balie.practices.importing.cells import Cells, tidy
from balie.practices.importing.problems import FileError

_UTF_16 = (b"\xff\xfe", b"\xfe\xff")
_DELIMITERS = ";,\t"
_MOST_DELIMITERS = 1_000


def read_text(content: bytes) -> Iterator[Cells]:
    """Raises FileError when this is no text, or its quotes do not close."""
    text = _decode(content)
    lines = text.splitlines()
    delimiter = max(_DELIMITERS, key=next((line for line in lines if line.strip()), "").count)
    for number, line in enumerate(lines, start=1):
        if line.count(delimiter) > _MOST_DELIMITERS:
            raise FileError(_("Regel %(line)s heeft veel te veel kolommen.") % {"line": number})
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    begins = 1
    try:
        for cells in reader:
            yield Cells(begins, [tidy(cell) for cell in cells])
            begins = reader.line_num + 1  # a quoted value may run over several lines
    except csv.Error as error:
        raise FileError(
            _("Vanaf regel %(line)s klopt een aanhalingsteken niet: het is niet gesloten, of er staat tekst achter.")
            % {"line": begins}
        ) from error


def _decode(content: bytes) -> str:
    if content.startswith(_UTF_16):
        raise FileError(_("Dit bestand is in UTF-16 opgeslagen. Sla het op als “CSV UTF-8” en probeer het opnieuw."))
    if b"\x00" in content:
        raise FileError(
            _("Dit is geen tabel. Sla het blad op als werkmap (.xlsx) of als “CSV UTF-8” en probeer het opnieuw.")
        )
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise FileError(
            _(
                "Dit bestand is niet in UTF-8 opgeslagen, waarschijnlijk in Windows-1252: regel %(line)s heeft een "
                "teken dat in UTF-8 niet kan. Sla het op als “CSV UTF-8” en probeer het opnieuw."
            )
            % {"line": line}
        ) from error
