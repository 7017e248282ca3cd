"""Databases for tests: a server with a migrated one to clone, ready in half a second.

pytest loads this module as a plugin (`-p` in pyproject.toml), because pytest-django reads the settings before it reads
any conftest.py. The fixtures are in the root's conftest.py.
"""

import base64
import gc
import os
import shutil
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
import pytest

from balie.embedded.binaries import NEWEST, bundled
from balie.embedded.migrated import MigrationsFailError, migrated_cluster, migrated_database
from balie.embedded.places import temporary_home
from balie.embedded.postgres import NOT_DURABLE, Postgres, copy_cluster, creation, removal, socket_dsn
from balie.embedded.reuse import Reused, prepare

DJANGO_DATABASE = "balie_django"
OLDEST_SUPPORTED = 15
_REUSABLE = "balie_reusable"
_SETTINGS = {**NOT_DURABLE, "max_wal_size": "256MB", "autovacuum": "off"}


@dataclass(frozen=True, order=True)
class Programs:
    """One PostgreSQL at hand."""

    major: int
    bindir: Path


def at_hand() -> list[Programs]:
    """Every supported PostgreSQL on this machine, oldest first: those in the wheel, and Debian's where installed."""
    found = {NEWEST: bundled(NEWEST), 16: bundled(16)}
    for bindir in Path("/usr/lib/postgresql").glob("*/bin"):
        if bindir.parent.name.isdecimal() and int(bindir.parent.name) >= OLDEST_SUPPORTED:
            found.setdefault(int(bindir.parent.name), bindir)
    return [Programs(major, bindir) for major, bindir in sorted(found.items())]


class TestServer:
    """A throw-away server under `home` that hands out databases made from the migrated template."""

    __test__ = False

    def __init__(self, home: Path, programs: Programs) -> None:
        self.programs = programs
        self.home = home / str(programs.major)
        self._count = 0
        self._server: Postgres | None = None
        self._hand: psycopg.Connection | None = None  # each connection costs as much as a test
        self._reusable = False
        self._resting: list[Reused] = []
        self._lent: dict[str, Reused] = {}

    def dsn(self, name: str) -> str:
        """The DSN of database `name`, known before the server runs."""
        return socket_dsn(self.home / "run", name)

    def start(self) -> None:
        if self._server is None:
            template = _template(self.programs)
            if isinstance(template, MigrationsFailError):
                raise template
            self.home.mkdir()
            copy_cluster(template, self.home / "data")
            server = Postgres(self.home, bindir=self.programs.bindir, settings=_SETTINGS)
            server.start()
            self._server = server
            self._hand = psycopg.connect(server.dsn("postgres"), autocommit=True, prepare_threshold=None)

    def stop(self) -> None:
        for reused in [*self._resting, *self._lent.values()]:
            reused.close()
        if self._hand is not None:
            self._hand.close()
            self._hand = None
        if self._server is not None:
            self._server.stop()
            self._server = None

    def lend(self) -> str:
        """A database as migrations leave it; returns its name. Give it back."""
        if not self._resting:
            self._resting.append(self._made_to_be_reused())
        reused = self._resting.pop()
        self._lent[reused.name] = reused
        return reused.name

    def take_back(self, name: str) -> None:
        """Whoever is still connected is cut."""
        reused = self._lent.pop(name)
        if reused.put_back():
            self._resting.append(reused)
        else:
            reused.close()
            self.drop(name)

    def _made_to_be_reused(self) -> Reused:
        if not self._reusable:
            self.create(_REUSABLE)
            with psycopg.connect(self.dsn(_REUSABLE), autocommit=True) as conn:
                prepare(conn)
            self._reusable = True
        name = self.create(like=_REUSABLE)
        return Reused(name, psycopg.connect(self.dsn(name), autocommit=True, options="-c lock_timeout=10s"))

    def create(self, name: str | None = None, *, like: str | None = None) -> str:
        """A fresh migrated database, or a copy of another; returns its name."""
        assert self._hand is not None
        self._count += 1
        name = name or f"test_{self._count}"
        # Copied as files: its checkpoints cost nothing where nothing is durable.
        self._hand.execute(creation(name, template=like or migrated_database(), strategy="file_copy"))
        return name

    def drop(self, name: str) -> None:
        assert self._hand is not None
        self._hand.execute(removal(name))


@cache
def newest_server() -> TestServer:
    """The one that Django's settings point to; not started."""
    return TestServer(session_home(), at_hand()[-1])


@cache
def session_home() -> Path:
    """Where the servers of this process live. Each process of xdist has its own."""
    return temporary_home()


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    """Before pytest-django: settings that the fixtures will make true. Never inherited, for the sake of xdist."""
    gc.disable()  # until all is loaded: as in balie.lib.loading
    os.environ["DATABASE_URL"] = newest_server().dsn(DJANGO_DATABASE)
    os.environ["BALIE_SECRET_KEY"] = "only-for-tests-" + "0123456789" * 5
    os.environ["BALIE_BSN_KEY"] = base64.b64encode(b"only-for-tests".ljust(32)).decode()
    # Where an environment forbids bytecode, as containers do, every process of ours would compile all of Django again.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """What was collected stays to the end: nobody has to look through it for garbage again."""
    gc.freeze()
    gc.enable()


def pytest_unconfigure() -> None:
    shutil.rmtree(session_home(), ignore_errors=True)


@cache
def _template(programs: Programs) -> Path | MigrationsFailError:
    """Remembered when there can be none: each test would try again."""
    try:
        return migrated_cluster(programs.bindir)
    except MigrationsFailError as error:
        return error
