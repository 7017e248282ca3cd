"""What the watch said of each fault, as a page of the documentation: `scripts/faults` writes it.

    python -m balie.rehearse.operations.table REPORT.json… > docs/faults.md

Exit status 1 where a fault was missed, named late, or something was named that was well.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from balie.rehearse.judge.operations import broken_by

HEAD = """\
# What the watch saw

Made by `scripts/faults` on {day}, on {cores} cores: every fault of the [rehearsal](rehearsal.md) one after the other,
while practices order and people talk, and what `balie watch` said of each. Times are seconds from the start of the
fault. Where something else stands in for what is struck nothing has to be named; what is named then wakes nobody.

| fault | must be named | was named | seen after | named after | closed after |
|---|---|---|---|---|---|
"""
FOOT = """
Named although well: {wrong}. All processors together were busy for {busy}.
"""


def render(reports: Sequence[Mapping[str, Any]], *, day: datetime) -> str:
    """The whole page."""
    rows = [_row(fault) for report in reports for fault in report["faults"]]
    wrong = [f"`{node}` ({why})" for report in reports for node, why in report["operations"]["wrongly_named"].items()]
    busy = " and ".join(f"{report['operations']['cpu_percent']:.0f} % ({report['scenario']})" for report in reports)
    head = HEAD.format(day=f"{day:%d-%m-%Y}", cores=os.cpu_count())
    return head + "\n".join(rows) + "\n" + FOOT.format(wrong=", ".join(wrong) or "nothing", busy=busy)


def _row(fault: Mapping[str, Any]) -> str:
    cells = [f"`{fault['name'].partition('@')[0]}`"]
    cells += [", ".join(f"`{node}`" for node in nodes) for nodes in (_nodes(fault["expected"]), fault["named"])]
    cells += ["" if fault[what] is None else f"{fault[what]:.1f}" for what in ("detected_s", "named_s", "closed_s")]
    return f"| {' | '.join(cells)} |"


def _nodes(names: str) -> list[str]:
    return names.split(", ") if names else []


def main() -> None:
    reports = [json.loads(Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:]]
    sys.stdout.write(render(reports, day=datetime.now(UTC)))
    broken = {what: found for report in reports for what, found in broken_by(report["operations"]).items() if found}
    sys.exit(json.dumps(broken) if broken else 0)


if __name__ == "__main__":
    main()
