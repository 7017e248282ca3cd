"""The `bench` verb: rounds of everything in turn, medians of each figure, ratios of medians."""

from __future__ import annotations

import json
import os
import signal
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path
from statistics import median
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from balie.rehearse.bench.desk import desk_ratios, desks, measure_desks
from balie.rehearse.bench.ground import prepared_ground
from balie.rehearse.bench.messages import measure_messages, message_ratios
from balie.rehearse.bench.ordering import measure_ordering, with_ratios
from balie.rehearse.bench.slowmail import mail_worker, measure_slow_mail, slow_mail_ratios
from balie.rehearse.bench.talking import talking_ground
from balie.rehearse.bench.unlocking import key_servers, measure_unlocking, unlock_ratios
from balie.rehearse.bench.waiting import gate_ratios, generator_is_wrk, measure_gate, measure_waiting, trivial_app

# What the issue asks for; the rest of the file is the figures behind these.
TARGETS = {
    "hot_day_vs_pgbench": (">=", 3.5),
    "spread_vs_pgbench": (">=", 1.0),
    "gate_vs_trivial_asgi": (">=", 0.8),
    "confirm_p99_slow_mail_vs_healthy": ("<=", 1.2),
    "queries_per_waiting_practice": ("<=", 0.0),
    "messages_per_s": (">=", 580.0),  # twenty times the best of Synapse on two cores
    "deliver_p95_ms_49": ("<=", 300.0),
    "send_cost_1m_vs_10k": ("<=", 1.2),
    "unlock_p99_one_dead_vs_healthy": ("<=", 1.3),
    "order_search_100k_vs_1k": ("<=", 1.5),
    "control_room_100k_vs_1k": ("<=", 1.5),
}
Figures = dict[str, float]
Note = Callable[[Figures], None]
Say = Callable[[str], None]


def _measure_night(rounds: int, say: Say, note: Note) -> None:
    say("Preparing: practices join, are drawn and called")
    with prepared_ground() as ground:
        for number in range(1, rounds + 1):
            say(f"Round {number} of {rounds}: orders")
            note(measure_ordering(ground))
            say(f"Round {number} of {rounds}: the waiting room's file")
            with trivial_app(ground) as (url, child):
                note(measure_gate(ground, url, child))
            say(f"Round {number} of {rounds}: slow mail")
            with mail_worker(ground):
                note(measure_slow_mail(ground))
        say("What waiting costs")
        note(measure_waiting(ground))


def _night_ratios(found: Figures) -> Figures:
    return with_ratios(found) | gate_ratios(found) | slow_mail_ratios(found)


def _measure_unlocking(rounds: int, say: Say, note: Note) -> None:
    with key_servers() as servers:
        for number in range(1, rounds + 1):
            say(f"Round {number} of {rounds}: unlocking")
            note(measure_unlocking(servers))


def _measure_messages(rounds: int, say: Say, note: Note) -> None:
    say("Preparing: a hundred people, and a million messages")
    with talking_ground() as ground:
        for number in range(1, rounds + 1):
            say(f"Round {number} of {rounds}: messages")
            note(measure_messages(ground))


def _measure_desk(rounds: int, say: Say, note: Note) -> None:
    say("Preparing: a thousand orders, and a hundred thousand")
    with desks() as ground:
        for number in range(1, rounds + 1):
            say(f"Round {number} of {rounds}: the organiser's pages")
            note(measure_desks(ground))


@dataclass(frozen=True)
class Part:
    """What is measured on one ground, and the ratios of its medians."""

    measure: Callable[[int, Say, Note], None]
    ratios: Callable[[Figures], Figures]


PARTS = {
    "night": Part(_measure_night, _night_ratios),
    "unlocking": Part(_measure_unlocking, unlock_ratios),
    "messages": Part(_measure_messages, message_ratios),
    "desk": Part(_measure_desk, desk_ratios),
}


def bench(
    *,
    json_file: Annotated[Path | None, typer.Option("--json", help="file for the figures: one flat object")] = None,
    rounds: Annotated[int, typer.Option(min=1, max=20, help="of each figure the median counts")] = 3,
    only: Annotated[list[str] | None, typer.Option(help=f"repeatable: {', '.join(PARTS)}")] = None,
) -> None:
    """Measures the hot paths beside hand-written SQL and a trivial app, on this machine, in one run."""
    if unknown := set(only or ()) - PARTS.keys():
        raise typer.BadParameter(
            f"There is no {', '.join(sorted(unknown))}; known: {', '.join(PARTS)}.", param_hint="--only"
        )
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # ends the part that is measured, which clears away
    figures: Figures = {}
    for name in only or PARTS:
        figures |= measure_apart(PARTS[name], rounds)
    figures |= {"rounds": rounds, "cores": os.cpu_count() or 1, "gate_generator_is_wrk": int(generator_is_wrk())}
    if json_file is not None:
        json_file.parent.mkdir(parents=True, exist_ok=True)
        json_file.write_text(json.dumps(figures, indent=1) + "\n", encoding="utf-8")
    show(figures)


def measure_apart(part: Part, rounds: int) -> Figures:
    """One part, in a process of its own: Django knows one database in its life, and each part makes another.

    Raises `SystemExit` when the part failed, which has said why.
    """
    spawn = get_context("spawn")
    receiver, sender = spawn.Pipe(duplex=False)
    child = spawn.Process(target=_tell, args=(part, rounds, sender), daemon=True)
    child.start()
    sender.close()  # ours, so that the end of the child is the end of what it tells
    try:
        found: Figures = receiver.recv()
    except EOFError:
        child.join()
        raise SystemExit(child.exitcode or 1) from None
    child.join()
    return found


def _tell(part: Part, rounds: int, to: Connection) -> None:
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that everything is cleared away then too
    to.send(measure(part, rounds))


def measure(part: Part, rounds: int) -> Figures:
    """The medians of what its rounds found, and the ratios of these, rounded to what they are worth."""
    seen: dict[str, list[float]] = defaultdict(list)

    def note(found: Figures) -> None:
        for figure, value in found.items():
            seen[figure].append(value)

    part.measure(rounds, Console(stderr=True).print, note)
    found = {figure: median(values) for figure, values in seen.items()}
    return {name: round(value, 3) for name, value in (found | part.ratios(found)).items()}


def show(figures: dict[str, float]) -> None:
    """The targets first, then everything."""
    table = Table(box=None)
    for title in ("figure", "value", "target"):
        table.add_column(title, justify="left" if title == "figure" else "right")
    for name, value in sorted(figures.items(), key=lambda item: (item[0] not in TARGETS, item[0])):
        sign, target = TARGETS.get(name, ("", 0.0))
        table.add_row(name, f"{value:,}", f"{sign} {target:g}" if sign else "")
    Console(highlight=False).print(table)
