"""`balie import-practices FILE [--yes]`: what a file of practices would change, and with `--yes` changing it."""

from pathlib import Path

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn
from rich.table import Table
from rich.text import Text

from balie.practices.importing.comparing import Difference, Outcome
from balie.practices.importing.problems import FileError, Problem
from balie.practices.importing.progress import Step, Tell
from balie.practices.importing.reading import MOST_BYTES, too_large
from balie.practices.importing.report import label, shown
from balie.practices.importing.services import Report, import_file

MOST_SHOWN = 100


def import_practices(file: Path, *, yes: bool) -> int:
    """The exit status: 0 when nothing is wrong with the file, 1 when something is; then nothing has changed."""
    console = Console(soft_wrap=False)
    with override("nl"):
        try:
            with _bar(console) as bar:
                report = import_file(_content(file), name=file.name, write=yes, tell=_telling(bar))
        except OSError as error:
            console.print(
                _("Dit bestand kan niet worden gelezen: %(why)s") % {"why": error}, style="bold red", markup=False
            )
            return 1
        except FileError as error:
            console.print(f"{error} {_('Er is niets veranderd.')}", style="bold red", markup=False)
            return 1
        if report.problems:
            _show_problems(console, report)
            return 1
        _show_differences(console, report)
        return 0


def _content(file: Path) -> bytes:
    if file.stat().st_size > MOST_BYTES:
        raise too_large()
    return file.read_bytes()


def _bar(console: Console) -> Progress:
    """Gone when it is done, and nothing at all where the output is no terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    return Progress(*columns, console=console, transient=True, disable=not console.is_terminal)


def _telling(bar: Progress) -> Tell:
    names = {Step.READ: _("Lezen"), Step.CHECKED: _("Controleren"), Step.WRITTEN: _("Opslaan")}
    tasks = {}

    def tell(step: Step, done: int, total: int) -> None:
        if step not in tasks:
            tasks[step] = bar.add_task(names[step], total=None)
        bar.update(tasks[step], completed=done, total=total or None)

    return tell


def _show_problems(console: Console, report: Report) -> None:
    table = Table(title=_("Eerst te herstellen"), title_justify="left")
    for heading in (_("Regel"), _("Kolom"), _("Daar staat"), _("Wat er mis is"), _("Wat er wordt verwacht")):
        table.add_column(heading, overflow="fold")
    for problem in report.problems[:MOST_SHOWN]:
        table.add_row(*_cells(problem))
    console.print(table)
    if (more := len(report.problems) - MOST_SHOWN) > 0:
        console.print(_("En nog %(more)s.") % {"more": _number(more)})
    problems, rows = len(report.problems), report.rows
    counts = {
        "problems": ngettext("%(number)s fout", "%(number)s fouten", problems) % {"number": _number(problems)},
        "rows": ngettext("in %(number)s regel", "in %(number)s regels", rows) % {"number": _number(rows)},
    }
    console.print(_("%(problems)s %(rows)s. Er is niets veranderd.") % counts, style="bold red")


def _cells(problem: Problem) -> list[Text]:
    values = (str(problem.line), problem.column, problem.found, problem.wrong, problem.expected)
    return [Text(value) for value in values]


def _show_differences(console: Console, report: Report) -> None:
    changed = [each for each in report.differences if each.outcome is Outcome.CHANGED]
    if changed:
        console.print(_changes(changed[:MOST_SHOWN]))
    if (more := len(changed) - MOST_SHOWN) > 0:
        console.print(_("En nog %(more)s gewijzigde praktijken.") % {"more": _number(more)})
    console.print(
        _("%(rows)s regels, %(practices)s praktijken: %(created)s nieuw, %(changed)s gewijzigd, %(unchanged)s gelijk.")
        % {
            "rows": _number(report.rows),
            "practices": _number(len(report.differences)),
            **{outcome.value: _number(report.count(outcome)) for outcome in Outcome},
        }
    )
    if report.written:
        console.print(_("Alles is opgeslagen."), style="bold green")
    else:
        console.print(_("Dit was een proef: er is niets veranderd. Voeg --yes toe om het op te slaan."), style="bold")


def _changes(differences: list[Difference]) -> Table:
    table = Table(title=_("Gewijzigde praktijken"), title_justify="left")
    for heading in (_("Regel"), _("AGB-code"), _("Wat"), _("Was"), _("Wordt")):
        table.add_column(heading, overflow="fold")
    for difference in differences:
        for name, (before, after) in difference.changes.items():
            what = (label(name), shown(name, before), shown(name, after))
            cells = (str(difference.incoming.line), difference.incoming.agb_code, *what)
            table.add_row(*(Text(cell) for cell in cells))
    return table


def _number(value: int) -> str:
    return f"{value:,}".replace(",", ".")
