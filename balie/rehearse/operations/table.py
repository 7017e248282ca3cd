"""What the watch said of each fault, as a page of the documentation: `scripts/faults` writes it.

    python -m balie.rehearse.operations.table PIECE.json… > docs/faults.md

Exit status 1 where a fault was missed, named late, or something was named that was well.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psutil

from balie.rehearse.judge.operations import broken_by

HEAD = """\
# What the watch saw

Made by `scripts/faults` on {day}, on {machine}: every fault of the [rehearsal](rehearsal.md), while practices order or
people talk, what `balie watch` said of each, whom it woke, what it closed, and when the status page had it. Times are
seconds from the start of the fault. Where something else stands in for what is struck nothing has to be named, and what
is named then wakes nobody. Empty is what did not happen: nobody is woken for what people do not notice, and a verdict
closes [nothing but conversations](decisions/0008-no-verdict-closes-ordering.md), as long as it can tell the database.

| fault | must be named | was named | seen after | named after | paged after | closed after | posted after |
|---|---|---|---|---|---|---|---|
"""
TIMES = ("detected_s", "named_s", "paged_s", "closed_s", "posted_s")
QUIET = """
**Nothing said** in {nights} of {minutes} minutes in which nothing was broken that the watch looks at: {said} verdicts,
{alerts} messages to those on call.
"""
FOOT = """
Named although well: {wrong}. Late, or not at all: {late}. Woken for nothing, twice or never: {told}. Verdicts in all:
{said}; messages to those on call: {alerts}. All processors together were busy for {busy}; above 60 % times
say more of the machine than of the watch.
"""
UNSEEN = frozenset({"sms-silent", "sms-refuse", "clock-skew"})  # no node of the watch's is struck by these


def render(reports: Mapping[str, Mapping[str, Any]], *, day: datetime, machine: str) -> str:
    """The whole page, of reports by the name of their piece."""
    rows = [_row(fault) for report in reports.values() for fault in report["faults"]]
    head = HEAD.format(day=f"{day:%d-%m-%Y}", machine=machine)
    quiet = [report for report in reports.values() if _is_quiet(report)]
    return head + "\n".join(rows) + "\n" + _quiet(quiet) + _foot(reports)


def _is_quiet(report: Mapping[str, Any]) -> bool:
    return all(_kind(fault) in UNSEEN for fault in report["faults"])


def _kind(fault: Mapping[str, Any]) -> str:
    return str(fault["name"]).partition("@")[0].partition("=")[0]


def _quiet(reports: Sequence[Mapping[str, Any]]) -> str:
    if not reports:
        return ""
    every = [report["operations"] for report in reports]
    nights = f"{len(reports)} rehearsal{'s' if len(reports) > 1 else ''}"
    minutes = " and ".join(f"{report['operations']['watched_s'] / 60:.0f}" for report in reports)
    return QUIET.format(nights=nights, minutes=minutes, said=_sum(every, "said"), alerts=_sum(every, "alerts"))


def _foot(reports: Mapping[str, Mapping[str, Any]]) -> str:
    every = [report["operations"] for report in reports.values()]
    wrong = [f"`{node}` ({why})" for each in every for node, why in each["wrongly_named"].items()]
    late = [f"`{why}`" for each in every for why in each["late"]]
    told = [*(why for each in every for why in [*each["wrongly_told"], *each["untold"], *each["doubled"]])]
    busy = ", ".join(f"{report['operations']['cpu_percent']:.0f} % ({name})" for name, report in reports.items())
    return FOOT.format(
        wrong=", ".join(wrong) or "nothing",
        late=", ".join(late) or "nothing",
        told=", ".join(told) or "nobody",
        said=_sum(every, "said"),
        alerts=_sum(every, "alerts"),
        busy=busy,
    )


def _sum(every: Sequence[Mapping[str, Any]], what: str) -> int:
    return sum(each[what] for each in every)


def _row(fault: Mapping[str, Any]) -> str:
    cells = [f"`{fault['name'].partition('@')[0]}`"]
    cells += [", ".join(f"`{node}`" for node in nodes) for nodes in (_nodes(fault["expected"]), fault["named"])]
    cells += ["" if fault[what] is None else f"{fault[what]:.1f}" for what in TIMES]
    return f"| {' | '.join(cells)} |"


def _nodes(names: str) -> list[str]:
    return names.split(", ") if names else []


def this_machine() -> str:
    """Its processors and memory."""
    gigabytes = round(psutil.virtual_memory().total / 2**30)
    model = re.search(r"^model name\s*:\s*(.+)$", Path("/proc/cpuinfo").read_text(encoding="utf-8"), re.MULTILINE)
    return f"{os.cpu_count()} cores{f' of {model[1]}' if model else ''}, {gigabytes} GB"


def main() -> None:
    files = [Path(name) for name in sys.argv[1:]]
    reports = {file.stem: json.loads(file.read_text(encoding="utf-8")) for file in files}
    day = datetime.fromtimestamp(max(file.stat().st_mtime for file in files), UTC)
    sys.stdout.write(render(reports, day=day, machine=this_machine()))
    broken = {
        f"{name}: {what}": found
        for name, report in reports.items()
        for what, found in broken_by(report["operations"]).items()
        if found
    }
    sys.exit(json.dumps(broken) if broken else 0)


if __name__ == "__main__":
    main()
