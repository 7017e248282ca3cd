"""Starts the watch of an installation of ours, and stops it before anything that it looks at.

Two people are on call, each by mail and by text, and nobody answers: every step of every escalation has to come. A
second watch, with a ledger of its own, looks at the first where that may be killed or lose its disk.
"""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import psycopg

from balie.embedded import parts
from balie.embedded.oncall import PEOPLE, write_rotas
from balie.embedded.ports import free_ports
from balie.embedded.smsbox import file_beside
from balie.rehearse.judge.ledger import Watched, count_doubled, read_watched
from balie.rehearse.operations.disk import small_disk
from balie.rehearse.operations.graph import write_graph
from balie.rehearse.operations.retelling import write_reports

if TYPE_CHECKING:
    from balie.rehearse.faults import Fault
    from balie.rehearse.install import Installation

READY: Final = "/ready"
CLOSINGS: Final = (
    "select extract(epoch from at)::float8 from practices_notice where closed and cause = 'rule' order by id"
)
SECOND: Final = Path(__file__).with_name("second.toml")
OF_THE_WATCH: Final = frozenset({"watch-kill", "disk-full"})
NOWHERE: Final = "postgresql://127.0.0.1:1/none"  # the second watch knows nothing of the product
WAIT_S: Final = 30  # for an answer, until the second of the two is told
UPDATE: Final = re.compile(r"#u(\d+)</id>")
READ_EVERY_S: Final = 0.2


class Reader(threading.Thread):
    """Somebody who reads the status page all the time: `seen` is when each update was there first."""

    def __init__(self, page: Path) -> None:
        super().__init__(name="status reader", daemon=True)
        self.seen: dict[int, float] = {}
        self._page = page
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(READ_EVERY_S):
            if self._page.exists():
                for number in UPDATE.findall(self._page.read_text(encoding="utf-8")):
                    self.seen.setdefault(int(number), time.time())

    def stop(self) -> None:
        self._over.set()
        self.join()


@dataclass(frozen=True)
class Post:
    """A watch that runs: where it writes, and who reads its page."""

    role: str
    folder: Path
    reader: Reader
    began_at: float

    @classmethod
    def begin(cls, role: str, folder: Path, page: Path) -> Post:
        reader = Reader(page / "feed.xml")
        reader.start()
        return cls(role, folder, reader, time.time())


def start_watch(installation: Installation, faults: Sequence[Fault] = ()) -> dict[str, str]:
    """Once everything else answers, so that it has nothing to say. Returns where it answers, once it judges."""
    folder = installation.folder / "watch"
    disk = next((fault for fault in faults if fault.name == "disk-full"), None)
    if disk:
        folder = installation.ends.enter_context(small_disk(disk.value, folder)) / "ledger"
    gateway = int(installation.sink_control.rpartition(":")[2])
    smtp = int(os.environ["BALIE_SMTP_URL"].rpartition(":")[2])
    rotas = write_rotas(installation.folder / "oncall", smtp=smtp, gateway=gateway, wait_s=WAIT_S)
    graph = write_graph(installation)
    first, second = (f"http://127.0.0.1:{port}" for port in free_ports(2))
    common = {"BALIE_WATCH_FOLDER": str(folder), "BALIE_WATCH_GRAPH": str(graph), "BALIE_WATCH_URL": first}
    _start(installation, "watch", common | rotas)
    answers = {first: READY}
    if any(fault.name in OF_THE_WATCH for fault in faults):
        beside = installation.folder / "second-watch"
        own = {"BALIE_WATCH_FOLDER": str(beside), "BALIE_WATCH_GRAPH": str(SECOND), "BALIE_WATCH_OTHER": first}
        _start(installation, "second-watch", own | rotas | {"BALIE_WATCH_URL": second, "BALIE_WATCH_DSN": NOWHERE})
        answers[second] = READY
    return answers


def _start(installation: Installation, role: str, settings: dict[str, str]) -> None:
    port = settings["BALIE_WATCH_URL"].rpartition(":")[2]
    page = installation.folder / f"{role}-page"  # what the public reads is not on the disk of the watch
    settings |= {"BALIE_STATUS_FOLDER": str(page)}
    installation.start(role, parts.command("balie.cli", "watch", "--port", port), environment=settings)
    installation.watches.append(Post.begin(role, Path(settings["BALIE_WATCH_FOLDER"]), page))


def stop_watch(installation: Installation) -> Watched:
    """What was said, and what was closed because of that."""
    until = time.time()
    for post in reversed(installation.watches):
        for child in installation.parts[post.role]:
            installation.kept_dead.add(child)
            child.stop()
        post.reader.stop()
    with psycopg.connect(installation.dsn) as conn:
        closings = [at for (at,) in conn.execute(CLOSINGS)]
    lasted_s = until - installation.watches[0].began_at
    found = Watched(closings=closings, doubled=_doubled(installation), lasted_s=lasted_s)
    for post in installation.watches:
        found = found.beside(read_watched(_ledger(post), seen=post.reader.seen, until=until))
    first = _ledger(installation.watches[0])
    write_reports(first, installation.folder / "graph.toml", installation.supervisor.logs)
    return found


def _ledger(post: Post) -> Path:
    return post.folder / "watch.sqlite"


def _doubled(installation: Installation) -> dict[str, int]:
    """Text messages that arrived more often than the watches meant them."""
    file = file_beside(installation.folder / "mail")
    arrived = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()] if file.exists() else []
    people = {mobile: key for key, (_, mobile) in PEOPLE.items()}
    ours = [text for text in arrived if text["to"] in people]
    return count_doubled(ours, [_ledger(post) for post in installation.watches], channel="text", people=people)
