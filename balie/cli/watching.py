"""`balie watch`: look at every part and name what is at fault; and what goes with it on the same machine."""

import asyncio
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from balie.cli.faults import CommandError
from balie.cli.install import prepare
from balie.cli.oncall import check_team, find_team

if TYPE_CHECKING:
    from balie.ops.graph import Graph


class Act(StrEnum):
    RUN = "run"
    CHECK = "check"
    ENROL = "enrol"
    LINK = "link"


def watch(
    act: Annotated[
        Act,
        typer.Argument(
            help="run; check: only read the graph, and say what is wrong with it; enrol: make who the probes are; "
            "link: an address that opens the console without logging in"
        ),
    ] = Act.RUN,
    *,
    graph: Annotated[Path | None, typer.Option(help="another graph than BALIE_WATCH_GRAPH names")] = None,
    host: Annotated[str, typer.Option(help="address of the console")] = "127.0.0.1",
    port: Annotated[int, typer.Option(help="port of the console", min=1, max=65535)] = 8400,
    hours: Annotated[int, typer.Option(help="how long a link counts", min=1, max=72)] = 12,
) -> None:
    prepare()
    match act:
        case Act.ENROL:
            enrol()
        case Act.LINK:
            from balie.ops.access import make_link

            print(make_link(hours))
        case Act.CHECK:
            found = _read(graph)
            print(f"The graph is right: {len(found.nodes)} nodes, {len(found.probes)} probes.")
            check_team()
        case Act.RUN:
            _run(graph, host, port)


def _read(path: Path | None) -> "Graph":
    from balie.ops.graph import GraphError
    from balie.ops.places import load_graph

    try:
        return load_graph(path)
    except GraphError as fault:
        raise CommandError(str(fault)) from None


def _run(path: Path | None, host: str, port: int) -> None:
    graph = _read(path)
    team_file = find_team()
    from balie.lib.log import set_up_logging
    from balie.lib.ports import refuse_a_port_in_use
    from balie.ops.ledger import LedgerError
    from balie.ops.oncall.duty import OnCall
    from balie.watch import open_ledger
    from balie.watch import watch as run

    refuse_a_port_in_use(host, port)
    try:
        ledger = open_ledger()
    except LedgerError as fault:
        raise CommandError(str(fault)) from None
    set_up_logging()
    try:
        asyncio.run(run(graph, ledger, OnCall(graph, team_file) if team_file else None, host=host, port=port))
    finally:
        ledger.close()
    sys.exit(0)


def enrol() -> None:
    """Before the key servers know this person as software, they give it ten shares a day."""
    from django.conf import settings

    from balie.consult.client.machine import keyring_and_device
    from balie.ops.canary import RELEASES_A_DAY
    from balie.ops.card import folder
    from balie.ops.enrolling import enrol_keys, enrol_people, take_place
    from balie.ops.probes import Unwell

    card = enrol_people()
    print(f"The watch is two people of practice {card.practice}; who they are stands in {folder()}.")
    try:
        asyncio.run(take_place())
    except Unwell as unwell:
        raise CommandError(f"its number is not called: {unwell}. Run this again once `serve` and `work` run.") from None
    if not settings.KEY_SERVERS:
        return
    keyring, _ = keyring_and_device(folder())
    print(f'For [machines] of each key server: "{keyring.person}" = {RELEASES_A_DAY}')
    if missing := asyncio.run(enrol_keys(card)):
        raise CommandError("these key servers have no share yet: " + "; ".join(map(str, missing)))
    print("All key servers have their share.")
