"""Verbs that read a file: import-practices and verify-draw."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.table import Table

from balie.cli.faults import CommandError
from balie.cli.install import prepare

if TYPE_CHECKING:
    from balie.practices.importing.writing import Report

_SHOWN = 200


def import_practices(
    file: Annotated[Path, typer.Argument(help="CSV, described in docs/import-practices.md")],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="do it; else it is only told what would change")] = False,
) -> None:
    prepare()
    from balie.practices.importing.problems import FileError
    from balie.practices.importing.writing import import_file

    try:
        report = import_file(file.read_bytes(), name=file.name, write=yes)
    except FileError as fault:
        raise CommandError(f"{file}: {fault}") from None
    _show_import(report)
    if report.problems:
        raise typer.Exit(1)


def _show_import(report: "Report") -> None:
    from balie.practices.importing.writing import Outcome

    console = Console(soft_wrap=True, highlight=False, markup=False)
    for problem in report.problems[:_SHOWN]:
        console.print(str(problem))
    if report.problems:
        more = len(report.problems) - _SHOWN
        console.print(f"… en nog {more}." if more > 0 else "", end="\n" if more > 0 else "")
        console.print(f"{len(report.problems)} fouten in {report.rows} regels; er is niets gewijzigd.")
        return
    table = Table("AGB-code", "praktijk", "wijziging", box=None)
    for difference in report.differences:
        if difference.outcome is not Outcome.UNCHANGED:
            changes = ", ".join(f"{name}: {before} → {after}" for name, (before, after) in difference.changes.items())
            name = str(difference.incoming.fields.get("name") or difference.before or "")
            table.add_row(difference.incoming.agb_code, name, changes or "nieuw")
    console.print(table)
    counts = {outcome: report.count(outcome) for outcome in Outcome}
    done = "Gedaan" if report.written else "Nog niets gewijzigd; met --yes gebeurt dit"
    console.print(
        f"{done}: {counts[Outcome.CREATED]} nieuw, {counts[Outcome.CHANGED]} gewijzigd, "
        f"{counts[Outcome.UNCHANGED]} ongewijzigd."
    )


def verify_draw(
    file: Annotated[Path, typer.Argument(help="the published draw, as saved from the draw page")],
    ticket: Annotated[str, typer.Option(help="also print the number of this ticket")] = "",
) -> None:
    from balie.waitingroom.draw import verify_file

    try:
        report = verify_file(file)
    except ValueError as fault:
        raise CommandError(str(fault)) from None
    for wrong in report.faults:
        print(f"WRONG: {wrong}")
    if report.faults:
        raise typer.Exit(1)
    beacon = "with a public random number" if report.beacon else "without a beacon: the organiser must be trusted"
    print(f"The draw is right: {report.tickets} tickets, {beacon}.")
    if ticket:
        number = report.numbers.get(ticket.strip().lower())
        print(f"Ticket {ticket} has number {number}." if number else f"Ticket {ticket} was not in the draw.")
