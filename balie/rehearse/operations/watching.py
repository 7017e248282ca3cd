"""Starts the watch of an installation of ours, and stops it before anything that it looks at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from balie.embedded import parts
from balie.embedded.ports import free_ports
from balie.rehearse.operations.graph import write_graph

if TYPE_CHECKING:
    from pathlib import Path

    from balie.rehearse.install import Installation

READY = "/ready"


def start_watch(installation: Installation) -> dict[str, str]:
    """Once everything else answers, so that it has nothing to say. Returns where it answers, once it judges."""
    folder = installation.folder / "watch"
    os.environ |= {"BALIE_WATCH_FOLDER": str(folder), "BALIE_WATCH_GRAPH": str(write_graph(installation))}
    port = free_ports(1)[0]
    installation.start("watch", parts.command("balie.cli", "watch", "--port", port))
    return {f"http://127.0.0.1:{port}": READY}


def stop_watch(installation: Installation) -> Path:
    """Where its ledger is."""
    for child in installation.parts["watch"]:
        installation.kept_dead.add(child)
        child.stop()
    return installation.folder / "watch" / "watch.sqlite"
