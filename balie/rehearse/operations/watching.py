"""Starts the watch of an installation of ours, and stops it before anything that it looks at."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import psycopg

from balie.embedded import parts
from balie.embedded.ports import free_ports
from balie.rehearse.judge.operations import Watched, read_watched
from balie.rehearse.operations.graph import write_graph

if TYPE_CHECKING:
    from balie.rehearse.install import Installation

READY = "/ready"
CLOSINGS = "select extract(epoch from at)::float8 from practices_notice where closed and cause = 'rule' order by id"


def start_watch(installation: Installation) -> dict[str, str]:
    """Once everything else answers, so that it has nothing to say. Returns where it answers, once it judges."""
    folder = installation.folder / "watch"
    os.environ |= {"BALIE_WATCH_FOLDER": str(folder), "BALIE_WATCH_GRAPH": str(write_graph(installation))}
    port = free_ports(1)[0]
    installation.start("watch", parts.command("balie.cli", "watch", "--port", port))
    return {f"http://127.0.0.1:{port}": READY}


def stop_watch(installation: Installation) -> Watched:
    """What it said, and what was closed because of that."""
    for child in installation.parts["watch"]:
        installation.kept_dead.add(child)
        child.stop()
    with psycopg.connect(installation.dsn) as conn:
        closings = [at for (at,) in conn.execute(CLOSINGS)]
    return read_watched(installation.folder / "watch" / "watch.sqlite", closings)
