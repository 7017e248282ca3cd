"""What can be wrong with a file, in words for the person who made it."""

from dataclasses import dataclass

from django.utils.translation import gettext as _


class FileError(Exception):
    """Nothing in the file can be used; the text says why and what to do."""


class CellError(Exception):
    """One value is wrong. `wrong` says what, `expected` what would do."""

    def __init__(self, wrong: str, expected: str) -> None:
        super().__init__(wrong)
        self.wrong = wrong
        self.expected = expected


@dataclass(frozen=True, order=True)
class Problem:
    """One thing to repair. `column` is empty when the whole row is meant; `found` is what stands there."""

    line: int
    column: str
    wrong: str
    expected: str
    found: str = ""

    def __str__(self) -> str:
        place = _("Regel %(line)s") % {"line": self.line}
        if self.column:
            place = _("%(place)s, kolom %(column)s") % {"place": place, "column": self.column}
        found = f" “{self.found}”" if self.found else ""
        return f"{place}:{found} {self.wrong} {self.expected}"
