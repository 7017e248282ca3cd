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
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.request import urlopen

from balie.embedded import parts
from balie.embedded.migrated import migrated_cluster, migrated_database
from balie.embedded.ports import free_ports
from balie.embedded.postgres import Postgres
from balie.embedded.smsbox import gateway_url
from balie.embedded.supervisor import Child, Part, Supervisor
from balie.embedded.vaults import PORTS, Vaults, prepare_vaults
from balie.embedded.vitals import HEALTH

if TYPE_CHECKING:
    from balie.rehearse.operations.watching import Post

SKEW = Path(__file__).parent / "skew"
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})
SERVE = {"live": 2, "streams": 1, "pages": 1}
WORKERS = 2
RP_ID = "127.0.0.1"
ANSWERS = {"pages": "/account/login/", "login": "/account/login/", "live": "/live/health", "streams": "/live/health"}
READY_S = 60.0
TEND_EVERY_S = 0.2


class NotReadyError(Exception):
    """A part of the installation did not come up; the text has its last words."""


@dataclass(kw_only=True)
class Installation:
    """One that runs. `parts` by role; what is in `kept_dead` is not started again for now."""

    folder: Path
    server: Postgres
    supervisor: Supervisor
    upstreams: dict[str, list[str]]
    parts: dict[str, list[Child]] = field(default_factory=dict)
    kept_dead: set[Child] = field(default_factory=set)
    sink_control: str = ""
    vaults: Vaults | None = None
    ends: ExitStack = field(default_factory=ExitStack)  # what must be undone once every part has stopped
    watches: list[Post] = field(default_factory=list)

    @property
    def origin(self) -> str:
        return self.upstreams["pages"][0]

    @property
    def dsn(self) -> str:
        return self.server.dsn()

    @property
    def judge_dsn(self) -> str:
        return self.dsn.replace("//postgres@", "//balie_judge@")

    @property
    def application_dsn(self) -> str:
        """As the processes of the product come: they change rows, and neither tables nor what only grows."""
        return self.dsn.replace("//postgres@", "//balie_app@")

    @property
    def skew_file(self) -> Path:
        return self.folder / "skew"

    @property
    def watch_folder(self) -> Path:
        """Of the first watch, once there is one."""
        return self.watches[0].folder

    @property
    def accepted_log(self) -> Path:
        return self.folder / "accepted.jsonl"

    async def tend(self) -> None:
        """Until cancelled: start again whatever died, unless it is kept dead."""
        while True:
            for child in self.supervisor.children:
                if child not in self.kept_dead:
                    child.tend()
            await asyncio.sleep(TEND_EVERY_S)

    def roots(self) -> dict[str, list[int]]:
        """The processes at the top of each part."""
        database = int((self.server.data / "postmaster.pid").read_text(encoding="ascii").split("\n", 1)[0])
        return {role: [child.pid for child in children] for role, children in self.parts.items()} | {
            "database": [database]
        }

    def start(
        self, role: str, command: Sequence[str], *, skewed: bool = False, environment: Mapping[str, str] = NO_SETTINGS
    ) -> Child:
        if skewed:
            paths = [str(SKEW), *filter(None, [os.environ.get("PYTHONPATH")])]
            environment = {"PYTHONPATH": os.pathsep.join(paths), "BALIE_REHEARSE_SKEW": str(self.skew_file)}
        environment = {"DATABASE_URL": self.application_dsn, **environment}
        started = self.parts.setdefault(role, [])
        child = self.supervisor.start(Part(f"{role}-{len(started) + 1}", command, environment))
        started.append(child)
        return child


@contextmanager
def installed(
    *,
    logs: Path,
    serve: Mapping[str, int] = SERVE,
    settings: Mapping[str, str] = NO_SETTINGS,
    talking: bool = False,
) -> Iterator[Installation]:
    """An empty installation, its tables made; `start_parts` brings it to life, with so many processes of each role and
    these settings beside its own; with key servers, where people are `talking`. Sets this process's environment too.
    """
    folder = Path(tempfile.mkdtemp(prefix="balie-rehearse-", dir="/var/tmp"))  # a disk, where fsync costs what it costs
    folder.chmod(0o711)
    with ExitStack() as last:
        last.callback(shutil.rmtree, folder, ignore_errors=True)
        server = last.enter_context(Postgres(folder / "postgres", like=migrated_cluster))
        ports = free_ports(sum(serve.values()) + PORTS)
        upstreams = {role: [f"http://127.0.0.1:{ports.pop()}" for _ in range(count)] for role, count in serve.items()}
        ends = last.enter_context(ExitStack())
        supervisor = last.enter_context(Supervisor(logs))
        installation = Installation(folder=folder, server=server, supervisor=supervisor, upstreams=upstreams, ends=ends)
        if talking:
            vaults = prepare_vaults(folder / "keyservers", ports=ports, origin=installation.origin, rp_id=RP_ID)
            installation.vaults, settings = vaults, {**vaults.settings, **settings}
        os.environ |= {
            "DJANGO_SETTINGS_MODULE": "balie.settings",
            "DATABASE_URL": server.create_database("balie", template=migrated_database()),
            "BALIE_SECRET_KEY": secrets.token_urlsafe(48),
            "BALIE_ORIGINS": installation.origin,
            "BALIE_MAIL_DOMAIN": "rehearsal.example",
            **settings,
        }
        installation.skew_file.write_text("0", encoding="ascii")
        make_roles()
        yield installation


def make_roles() -> None:
    """What migrations leave to whoever may create roles: the judge's, and that of the product's processes."""
    import django
    from django.db import connection

    from balie.lib.sqlfiles import read_sql

    django.setup()
    with connection.cursor() as cursor:
        cursor.execute(read_sql("ordering", "judge_role"))
        cursor.execute("call consult_judge.admit_v1()")
        cursor.execute(read_sql("practices", "application_role"))


def start_mail(installation: Installation) -> None:
    """Start the mail server; `work` processes that start later send to it."""
    apart = installation.folder / "watch-mail"
    sink = parts.sink(installation.folder / "mail", accepted_log=installation.accepted_log, watch=apart)
    mailroom = parts.Mailroom.opened(installation.start("mail", sink.command))
    os.environ |= {"BALIE_WATCH_MAILBOX": "watch@rehearsal.example", "BALIE_WATCH_MAILDIR": str(apart)}
    installation.sink_control = f"http://127.0.0.1:{mailroom.control}"
    os.environ["BALIE_SMTP_URL"] = f"smtp://127.0.0.1:{mailroom.smtp}"


def start_parts(installation: Installation, *, texting: bool = False) -> None:
    """Start everything, and wait until all of it answers; `texting` gives it a gateway for text messages."""
    start_mail(installation)
    if texting:
        os.environ["BALIE_SMS_URL"] = gateway_url(int(installation.sink_control.rpartition(":")[2]))
    for number in range(WORKERS):
        installation.start("work", parts.command("balie.cli", "work"), skewed=number == 0)
    for role, urls in installation.upstreams.items():
        for number, url in enumerate(urls):
            where = ("--role", role, "--port", url.rpartition(":")[2], "--workers", 1)
            command = parts.command("balie.cli", "serve", *where)
            installation.start(role, command, skewed=role == "live" and number == 0)
    answers = {url: ANSWERS[role] for role, urls in installation.upstreams.items() for url in urls}
    for vault in installation.vaults.each if installation.vaults else ():
        server, proxy = vault.parts()
        installation.start("keyserver", server.command)
        installation.start("route", proxy.command)
        answers |= dict.fromkeys(vault.routes, HEALTH)
    wait_until_answered(installation, answers)


def wait_until_answered(installation: Installation, urls: Mapping[str, str]) -> None:
    """Until each base address answers its path with 200."""
    waiting, until = dict(urls), time.monotonic() + READY_S
    while waiting:
        for base, path in list(waiting.items()):
            with contextlib.suppress(URLError, OSError), urlopen(base + path, timeout=5):  # noqa: S310 - our own http
                del waiting[base]
        ended = installation.supervisor.unwell()
        if ended or time.monotonic() > until:
            words = "\n".join(f"{child.part.name}: {child.last_words()}" for child in ended)
            raise NotReadyError(f"No answer from {', '.join(b + p for b, p in waiting.items())}.\n{words}")
        time.sleep(0.1)


def read_accepted(log: Path) -> list[dict[str, object]]:
    """What the mail server took, from its own log."""
    return [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
