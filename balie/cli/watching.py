"""`balie watch`: look at every part and name what is at fault; and what goes with it on the same machine."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer

from balie.cli.faults import CommandError
from balie.cli.install import prepare


class Act(StrEnum):
    RUN = "run"
    CHECK = "check"
    ENROL = "enrol"


def watch(
    act: Annotated[
        Act,
        typer.Argument(
            help="run; check: only read the graph, and say what is wrong with it; enrol: make who the probes are"
        ),
    ] = Act.RUN,
    *,
    graph: Annotated[Path | None, typer.Option(help="another graph than BALIE_WATCH_GRAPH names")] = None,
) -> None:
    prepare()
    if act is Act.ENROL:
        enrol()
        return
    from balie.ops.graph import GraphError
    from balie.ops.places import load_graph

    try:
        found = load_graph(graph)
    except GraphError as fault:
        raise CommandError(str(fault)) from None
    match act:
        case Act.CHECK:
            print(f"The graph is right: {len(found.nodes)} nodes, {len(found.probes)} probes.")
        case Act.RUN:
            raise CommandError("not built yet")


def enrol() -> None:
    """Before the key servers know this person as software, they give it ten shares a day."""
    import asyncio

    from django.conf import settings

    from balie.ops.card import folder
    from balie.ops.enrolling import enrol_keys, enrol_people
    from balie.ops.keys import RELEASES_A_DAY, keyring_and_device

    card = enrol_people()
    print(f"The watch is two people of practice {card.practice}; who they are stands in {folder()}.")
    if not settings.KEY_SERVERS:
        return
    keyring, _ = keyring_and_device(folder())
    print(f'For [machines] of each key server: "{keyring.person}" = {RELEASES_A_DAY}')
    if missing := asyncio.run(enrol_keys(card)):
        raise CommandError("these key servers have no share yet: " + "; ".join(map(str, missing)))
    print("All key servers have their share.")
