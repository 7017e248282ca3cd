"""An incident of the past, played as a rehearsal: minutes then and now, and the report that the watch's ledger gives.

    python -m balie.rehearse.operations.replay 2023-08-19 FOLDER docs/incidents/2023-08-19-messaging.md

FOLDER is the report of the rehearsal. What stands in the page between the two marks is replaced.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

from balie.rehearse.judge.verdict import GENERATOR_LAG_LIMIT_MS

FIGURES: Final = "incidents.json"
REPORT: Final = "incidents-en.md"
BEGIN, END = "<!-- computed: begin -->", "<!-- computed: end -->"
STEPS: Final = {
    "detected": "It was noticed",
    "paged": "Somebody on call was told",
    "acknowledged": "Somebody took it",
    "named": "The cause was named",
    "closed": "The function was closed",
    "told": "Everybody could read of it",
    "restored": "All worked again",
}
# In minutes, from what the seed documents say; where they say nothing, so do we.
THEN: Final[Mapping[str, Mapping[str, str]]] = {
    "2023-08-19": {
        "detected": "0: four posts phoned",
        "paged": "0: by those posts",
        "acknowledged": "0",
        "named": "405",
        "closed": "120: by phone, post by post",
        "told": "never: posts were phoned, after 120 and 330",
        "restored": "420",
    },
    "2024-06-03": dict.fromkeys(STEPS, "not told")
    | {"closed": "never", "told": "afterwards, by letter", "restored": "in the same night"},
}


def computed(incident: str, folder: Path) -> str:
    """What stands between the marks."""
    report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
    facts = json.loads((folder / "logs" / FIGURES).read_text(encoding="utf-8"))
    lines = ["| | minutes then | minutes now |", "|---|---|---|"]
    for key, words in STEPS.items():
        lines.append(f"| {words} | {THEN[incident][key]} | {_now(facts, key)} |")
    lowered = re.sub(r"^#", "##", (folder / "logs" / REPORT).read_text(encoding="utf-8"), flags=re.MULTILINE)
    heading = "## What the ledger of the rehearsal says"
    return "\n".join([*lines, "", _kept(report), "", heading, "", lowered.strip()])


def _now(facts: Mapping[str, float | None], key: str) -> str:
    minutes = facts.get(key)
    return "–" if minutes is None else f"{minutes:.2f}"


def _kept(report: Mapping[str, Any]) -> str:
    """What people got done meanwhile."""
    if report["scenario"] == "consult":
        messages, unlocks = report["messages"], report["unlocks"]
        return (
            f"Meanwhile {report['practices']} people sent {messages['sent']} messages, of which {messages['lost']} "
            f"were lost, and {messages['stopped']} people had to wait for more than a quarter of a minute with one. Of "
            f"{unlocks['tried']} who opened their conversations on a fresh device {unlocks['succeeded']} could, "
            f"{unlocks['with_faults']} of them past something that was dead. {_judged(report)}"
        )
    orders, mail = report["orders"], report["mail"]
    return (
        f"Meanwhile {report['practices']} practices placed {orders['stored']} orders: {orders['lost']} lost, "
        f"{orders['doubled']} doubled, {report['oversold_days']} delivery days oversold, {report['wrongly_expired']} "
        f"clicks expired wrongly, {report['queue_inversions']} overtaken in the queue. Of {mail['expected']} mails "
        f"{mail['missing']} are missing. {_times(report)} {_judged(report)}"
    )


def _times(report: Mapping[str, Any]) -> str:
    """How long practices waited; nothing where the load itself could not keep up, since then that is what one sees."""
    lag_ms, latency = report["generator"]["lag_p99_ms"], report["latency_ms"]
    if lag_ms > GENERATOR_LAG_LIMIT_MS:
        return f"The load itself came up to {lag_ms / 1000:.0f} s late (p99), so that its times tell nothing of Balie."
    return (
        f"The calendar was at most {report['calendar_age_ms']['p99']} ms old (p99); holding a date took "
        f"{latency['hold']['p99']} ms and confirming {latency['confirm']['p99']} ms (p99)."
    )


def _judged(report: Mapping[str, Any]) -> str:
    """The verdict, with what broke and how busy the machine was, since that may be why."""
    failed = ", ".join(f"`{what}`" for what in report["failed"])
    busy = f"all processors together were busy for {report['operations']['cpu_percent']:.0f} %"
    return f"Judged by the rehearsal: **{report['verdict']}**{f' ({failed})' if failed else ''}; {busy}."


def main() -> None:
    incident, folder, page = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    after = rest.partition(END)[2]
    page.write_text(f"{before}{BEGIN}\n\n{computed(incident, folder)}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main()
