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


def watch(
    act: Annotated[
        Act, typer.Argument(help="run; check: only read the graph, and say what is wrong with it")
    ] = Act.RUN,
    *,
    graph: Annotated[Path | None, typer.Option(help="another graph than BALIE_WATCH_GRAPH names")] = None,
) -> None:
    prepare()
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
