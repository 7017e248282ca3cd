"""`balie rehearse`: plays a whole night on loopback, breaks things meanwhile, and judges what came of it."""

from __future__ import annotations

import json
import os
import shlex
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import msgspec
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
from rich.table import Table

from balie.rehearse.faults import KINDS, OUTAGES, Fault, FaultError, parse_fault
from balie.rehearse.install import NotReadyError
from balie.rehearse.logins.scenario import LoginOutcome, rehearse_login
from balie.rehearse.operations.disk import DiskError
from balie.rehearse.rehearsal import Outcome, Say, Wish, rehearse_own
from balie.rehearse.rehearsal import Progress as Tell
from balie.rehearse.talks.scenario import TalkOutcome, rehearse_talks
from balie.rehearse.target import TargetError, rehearse_target
from balie.rehearse.year.scenario import rehearse_year

AnyOutcome = Outcome | LoginOutcome | TalkOutcome
SCENARIOS: dict[str, Callable[..., AnyOutcome]] = {
    "ordering": rehearse_own,
    "year": rehearse_year,
    "consult": rehearse_talks,
    "login": rehearse_login,
}
ECONSULTS = ("started", "answered", "moved", "phoned", "lost", "out_of_order_urgency", "told_late")
PHASES = {"quiet": "quiet", "logins": "while people log in"}


def rehearse(
    *,
    scenario: Annotated[str, typer.Option(help=f"one of: {', '.join(SCENARIOS)}")] = "ordering",
    practices: Annotated[int, typer.Option(min=1, max=20_000, help="how many take part")] = 300,
    arrivals: Annotated[
        float, typer.Option(min=1, help="seconds in which they arrive; a third before the opening")
    ] = 45,
    auto: Annotated[
        float, typer.Option(min=0, max=0.9, help="share of them for whom Balie orders while nobody is awake")
    ] = 0.5,
    groups: Annotated[
        int,
        typer.Option(min=1, max=20, help="regions for which the campaign opens one after the other; 1: all at once"),
    ] = 1,
    fault: Annotated[
        list[str] | None, typer.Option(help=rf"NAME\[=VALUE]\[@START+DURATION], repeatable: {', '.join(KINDS)}")
    ] = None,
    report: Annotated[
        Path | None, typer.Option(help="folder for report.html, the figures, what clients saw, and the parts' logs")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="file for the figures")] = None,
    target: Annotated[
        str | None, typer.Option(help="a running installation on loopback, instead of one of our own")
    ] = None,
    judge_dsn: Annotated[str | None, typer.Option(help="of the target's database, for the judge")] = None,
) -> None:
    """Exit status 0 only if every promise was kept and the load itself kept up."""
    try:
        faults = [parse_fault(text) for text in fault or []]
    except FaultError as error:
        raise typer.BadParameter(str(error), param_hint="--fault") from None
    _refuse_what_does_not_go_together(scenario, faults=faults, groups=groups, target=target)
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that everything is cleared away then too
    wish = Wish(practices=practices, arrivals_s=arrivals, auto=auto, groups=groups, faults=faults)
    with _folder(report) as folder, _shown() as (say, tell):
        outcome: AnyOutcome
        try:
            if target is not None:
                outcome = rehearse_target(wish, url=target, judge_dsn=judge_dsn, say=say, progress=tell)
            else:
                outcome = SCENARIOS[scenario](wish, logs=folder / "logs", say=say, progress=tell)
        except (NotReadyError, TargetError) as error:
            raise typer.BadParameter(str(error), param_hint="--target") from None
        except DiskError as error:
            raise typer.BadParameter(str(error), param_hint="--fault") from None
        say("Writing the report")
        if report is not None:
            _write_report(outcome, wish, folder)
        if json_file is not None:
            _write_json(outcome.report, json_file)
    _show(outcome, report)
    if outcome.report["verdict"] != "pass":
        raise typer.Exit(1)


def _refuse_what_does_not_go_together(
    scenario: str, *, faults: Sequence[Fault], groups: int, target: str | None
) -> None:
    if scenario not in SCENARIOS:
        raise typer.BadParameter(f"There is no scenario {scenario!r}; known: {', '.join(SCENARIOS)}.")
    if scenario != "ordering" and (groups > 1 or target is not None):
        raise typer.BadParameter(f"Scenario {scenario} has no groups, and an installation of its own.")
    if scenario == "login" and faults:
        raise typer.BadParameter("Scenario login has no faults.")
    if scenario != "consult" and any(each.name in OUTAGES for each in faults):
        raise typer.BadParameter(f"Only scenario consult has key servers: {', '.join(OUTAGES)}.")


@contextmanager
def _folder(report: Path | None) -> Iterator[Path]:
    """Where the report goes; without one, a folder for the logs that is gone afterwards."""
    if report is not None:
        report.mkdir(parents=True, exist_ok=True)
        yield report.resolve()
        return
    with TemporaryDirectory(prefix="balie-rehearse-logs-") as folder:
        yield Path(folder)


@contextmanager
def _shown() -> Iterator[tuple[Say, Tell]]:
    """A line that says what is going on, with the count of practices that are done; plain lines where nobody looks."""
    console = Console(stderr=True)
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as shown:
        task = shown.add_task("", total=None)

        def say(what: str) -> None:
            shown.update(task, description=what)
            if not console.is_terminal:
                console.print(what)

        yield say, lambda done, total: shown.update(task, completed=done, total=total)


def _write_report(outcome: AnyOutcome, wish: Wish, folder: Path) -> None:
    command = shlex.join(["balie", *sys.argv[1:]])
    if isinstance(outcome, TalkOutcome):
        from balie.rehearse.talks.page import render_talks

        page = render_talks(outcome, wish, command=command)
    elif isinstance(outcome, LoginOutcome):
        from balie.rehearse.logins.page import render_logins

        page = render_logins(outcome, wish, command=command)
        (folder / "logins.json").write_bytes(msgspec.json.encode(outcome.arrived))
    else:
        page = _page_of_night(outcome, wish, command)
    (folder / "report.html").write_text(page, encoding="utf-8")
    _write_json(outcome.report, folder / "report.json")
    log = outcome.talked if isinstance(outcome, TalkOutcome) else outcome.night.log
    (folder / "clients.json").write_bytes(msgspec.json.encode(log))
    if isinstance(outcome, TalkOutcome):
        (folder / "saturday.json").write_bytes(msgspec.json.encode(outcome.saturday))


def _page_of_night(outcome: Outcome, wish: Wish, command: str) -> str:
    from balie.lib.plots import Window
    from balie.rehearse.report import Story, render_report

    story = Story(
        report=outcome.report,
        command=command,
        began_at=outcome.began_at,
        duration_s=outcome.duration_s,
        arrivals_s=wish.arrivals_s,
        cores=os.cpu_count() or 1,
        opens_at=outcome.plan.opens_at,
        ended_at=outcome.night.ended_at,
        arrivals=outcome.night.arrivals,
        samples=outcome.sampler.samples,
        timeline=outcome.night.measures.timeline,
        ages=outcome.night.measures.ages,
        windows=[
            Window(start_s=w["start_s"], stop_s=w["stop_s"], label=w["name"].partition("@")[0]) for w in outcome.windows
        ],
    )
    return render_report(story)


def _write_json(report: dict[str, Any], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def _show(outcome: AnyOutcome, folder: Path | None) -> None:
    report, console = outcome.report, Console(highlight=False)
    table = Table(box=None, show_header=False)
    for row in _rows(outcome):
        table.add_row(*row)
    table.add_row("generator", f"lag p99 {report['generator'].get('lag_p99_ms')} ms")
    table.add_row("processor", ", ".join(f"{part} {percent:.0f}%" for part, percent in report["cpu"].items()))
    console.print(table)
    if folder is not None:
        console.print(f"report: {folder / 'report.html'}")
    if report["verdict"] == "pass":
        console.print("Pass: every promise was kept.", style="bold green")
    else:
        console.print(f"Fail: {', '.join(report['failed'])}", style="bold red")


def _rows(outcome: AnyOutcome) -> Iterator[tuple[str, str]]:
    if isinstance(outcome, TalkOutcome):
        return _rows_of_talks(outcome.report)
    return _rows_of_logins(outcome.report) if isinstance(outcome, LoginOutcome) else _rows_of_night(outcome)


def _rows_of_talks(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    yield "people", str(report["practices"])
    yield "messages", ", ".join(f"{count} {name}" for name, count in report["messages"].items())
    yield "unlocks", ", ".join(f"{count} {name}" for name, count in report["unlocks"].items())
    if econsults := report.get("econsults"):
        yield "e-consults", ", ".join(f"{econsults[name]} {name}" for name in ECONSULTS)
    shifts = report["shifts"]
    yield "shifts", f"{shifts['begun']} of {shifts['tried']}, {shifts['without_key_servers']} without key servers"
    yield "traces", f"{len(report['traces']['found'])} in {report['traces']['sources']} tables, logs and files"
    for kind in ("send", "deliver", "unlock"):
        if latency := report["latency_ms"].get(kind):
            yield f"{kind} p50 / p99", f"{latency['p50']} / {latency['p99']} ms"


def _rows_of_night(outcome: Outcome) -> Iterator[tuple[str, str]]:
    report = outcome.report
    yield "practices", f"{report['practices']} in {outcome.duration_s:.0f} s"
    yield "orders", ", ".join(f"{count} {name}" for name, count in report["orders"].items())
    yield "by Balie itself", str(report["notes"]["auto"]["ordered"])
    yield "mail", ", ".join(f"{count} {name}" for name, count in report["mail"].items())
    yield "oversold days", str(report["oversold_days"])
    yield "wrongly expired", str(report["wrongly_expired"])
    yield "queue inversions", str(report["queue_inversions"])
    yield "draws", f"{report['draws']} {'verified' if report['draw_verified'] else 'wrong'}"
    for what in ("swaps", "offers", "changes", "days"):
        if what in report:
            yield what, ", ".join(f"{count} {name.replace('_', ' ')}" for name, count in report[what].items())
    yield "calendar age p99", f"{report['calendar_age_ms']['p99']} ms"
    for kind in ("join", "hold", "confirm"):
        if latency := report["latency_ms"].get(kind):
            yield f"{kind} p50 / p99", f"{latency['p50']} / {latency['p99']} ms"


def _rows_of_logins(report: dict[str, Any]) -> Iterator[tuple[str, str]]:
    logins, hot = report["logins"], report["hot_paths"]
    yield "logins", f"{logins['inside']} of {logins['wanted']}, {logins['per_s']} a second"
    yield "with a second step", str(logins["second_step"])
    yield "asked for patience", f"{logins['turned_away']} times"
    yield "waited p50 / p99", f"{logins['waited_ms'].get('p50')} / {logins['waited_ms'].get('p99')} ms, all pages"
    yield "processor per login", f"{logins['cpu_ms_each']} ms"
    for kind in ("join", "hold", "confirm", "all"):
        p99 = [f"{hot[phase].get(kind, {}).get('p99')} ms {words}" for phase, words in PHASES.items()]
        yield f"{kind} p99", ", ".join(p99)
    yield "ratio", f"{hot['p99_ratio']}, at most {hot['ratio_most']}"
    yield "orders", ", ".join(f"{count} {name}" for name, count in report["orders"].items())
