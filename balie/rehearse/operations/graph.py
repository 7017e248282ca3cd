"""The graph of an installation of ours."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from balie.rehearse.install import Installation

PATTERN = Path(__file__).with_name("graph.toml")


def write_graph(installation: Installation) -> Path:
    """Where it stands."""
    upstreams = installation.upstreams
    addresses = {f"live-{number}": url for number, url in enumerate(upstreams["live"], start=1)}
    addresses |= {"pages": upstreams["pages"][0], "streams": upstreams["streams"][0]}
    text = PATTERN.read_text(encoding="utf-8")
    for name, address in addresses.items():
        text = text.replace(f"@{name}@", address)
    graph = installation.folder / "graph.toml"
    graph.write_text(text, encoding="utf-8")
    return graph
