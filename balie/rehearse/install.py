"""A complete installation for one rehearsal, on loopback, in separate roles: started, filled, tended, cleared away.

PostgreSQL with fsync on; two processes each of the roles `live` and `work`, so that one can die; a mail server that can
fall ill. Every part logs into `logs`.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import secrets
import shutil
import socket
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from balie.embedded.postgres import Postgres
from balie.embedded.supervisor import Child, Part, Supervisor
from balie.rehearse.cast import Member

SKEW = Path(__file__).parent / "skew"
SERVE = {"live": 2, "streams": 1, "pages": 1}
WORKERS = 2
READY_S = 60.0
TEND_EVERY_S = 0.2
SMALLEST_COUNTRY = 400  # so that a delivery day has room for the largest practice
PREPARED_SHARE = 0.8  # of an imaginary country has an order ready; somewhat more, in fact
PREPARED_SPARE = 20


class NotReadyError(Exception):
    """A part of the installation did not come up; the text has its last words."""


@dataclass(kw_only=True)
class Installation:
    """One that runs; `parts` by role. What is in `kept_dead` is not started again for now."""

    dsn: str
    judge_dsn: str
    upstreams: dict[str, list[str]]
    origin: str
    logs: Path
    sink_control: str
    skew_file: Path
    accepted_log: Path
    supervisor: Supervisor
    database_pid: int
    parts: dict[str, list[Child]] = field(default_factory=dict)
    kept_dead: set[Child] = field(default_factory=set)

    async def tend(self) -> None:
        """Until cancelled: start again whatever died, unless it is kept dead."""
        while True:
            for child in self.supervisor.children:
                if child not in self.kept_dead:
                    child.tend()
            await asyncio.sleep(TEND_EVERY_S)


@contextmanager
def installed(*, logs: Path) -> Iterator[Installation]:
    """An empty installation, its tables made; `start_parts` brings it to life. Sets this process's environment too."""
    folder = Path(tempfile.mkdtemp(prefix="balie-rehearse-", dir="/var/tmp"))
    folder.chmod(0o711)
    with ExitStack() as last:
        last.callback(shutil.rmtree, folder, ignore_errors=True)
        server = last.enter_context(Postgres(folder / "postgres"))
        dsn = server.ensure_database("balie")
        ports = free_ports(sum(SERVE.values()) + 2)
        urls = {role: [f"http://127.0.0.1:{ports.pop()}" for _ in range(count)] for role, count in SERVE.items()}
        smtp, control = ports
        origin = urls["pages"][0]
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "balie.settings",
            "DATABASE_URL": dsn,
            "BALIE_SECRET_KEY": secrets.token_urlsafe(48),
            "BALIE_ORIGINS": origin,
            "BALIE_SMTP_URL": f"smtp://127.0.0.1:{smtp}",
            "BALIE_MAIL_DOMAIN": "rehearsal.example",
        }
        installation = Installation(
            dsn=dsn,
            judge_dsn=dsn.replace("//postgres@", "//balie_judge@"),
            upstreams=urls,
            origin=origin,
            logs=logs,
            sink_control=f"http://127.0.0.1:{control}",
            skew_file=folder / "skew",
            accepted_log=folder / "accepted.jsonl",
            supervisor=last.enter_context(Supervisor(logs)),
            database_pid=server_pid(server),
        )
        installation.skew_file.write_text("0", encoding="ascii")
        installation.accepted_log.touch()
        make_tables()
        yield installation


def server_pid(server: Postgres) -> int:
    """The process id of the database, whose first line of its own file says it."""
    return int((server.data / "postmaster.pid").read_text(encoding="ascii").splitlines()[0])


def make_tables() -> None:
    """Migrate, and make the judge's role."""
    import django
    from django.core.management import call_command
    from django.db import connection

    from balie.lib.sqlfiles import read_sql

    django.setup()
    call_command("migrate", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(read_sql("ordering", "judge_role"))


def fill(practices: int, *, opens_in_s: float, pace: int, window_s: int) -> tuple[int, float, list[Member]]:
    """An imaginary country and its campaign: its id, when it opens, and the practices that are ready, passes minted."""
    from balie.embedded.national import imagine_country
    from balie.embedded.seed import open_campaign, prepare_orders, seed_country
    from balie.rehearse.minting import mint_cast

    country = imagine_country(max(SMALLEST_COUNTRY, round(practices / PREPARED_SHARE) + PREPARED_SPARE))
    seed_country(country, last_year=datetime.now(UTC).year - 1)
    doors_at = datetime.now(UTC)
    opens_at = doors_at + timedelta(seconds=opens_in_s)
    campaign = open_campaign(
        country, slug="repetitie", doors_at=doors_at, opens_at=opens_at, pace=pace, window_s=window_s
    )
    prepare_orders(campaign, country)
    return campaign.pk, opens_at.timestamp(), mint_cast(campaign, practices=practices)


def start_parts(installation: Installation) -> None:
    """Start everything, in the order of need, and wait until all of it answers."""
    smtp, control = (os.environ["BALIE_SMTP_URL"].rpartition(":")[2], installation.sink_control.rpartition(":")[2])
    maildir = installation.accepted_log.with_name("mail")
    sink = ["--port", smtp, "--control", control, "--maildir", str(maildir)]
    _start(installation, "sink", ["balie.embedded.sink", *sink, "--accepted-log", str(installation.accepted_log)])
    for number in range(1, WORKERS + 1):
        _start(installation, "work", ["balie.cli", "work"], skewed=number == 1, number=number)
    for role, urls in installation.upstreams.items():
        for number, url in enumerate(urls, start=1):
            port = url.rpartition(":")[2]
            command = ["balie.cli", "serve", "--role", role, "--host", "127.0.0.1", "--port", port, "--workers", "1"]
            _start(installation, role, command, skewed=role == "live" and number == 1, number=number)
    answers = {"pages": "/account/login/", "live": "/live/health", "streams": "/live/health"}
    waiting = {url: answers[role] for role, urls in installation.upstreams.items() for url in urls}
    wait_until_answered(installation, waiting | {installation.sink_control: "/faults"})


def _start(
    installation: Installation, role: str, module: Sequence[str], *, skewed: bool = False, number: int = 1
) -> None:
    environment: Mapping[str, str] = {}
    if skewed:
        paths = [str(SKEW), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment = {"PYTHONPATH": os.pathsep.join(paths), "BALIE_REHEARSE_SKEW": str(installation.skew_file)}
    part = Part(name=f"{role}-{number}", command=[sys.executable, "-m", *module], environment=environment)
    installation.parts.setdefault(role, []).append(installation.supervisor.start(part))


def wait_until_answered(installation: Installation, urls: Mapping[str, str]) -> None:
    """Until each base address answers its path with 200."""
    waiting, until = dict(urls), time.monotonic() + READY_S
    while waiting:
        for base, path in list(waiting.items()):
            with contextlib.suppress(URLError, OSError), urlopen(base + path, timeout=5):  # noqa: S310 - our own http
                del waiting[base]
        ended = [child for child in installation.supervisor.children if not child.alive()]
        if ended or time.monotonic() > until:
            words = "\n".join(f"{child.part.name}: {child.last_words()}" for child in ended)
            raise NotReadyError(f"No answer from {', '.join(b + p for b, p in waiting.items())}.\n{words}")
        time.sleep(0.1)


def free_ports(count: int) -> list[int]:
    """Ports on loopback that nobody listens on now."""
    with ExitStack() as held:
        sockets = [held.enter_context(socket.socket()) for _ in range(count)]
        for each in sockets:
            each.bind(("127.0.0.1", 0))
        return [int(each.getsockname()[1]) for each in sockets]


def read_accepted(log: Path) -> list[dict[str, object]]:
    """What the mail server took, from its own log."""
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
