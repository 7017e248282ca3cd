"""The computed report of each incident of a rehearsal, from the ledger of its watch."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Final

INCIDENTS: Final = "select id from ops_incident where joined_id is null order by began_at, id"
LANGUAGES: Final = ("nl", "en")


def write_reports(ledger: Path, graph_file: Path, folder: Path) -> None:
    """Into `folder`: `incidents-nl.md`, `incidents-en.md`, and the minutes of the first as `incidents.json`. Nothing
    where nothing happened.
    """
    from balie.ops.incidents.reports.reading import facts_from, report_from
    from balie.ops.places import load_graph

    with closing(sqlite3.connect(f"file:{ledger}?mode=ro", uri=True)) as conn:
        numbers = [number for (number,) in conn.execute(INCIDENTS)]
    if not numbers:
        return
    graph = load_graph(graph_file)
    for language in LANGUAGES:
        told = [report_from(ledger, graph, number, language=language) for number in numbers]
        (folder / f"incidents-{language}.md").write_text("\n".join(told), encoding="utf-8")
    facts = facts_from(ledger, graph, numbers[0])
    minutes = {step.key: step.minutes for step in facts.steps}
    (folder / "incidents.json").write_text(json.dumps(minutes), encoding="utf-8")
