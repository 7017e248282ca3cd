"""Databases for tests: a server with a migrated template, copied from a cache, ready in half a second.

pytest loads this module as a plugin (`-p` in pyproject.toml), because pytest-django reads the settings before it reads
any conftest.py. The fixtures are in the root's conftest.py.
"""

import base64
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from balie.embedded.binaries import NEWEST, bundled
from balie.embedded.postgres import NOT_DURABLE, Postgres, socket_dsn

CHECKOUT = Path(__file__).resolve().parents[2]
TEMPLATE = "balie_template"
DJANGO_DATABASE = "balie_django"
OLDEST_SUPPORTED = 15
_KEPT = 6
_ROOM = 2 * 1024**3
_SETTINGS = {**NOT_DURABLE, "max_wal_size": "256MB", "autovacuum": "off"}


class MigrationsFailError(Exception):
    """No test can have a database; the text is what Django said."""


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

    def dsn(self, name: str) -> str:
        """The DSN of database `name`, known before the server runs."""
        return socket_dsn(self.home / "run", name)

    def start(self) -> None:
        if self._server is None:
            template = _template(self.programs)
            if isinstance(template, MigrationsFailError):
                raise template
            self.home.mkdir()
            _copy(template, self.home / "data")
            server = Postgres(self.home, bindir=self.programs.bindir, settings=_SETTINGS)
            server.start()
            self._server = server

    def stop(self) -> None:
        if self._server is not None:
            self._server.stop()
            self._server = None

    def create(self, name: str | None = None) -> str:
        """A fresh migrated database; returns its name."""
        assert self._server is not None
        self._count += 1
        name = name or f"test_{self._count}"
        # Copied as files: its checkpoints cost nothing where nothing is durable.
        self._server.create_database(name, template=TEMPLATE, strategy="file_copy")
        return name

    def drop(self, name: str) -> None:
        assert self._server is not None
        self._server.drop_database(name)


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
    os.environ["DATABASE_URL"] = newest_server().dsn(DJANGO_DATABASE)
    os.environ["BALIE_SECRET_KEY"] = "only-for-tests-" + "0123456789" * 5
    os.environ["BALIE_BSN_KEY"] = base64.b64encode(b"only-for-tests".ljust(32)).decode()
    # Where an environment forbids bytecode, as containers do, every process of ours would compile all of Django again.
    sys.dont_write_bytecode = False
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


def pytest_unconfigure() -> None:
    shutil.rmtree(session_home(), ignore_errors=True)


def temporary_home() -> Path:
    """A new folder with a short name that `nobody` may enter; in memory where there is room, ten times as quick."""
    memory = Path("/dev/shm")
    roomy = os.access(memory, os.W_OK | os.X_OK) and shutil.disk_usage(memory).free > _ROOM
    parent = memory if roomy else Path("/tmp")
    for left in parent.glob("balie-test-*-*"):  # by a session that was killed
        if not _alive(int(left.name.split("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    home = Path(tempfile.mkdtemp(prefix=f"balie-test-{os.getpid()}-", dir=parent))
    home.chmod(0o711)
    return home


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


@cache
def _template(programs: Programs) -> Path | MigrationsFailError:
    """The data folder, at rest, of a cluster with the migrated template; made when migrations or SQL changed."""
    try:
        return _made_template(programs)
    except MigrationsFailError as error:  # remembered: each test would try again
        return error


def _made_template(programs: Programs) -> Path:
    templates = CHECKOUT / ".balie" / "test"
    templates.mkdir(parents=True, exist_ok=True)
    made = templates / f"{programs.major}-{_fingerprint(programs)}"
    with (templates.parent / "test.lock").open("w") as lock:  # processes of xdist need the same at the same time
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not made.exists():
            _make_template(programs, made)
            _forget_old(templates)
        os.utime(made)
    return made


def _make_template(programs: Programs, made: Path) -> None:
    home = temporary_home()
    try:
        with Postgres(home, bindir=programs.bindir, settings=_SETTINGS) as server:
            _migrate(server.create_database(TEMPLATE))
            _compact(server.dsn(TEMPLATE))
        fresh = made.with_name(f"{made.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        _copy(home / "data", fresh)
        fresh.rename(made)
    finally:
        shutil.rmtree(home)


def _migrate(dsn: str) -> None:
    environment = {**os.environ, "DATABASE_URL": dsn, "BALIE_SECRET_KEY": "migrations sign nothing"}
    command = [sys.executable, "-m", "django", "migrate", "--settings", "balie.settings", "--verbosity", "0"]
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise MigrationsFailError(done.stderr)


def _compact(dsn: str) -> None:
    """Every test copies what is here: not what migrations left behind, but what each first connection would make."""
    with psycopg.connect(dsn, autocommit=True) as connection:
        catalogs = (
            "select oid::regclass::text from pg_class where relkind = 'r' and relnamespace = 'pg_catalog'::regnamespace"
        )
        for (catalog,) in connection.execute(catalogs).fetchall():
            connection.execute(sql.SQL("vacuum (full) {}").format(sql.SQL(catalog)))
        connection.execute("checkpoint")
    psycopg.connect(dsn).close()  # writes down what it learned of the catalogs


def _forget_old(templates: Path) -> None:
    for path in sorted(templates.iterdir(), key=lambda path: path.stat().st_mtime, reverse=True)[_KEPT:]:
        shutil.rmtree(path, ignore_errors=True)


def _copy(source: Path, target: Path) -> None:
    subprocess.run(["cp", "-Rp", source, target], check=True)


def _fingerprint(programs: Programs) -> str:
    digest = hashlib.sha256(str(programs.bindir).encode())
    for path in sorted(_sources()):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _sources() -> Iterator[Path]:
    """Whatever a migrated database depends on."""
    yield Path(__file__)
    yield CHECKOUT / "requirements" / "dev.txt"
    yield CHECKOUT / "balie" / "settings.py"
    yield from CHECKOUT.glob("balie/*/migrations/*.py")
    yield from CHECKOUT.glob("balie/*/sql/**/*.sql")
    yield from CHECKOUT.glob("balie/*/models/*.py")
    yield from CHECKOUT.glob("balie/*/models.py")
