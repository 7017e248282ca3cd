"""The report of an import: a line for every problem, or for everything that changes, kept for the page and the file."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, islice

from django.db.models import Count
from django.utils.translation import gettext as _

from balie.lib.csvfile import harmless
from balie.practices.importing.columns import ROLES
from balie.practices.importing.comparing import Difference, Outcome
from balie.practices.importing.services import Report
from balie.practices.models import ImportJob, ImportLine

MOST_PROBLEMS = 50_000
MOST_SHOWN = 100
_LONGEST = 500
_ROLE_NAMES = {str(role): name for name, role in ROLES.items()}
Kind = ImportLine.Kind


def label(change: str) -> str:
    """What changes, as people call it; a column has its name in the file."""
    kind, _space, name = change.partition(" ")
    if kind == "location":
        return _("locatie %(name)s") % {"name": name}
    if kind == "person":
        return _("persoon %(address)s") % {"address": name}
    return change


def shown(change: str, value: object) -> str:
    """A value of a change; a dash where there is none."""
    if value in {None, ""}:
        return "–"
    return _ROLE_NAMES.get(str(value), str(value)) if change.startswith("person ") else str(value)


def keep_report(job: ImportJob, report: Report) -> None:
    """In place of the one before, in the caller's transaction."""
    ImportLine.objects.filter(job=job).delete()
    problems = islice(report.problems, MOST_PROBLEMS)
    lines = chain(
        (
            ImportLine(
                kind=Kind.PROBLEM,
                line=problem.line,
                column=problem.column,
                before=problem.found[:_LONGEST],
                after=problem.expected,
                wrong=problem.wrong,
            )
            for problem in problems
        ),
        chain.from_iterable(map(_lines, report.differences)),
    )
    ImportLine.objects.bulk_create(_of(job, lines), batch_size=2000)


def _of(job: ImportJob, lines: Iterable[ImportLine]) -> Iterator[ImportLine]:
    for line in lines:
        line.job = job
        # A file may have whatever a file may have; PostgreSQL keeps no NUL.
        line.before = line.before.replace("\0", "")
        yield line


def _lines(difference: Difference) -> Iterator[ImportLine]:
    incoming = difference.incoming
    about = {"line": incoming.line, "agb_code": incoming.agb_code, "name": str(incoming.said.get("name"))}
    if difference.outcome is Outcome.UNCHANGED:
        yield ImportLine(kind=Kind.UNCHANGED, **about)
    elif difference.outcome is Outcome.CREATED:
        words = [
            f"{label(change)}: {shown(change, after)}"
            for change, (_before, after) in difference.changes.items()
            if change != "name" and after not in {None, ""}
        ]
        yield ImportLine(kind=Kind.CREATED, after="; ".join(words)[:_LONGEST], **about)
    else:
        for change, (before, after) in difference.changes.items():
            yield ImportLine(
                kind=Kind.CHANGED,
                column=label(change)[:_LONGEST],
                before=shown(change, before),
                after=shown(change, after),
                **about,
            )


@dataclass(frozen=True)
class Choice:
    """What one can look at: a kind of line, or the problems of one column; and how many lines that are."""

    value: str
    name: str
    count: int


@dataclass(frozen=True)
class Excerpt:
    """The part of a report that one chose to see: its first lines, and how many there are in all."""

    choices: list[Choice]
    chosen: str
    lines: list[ImportLine]
    count: int

    @property
    def has_choice(self) -> bool:
        """Whether there is anything to look at, chosen or not."""
        return any(choice.count for choice in self.choices)

    @property
    def more(self) -> int:
        return self.count - len(self.lines)


def read_excerpt(job: ImportJob, chosen: str) -> Excerpt:
    """An unknown choice is the first one."""
    choices = _choices(job)
    values = [choice.value for choice in choices]
    if chosen not in values:
        chosen = next((choice.value for choice in choices if choice.count), "")
    lines = ImportLine.objects.filter(job=job)
    if job.problems:
        lines = lines.filter(kind=Kind.PROBLEM)
        lines = lines if chosen == ALL else lines.filter(column="" if chosen == WHOLE_ROW else chosen)
    else:
        lines = lines.filter(kind=chosen)
    return Excerpt(choices, chosen, list(lines.order_by("pk")[:MOST_SHOWN]), lines.count())


ALL = "alles"
WHOLE_ROW = "regel"


def _choices(job: ImportJob) -> list[Choice]:
    lines = ImportLine.objects.filter(job=job)
    if job.problems:
        columns = lines.filter(kind=Kind.PROBLEM).values("column").annotate(count=Count("pk")).order_by("column")
        by_column = [
            Choice(each["column"] or WHOLE_ROW, each["column"] or _("hele regel"), each["count"]) for each in columns
        ]
        return [Choice(ALL, _("alle kolommen"), sum(choice.count for choice in by_column)), *by_column]
    counts = {each["kind"]: each["count"] for each in lines.values("kind").annotate(count=Count("pk")).order_by("kind")}
    names = {
        Kind.CHANGED: _("wat er verandert"),
        Kind.CREATED: _("nieuwe praktijken"),
        Kind.UNCHANGED: _("wat gelijk blijft"),
    }
    return [Choice(str(kind), name, counts.get(str(kind), 0)) for kind, name in names.items()]


class _Echo:
    """A file that hands back what is written."""

    def write(self, value: str) -> str:
        return value


def report_as_csv(job: ImportJob) -> Iterator[str]:
    """All of it, as Dutch spreadsheets read it."""
    writer = csv.writer(_Echo(), delimiter=";")
    kinds = {
        str(Kind.PROBLEM): _("fout"),
        str(Kind.CREATED): _("nieuw"),
        str(Kind.CHANGED): _("gewijzigd"),
        str(Kind.UNCHANGED): _("gelijk"),
    }
    header = [_("regel"), _("soort"), _("AGB-code"), _("praktijk"), _("kolom"), _("was of staat er")]
    yield "\ufeff" + writer.writerow([*header, _("wordt of wordt verwacht"), _("wat er mis is")])
    for line in ImportLine.objects.filter(job=job).order_by("pk").iterator():
        cells = [line.agb_code, line.name, line.column, line.before, line.after, line.wrong]
        yield writer.writerow([line.line, kinds[line.kind], *map(harmless, cells)])
