"""What a workbook is like inside, before openpyxl opens it.

A workbook is a zip with XML in it. Who made it may have meant harm: a few kilobytes that unpack to gigabytes, millions
of elements in one row, entities that multiply. So every part is first read once in small pieces, counted, and refused
when it is more than a list of practices can be. On the way it notes what openpyxl's read-only mode does not tell.
"""

import io
import zlib
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat
from zipfile import BadZipFile, ZipFile

from django.utils.translation import gettext as _

from balie.practices.importing.problems import FileError

MOST_PARTS = 2_000
MOST_UNPACKED = 100 * 1024 * 1024
MOST_ELEMENTS = 3_000_000
# Styles and the like, of which openpyxl makes an object each.
MOST_ELEMENTS_ELSEWHERE = 100_000
MOST_ELEMENTS_IN_ROW = 2_000
DEEPEST = 100
LAST_ROW = 1_048_576
_PIECE = 64 * 1024
_LARGE_PARTS = {"worksheet", "sst"}
_TRUE = {"1", "true"}


@dataclass
class Part:
    """One file of the package. The hidden rows and the ranges of merged cells, if it is a sheet."""

    hidden: set[int] = field(default_factory=set)
    merged: list[str] = field(default_factory=list)


def inspect(content: bytes) -> dict[str, Part]:
    """Every part by its path. Raises FileError when it is no workbook, is damaged, or is too much."""
    try:
        with ZipFile(io.BytesIO(content)) as package:
            return _inspect(package)
    except (BadZipFile, EOFError, NotImplementedError, OSError, RuntimeError, ValueError, zlib.error) as error:
        raise damaged() from error


def damaged() -> FileError:
    return FileError(
        _(
            "Deze werkmap kan niet worden gelezen; het bestand is beschadigd of heeft een wachtwoord. Open het in uw "
            "rekenblad, sla het opnieuw op als .xlsx en probeer het opnieuw."
        )
    )


def _inspect(package: ZipFile) -> dict[str, Part]:
    members = package.infolist()
    _check_kind({member.filename for member in members})
    if len(members) > MOST_PARTS or sum(member.file_size for member in members) > MOST_UNPACKED:
        raise _too_much()
    parts = {}
    left = MOST_ELEMENTS
    for member in members:
        scan = _Scan(left)
        with package.open(member) as source:
            scan.run(source)  # zipfile gives no more than the size that was added up above
        left -= scan.count
        parts[member.filename] = scan.part
    return parts


def _check_kind(names: set[str]) -> None:
    if "xl/workbook.bin" in names:
        raise FileError(_("Dit is een binaire werkmap (.xlsb). Sla haar op als .xlsx en probeer het opnieuw."))
    if "content.xml" in names and "mimetype" in names:
        raise FileError(_("Dit is een OpenDocument-blad (.ods). Sla het op als .xlsx en probeer het opnieuw."))
    if "[Content_Types].xml" not in names or not any(name.startswith("xl/") for name in names):
        raise FileError(
            _("Dit is een ingepakt bestand (zip), maar geen werkmap. Sla het blad op als .xlsx of als “CSV UTF-8”.")
        )


def _too_much() -> FileError:
    return FileError(
        _(
            "Deze werkmap is van binnen veel groter dan een lijst met praktijken kan zijn. Kopieer alleen de tabel "
            "naar een nieuwe werkmap en probeer die."
        )
    )


class _Scan:
    """Reads one part as XML, in constant memory. What is no XML is none of our business: openpyxl will say so."""

    def __init__(self, most: int) -> None:
        self.part = Part()
        self.count = 0
        self._most = most
        self._depth = 0
        self._row = 0
        self._in_row = 0
        self._parser = expat.ParserCreate(namespace_separator=" ")
        self._parser.StartElementHandler = self._start
        self._parser.EndElementHandler = self._end
        self._parser.StartDoctypeDeclHandler = self._doctype

    def run(self, source: IO[bytes]) -> None:
        try:
            while piece := source.read(_PIECE):
                self._parser.Parse(piece)
        except expat.ExpatError:
            return

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        tag = name[name.rfind(" ") + 1 :]
        self._depth += 1
        self.count += 1
        self._in_row += 1
        if self._depth == 1 and tag not in _LARGE_PARTS:
            self._most = min(self._most, MOST_ELEMENTS_ELSEWHERE)
        if tag == "row":
            self._take_row(attributes)
        elif tag == "mergeCell" and "ref" in attributes:
            self.part.merged.append(attributes["ref"])
        elif tag == "c" and self._in_row > MOST_ELEMENTS_IN_ROW:
            raise _too_much()
        if self.count > self._most or self._depth > DEEPEST:
            raise _too_much()

    def _take_row(self, attributes: dict[str, str]) -> None:
        self._in_row = 0
        number = attributes.get("r", "")
        self._row = int(number) if number.isdecimal() and len(number) <= 7 else self._row + 1
        if len(number) > 7 or self._row > LAST_ROW:
            raise _too_much()
        if attributes.get("hidden") in _TRUE:
            self.part.hidden.add(self._row)

    def _end(self, _name: str) -> None:
        self._depth -= 1

    def _doctype(self, *_declaration: object) -> None:
        raise _too_much()
