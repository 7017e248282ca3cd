"""Importing a file of practices: look at it, and do what it says, all of it or nothing."""

from dataclasses import dataclass

from django.db import connection, transaction

from balie.practices.importing.checking import check_table
from balie.practices.importing.comparing import Difference, Outcome, compare, count, fingerprint
from balie.practices.importing.problems import Problem
from balie.practices.importing.progress import Tell, tell_nobody
from balie.practices.importing.reading import read_table
from balie.practices.importing.writing import write_differences
from balie.practices.models import Person
from balie.practices.services import record

# Two imports at once could both find that a practice is not there yet.
_ONE_AT_A_TIME = "select pg_advisory_xact_lock(hashtext('practices.import'))"


class ChangedMeanwhileError(Exception):
    """What the file would change is no longer what somebody looked at; `report` has what it is now."""

    def __init__(self, report: "Report") -> None:
        super().__init__("changed meanwhile")
        self.report = report


@dataclass(frozen=True)
class Report:
    """What is wrong with the file; or, when nothing is, what it changes. `written` when that has been done."""

    rows: int
    problems: list[Problem]
    differences: list[Difference]
    written: bool = False
    sheet: str = ""

    def count(self, outcome: Outcome) -> int:
        return count(self.differences, outcome)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.differences)


def examine_file(content: bytes, *, tell: Tell = tell_nobody, lock: bool = False) -> Report:
    """What the file would change; nothing is written. With `lock`, what is there stays as it is until the end of the
    transaction. Raises FileError when it is no table with our columns.
    """
    table = read_table(content, tell)
    practices, problems = check_table(table, tell)
    differences, more = compare(practices, lock=lock)
    problems = sorted([*problems, *more])
    return Report(len(table.rows), problems, [] if problems else differences, sheet=table.sheet)


@transaction.atomic
def import_file(
    content: bytes,
    *,
    name: str,
    write: bool,
    actor: Person | None = None,
    seen: str | None = None,
    tell: Tell = tell_nobody,
) -> Report:
    """Report what the file would change, and with `write` change it: all of it, or nothing when anything is wrong.

    `name` goes into the log. Raises FileError when the file is no table with our columns, and ChangedMeanwhileError
    when its fingerprint is no longer the one that was `seen`.
    """
    if write:
        with connection.cursor() as cursor:
            cursor.execute(_ONE_AT_A_TIME)
    report = examine_file(content, tell=tell, lock=write)
    if seen is not None and (report.problems or report.fingerprint != seen):
        raise ChangedMeanwhileError(report)
    if not write or report.problems:
        return report
    write_differences(report.differences, actor=actor, reason=name, tell=tell)
    counts = {str(outcome): report.count(outcome) for outcome in Outcome}
    record(
        actor=actor,
        practice=None,
        action="practices.imported",
        subject=f"file:{name}",
        detail={"rows": report.rows, "bytes": len(content), **counts},
    )
    return Report(report.rows, [], report.differences, written=True, sheet=report.sheet)
