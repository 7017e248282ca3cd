"""From a table to practices: every value checked, rows of one practice put together. Touches no database."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from balie.practices.importing.columns import (
    COLUMNS,
    LOCATION_COLUMNS,
    PAST_COLUMN,
    PERSON_COLUMNS,
    PRACTICE_COLUMNS,
    PREVIOUS,
    past_column,
)
from balie.practices.importing.problems import CellError, Problem
from balie.practices.importing.progress import EVERY, Step, Tell, tell_nobody
from balie.practices.importing.reading import Row, Table
from balie.practices.models import Membership


class Place(NamedTuple):
    """Where a lorry may deliver."""

    street: str
    postcode: str
    city: str

    def __str__(self) -> str:
        return f"{self.street}, {self.postcode} {self.city}"


class Worker(NamedTuple):
    """`role` is None where the file does not say."""

    name: str
    role: Membership.Role | None


@dataclass
class Incoming:
    """A practice as the file has it; `line` is its first row.

    `said` is what that row says in the columns of the practice and of earlier years: "" where the cell is empty, None
    where it is wrong.
    """

    agb_code: str
    line: int
    said: dict[str, object] = field(default_factory=dict)
    locations: dict[str, Place] = field(default_factory=dict)
    people: dict[str, Worker] = field(default_factory=dict)
    lines: dict[str, int] = field(default_factory=dict)

    @property
    def previous(self) -> str:
        """The code it had until now, ANOTHER, or nothing."""
        return str(self.said.get(PREVIOUS) or "")

    @property
    def fields(self) -> dict[str, object]:
        """What becomes of the practice's own fields, where the file has the column."""
        return {name: value for name, value in self.said.items() if name in PRACTICE_COLUMNS}

    @property
    def past(self) -> dict[tuple[str, int], dict[str, int]]:
        """Doses ordered and administered, as far as the file says, by product and year."""
        doses: dict[tuple[str, int], dict[str, int]] = {}
        for name, value in self.said.items():
            column = past_column(name)
            if column and isinstance(value, int):
                doses.setdefault((column.product_code, column.year), {})[column.kind] = value
        return doses


def check_table(table: Table, tell: Tell = tell_nobody) -> tuple[list[Incoming], list[Problem]]:
    """The practices in order of their AGB code, and every problem in order of its line."""
    checker = _Checker(table.columns)
    for seen, row in enumerate(table.rows):
        checker.take(row)
        if seen % EVERY == 0:
            tell(Step.CHECKED, seen, len(table.rows))
    tell(Step.CHECKED, len(table.rows), len(table.rows))
    return (
        sorted(checker.found.values(), key=lambda practice: practice.agb_code),
        sorted([*table.problems, *checker.problems]),
    )


class _Checker:
    """Takes rows one by one and remembers what earlier rows said."""

    def __init__(self, columns: Iterable[str]) -> None:
        self.shared = [name for name in columns if name in {PREVIOUS, *PRACTICE_COLUMNS} or past_column(name)]
        self.found: dict[str, Incoming] = {}
        self.problems: list[Problem] = []
        self._names: dict[str, tuple[str, int]] = {}

    def take(self, row: Row) -> None:
        key = row.values["agb_code"]
        first = key not in self.found
        practice = self.found.setdefault(key, Incoming(agb_code=key, line=row.line))
        if first:
            self._clean(row, "agb_code")
            for name in self.shared:
                practice.said[name] = self._clean(row, name)
            self._need_ordered(row, practice)
        else:
            self._agree(row, practice)
        news = [self._take_location(row, practice, first=first), self._take_person(row, practice)]
        if not first and not any(news):
            self._problem(
                row,
                "",
                _("Deze regel voegt niets toe: locatie en persoon staan al bij deze praktijk."),
                _("Verwacht: een andere locatie of een andere persoon dan op regel %(line)s.")
                % {"line": practice.line},
            )

    def _need_ordered(self, row: Row, practice: Incoming) -> None:
        for (product, year), doses in practice.past.items():
            if "ordered" not in doses:
                self._problem(
                    row,
                    f"administered_{product}_{year}",
                    _("doses gegeven, maar niet besteld?"),
                    _("Verwacht: ook een aantal in ordered_%(product)s_%(year)s.") % {"product": product, "year": year},
                )

    def _agree(self, row: Row, practice: Incoming) -> None:
        """The first row of a practice says how it is; later rows are empty or say the same."""
        for name in self.shared:
            said = practice.said[name]
            if said is None or not row.values[name]:
                continue
            value = self._clean(row, name)
            if value is not None and value != said:
                self._problem(
                    row,
                    name,
                    _("is anders dan op regel %(line)s.") % {"line": practice.line},
                    _("Verwacht: leeg of hetzelfde, want het is dezelfde AGB-code."),
                )

    def _take_location(self, row: Row, practice: Incoming, *, first: bool) -> bool:
        """Whether the row has a location that is new."""
        if not first and not any(row.values.get(name) for name in LOCATION_COLUMNS):
            return False
        values = {name: self._clean(row, name) for name in LOCATION_COLUMNS if name != "location_name"}
        name = str(self._clean(row, "location_name"))
        place = Place(**{key: str(value) for key, value in values.items()})
        known = practice.locations.setdefault(name, place)
        new = practice.lines.setdefault(f"location:{name}", row.line) == row.line
        if known != place:
            self._problem(
                row,
                "location_name",
                _("staat op regel %(line)s met een ander adres.") % {"line": practice.lines[f"location:{name}"]},
                _("Verwacht: elke locatie van een praktijk heeft een eigen naam."),
            )
            return True
        return new

    def _take_person(self, row: Row, practice: Incoming) -> bool:
        """Whether the row names a person who is new for this practice."""
        given = {name: row.values.get(name, "") for name in PERSON_COLUMNS}
        if not any(given.values()):
            return False
        address, name = str(self._clean(row, "person_email")), str(self._clean(row, "person_name"))
        if not address or not name:
            column = "person_name" if address else "person_email"
            self._problem(
                row, column, _("Er staat niets."), _("Verwacht: naam en e-mailadres van de persoon, allebei.")
            )
            return True
        role = self._clean(row, "person_role") if given["person_role"] else None
        known, line = self._names.setdefault(address, (name, row.line))
        if known != name:
            self._problem(
                row,
                "person_name",
                _("heet op regel %(line)s anders.") % {"line": line},
                _("Verwacht: %(name)s, want het is hetzelfde e-mailadres.") % {"name": known},
            )
        new = address not in practice.people
        practice.people.setdefault(address, Worker(name, role if isinstance(role, Membership.Role) else None))
        return new

    def _clean(self, row: Row, name: str) -> object:
        """The value as we keep it; None, and a problem, when it is wrong."""
        if name in row.unusable:
            return None
        value = row.values.get(name, "")
        column = COLUMNS.get(name, PAST_COLUMN)
        if not value and column.empty is not None:
            return column.empty
        try:
            return column.clean(value)
        except CellError as error:
            self._problem(row, name, error.wrong, error.expected)
            return None

    def _problem(self, row: Row, column: str, wrong: str, expected: str) -> None:
        self.problems.append(Problem(row.line, column, wrong, expected, found=row.values.get(column, "")))
