"""A PostgreSQL of our own for demo, rehearsal and tests; production brings its own.

Each rule here was learned the hard way:

* `postmaster.pid` is never deleted: a living server that misses it shuts down.
* Ready means that its line 8 says so *and* line 1 is our child: a stale file says ready too.
* SIGINT stops; SIGTERM would wait for every client.
* A server whose process was killed ends a while after it: it writes down what it knows, and then has to be reaped.
  Until then PostgreSQL refuses another one on its folder, so a start waits for its end.
* The path of a socket has at most 107 bytes.
"""

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import IO, NamedTuple, Self
from urllib.parse import quote

import psutil
import psycopg
from psycopg import sql

from balie.embedded.binaries import account, bundled, public_folder, reachable, reachable_binaries
from balie.embedded.processes import spawn

SUPERUSER = "postgres"
_SOCKET_LIMIT = 107
_START_S = 30.0
_STOP_S = 20.0
_PARENTLESS_S = 10.0  # within which a server whose process is gone says that it stops
_LOOK_AGAIN_S = 0.25
_DEFAULTS = {
    "listen_addresses": "",
    "unix_socket_permissions": "0700",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "logging_collector": "off",
}

# What tests and throw-away databases may give up: a crash of the machine loses them, and nobody minds.
NOT_DURABLE = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


class PostgresError(Exception):
    """The embedded PostgreSQL cannot start; the text says why and where its log is."""


class _Status(NamedTuple):
    """What `postmaster.pid` says: a process, 0 for none, and "starting", "ready" or "stopping", or nothing yet."""

    pid: int
    word: str


class Postgres:
    """One embedded server. `folder` is where it is asked to live; root may have to move it (see `home`).

    A new one is empty, or a copy of the data folder that `like` names for these programs.
    """

    def __init__(
        self,
        folder: Path,
        *,
        bindir: Path | None = None,
        settings: Mapping[str, str] | None = None,
        like: Callable[[Path], Path] | None = None,
    ) -> None:
        self._account = account()
        self._like = like
        self._binaries = bindir or bundled()
        self._settings = {**_DEFAULTS, **(settings or {})}
        self._process: subprocess.Popen[bytes] | None = None
        self._temporary: Path | None = None
        self._sockets: Path | None = None
        self.home = _home(folder.resolve(), switch=self._account.switch)
        self.data = self.home / "data"
        self.log = self.home / "postgres.log"

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Start, making the cluster first when there is none; returns when it takes connections.

        Call it from the main thread: the server ends with the thread that started it.
        """
        self._binaries = reachable_binaries(self._binaries, self._account)
        self.home.mkdir(parents=True, exist_ok=True)
        if not self.data.exists():
            self._make_cluster()
        self._sockets = self._socket_folder()
        self._wait_for_earlier()
        if not self._try_start():
            self._drop_temporary()
            raise PostgresError(f"PostgreSQL in {self.home} does not start: {self._last_words()}")

    def stop(self) -> None:
        """Stop at once, cutting connections; never leaves a process behind."""
        if self._process is not None:
            for stop, patience in ((signal.SIGINT, _STOP_S), (signal.SIGQUIT, 5.0), (signal.SIGKILL, 5.0)):
                self._process.send_signal(stop)
                with contextlib.suppress(subprocess.TimeoutExpired):
                    self._process.wait(patience)
                    break
            self._process = None
        self._drop_temporary()

    def alive(self) -> bool:
        """Whether the server process runs."""
        return self._process is not None and self._process.poll() is None

    def dsn(self, database: str = "balie") -> str:
        """A libpq URI of `database`, fit for `DATABASE_URL`."""
        if self._sockets is None:
            raise PostgresError("The embedded PostgreSQL has not been started.")
        return socket_dsn(self._sockets, database)

    def create_database(self, name: str, *, template: str = "template0", strategy: str = "wal_log") -> str:
        """Make `name` as a copy of `template`, to which nobody may be connected; returns its DSN."""
        self._administer(creation(name, template=template, strategy=strategy))
        return self.dsn(name)

    def drop_database(self, name: str) -> None:
        """Drop `name`, cutting whoever is connected."""
        self._administer(removal(name))

    def databases(self) -> list[str]:
        """The names of all databases."""
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            return [name for (name,) in connection.execute("SELECT datname FROM pg_database ORDER BY datname")]

    def _administer(self, statement: sql.Composed) -> None:
        with psycopg.connect(self.dsn("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _make_cluster(self) -> None:
        fresh = self.home / f"data.{os.getpid()}"
        shutil.rmtree(fresh, ignore_errors=True)
        if self._like is None:
            self._initialise(fresh)
        else:
            copy_cluster(self._like(self._binaries), fresh)
        fresh.rename(self.data)

    def _initialise(self, fresh: Path) -> None:
        fresh.mkdir(mode=0o700)
        self._give_away(fresh)
        options: list[str | Path] = ["--username", SUPERUSER, "--auth", "trust", "--encoding", "UTF8", "--locale", "C"]
        command = [self._binaries / "initdb", "--pgdata", fresh, *options, "--no-sync", "--no-instructions"]
        with self.log.open("ab") as log:
            made = self._spawn(command, log).wait()
        if made != 0:
            raise PostgresError(f"PostgreSQL in {self.home} cannot be set up: {self._last_words()}")

    def _wait_for_earlier(self) -> None:
        """Until the server that had our folder before is gone. One that stays is PostgreSQL's to speak of."""
        begun = time.monotonic()
        while (earlier := self._earlier()) is not None:
            patience = _STOP_S if self._status().word == "stopping" else _PARENTLESS_S
            left = begun + patience - time.monotonic()
            if left <= 0:
                return
            with contextlib.suppress(psutil.TimeoutExpired):
                earlier.wait(min(left, _LOOK_AGAIN_S))

    def _earlier(self) -> psutil.Process | None:
        """The server that `postmaster.pid` names, while there is one; not another process that got its number."""
        pid = self._status().pid
        if not pid or not psutil.pid_exists(pid):
            return None
        try:
            found = psutil.Process(pid)
            ours = found.status() == psutil.STATUS_ZOMBIE or Path(found.cwd()) == self.data
        except psutil.Error:
            return None
        return found if ours else None

    def _try_start(self) -> bool:
        """One attempt; False when the server ended before it was ready."""
        settings = {**self._settings, "unix_socket_directories": f'"{self._sockets}"'}
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        with self.log.open("ab") as log:
            self._process = self._spawn([self._binaries / "postgres", "-D", self.data, *options], log)
        deadline = time.monotonic() + _START_S
        while time.monotonic() < deadline:
            if self._process.poll() is not None:
                self._process = None
                return False
            if self._status() == _Status(self._process.pid, "ready"):
                return True
            time.sleep(0.01)
        self.stop()
        raise PostgresError(f"PostgreSQL in {self.home} was not ready after {_START_S:.0f} s: {self._last_words()}")

    def _status(self) -> _Status:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            lines = []
        pid = lines[0].strip() if lines else ""
        return _Status(int(pid) if pid.isdecimal() else 0, lines[7].strip() if len(lines) >= 8 else "")

    def _spawn(self, command: Sequence[str | Path], log: IO[bytes]) -> subprocess.Popen[bytes]:
        who = self._account
        return spawn(
            command,
            log=log,
            dies_with=signal.SIGINT,
            user=who.uid if who.switch else None,
            group=who.gid if who.switch else None,
        )

    def _socket_folder(self) -> Path:
        """`run` in our home, or a folder with a short name when that path is too long or oddly spelled."""
        folder = self.home / "run"
        longest = len(os.fsencode(folder / ".s.PGSQL.5432.lock"))
        if longest > _SOCKET_LIMIT or not str(folder).isprintable() or set(str(folder)) & set("\"',\\"):
            self._temporary = folder = Path(tempfile.mkdtemp(prefix="balie-pg-", dir="/tmp"))
        folder.mkdir(mode=0o700, exist_ok=True)
        self._give_away(folder)
        return folder

    def _give_away(self, path: Path) -> None:
        if self._account.switch:
            os.chown(path, self._account.uid, self._account.gid)

    def _drop_temporary(self) -> None:
        if self._temporary is not None:
            shutil.rmtree(self._temporary, ignore_errors=True)
            self._temporary = None

    def _last_words(self) -> str:
        lines = self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-5:] if self.log.exists() else []
        return " / ".join(line.strip() for line in lines) + f" (log: {self.log})"


def creation(name: str, *, template: str, strategy: str) -> sql.Composed:
    """The statement that makes a database as a copy of another."""
    return sql.SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY {}").format(
        sql.Identifier(name), sql.Identifier(template), sql.Identifier(strategy)
    )


def removal(name: str) -> sql.Composed:
    """The statement that drops a database with whoever is connected."""
    return sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name))


def copy_cluster(source: Path, target: Path) -> None:
    """A data folder at rest, with the owners and rights that PostgreSQL insists on."""
    subprocess.run(["cp", "-Rp", source, target], check=True)  # noqa: S603, S607 - as anybody would


def socket_dsn(sockets: Path, database: str) -> str:
    """A libpq URI of `database` behind the socket in the folder `sockets`."""
    return f"postgresql://{SUPERUSER}@/{quote(database)}?host={quote(str(sockets), safe='')}"


def _home(folder: Path, *, switch: bool) -> Path:
    """`folder`, or for root a stand-in where `nobody` can reach it. Stand-ins of vanished folders are cleared away."""
    if not switch or reachable(folder):
        return folder
    stand_ins = public_folder() / "clusters"
    stand_ins.mkdir(exist_ok=True)
    for other in stand_ins.iterdir():
        made_for = other / "made-for"
        if made_for.exists() and not Path(made_for.read_text(encoding="utf-8")).exists():
            shutil.rmtree(other, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    home = stand_ins / hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]
    home.mkdir(exist_ok=True)
    (home / "made-for").write_text(str(folder), encoding="utf-8")
    return home
