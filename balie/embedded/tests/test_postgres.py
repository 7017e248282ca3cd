"""The embedded PostgreSQL: it starts, stops, recovers, and says why it cannot."""

import contextlib
import os
import shutil
import signal
from pathlib import Path

import psutil
import psycopg
import pytest

from balie.embedded import postgres
from balie.embedded.binaries import account, bundled, reachable
from balie.embedded.places import temporary_home
from balie.embedded.postgres import NOT_DURABLE, Postgres, PostgresError
from balie.embedded.testing import at_hand

pytestmark = pytest.mark.slow  # each makes a cluster of its own


@pytest.fixture
def home():
    home = temporary_home()
    yield home
    shutil.rmtree(home)


def answer(server: Postgres, question: str, database: str = "postgres") -> object:
    with psycopg.connect(server.dsn(database)) as connection:
        return connection.execute(question).fetchone()[0]


@pytest.mark.parametrize("programs", at_hand(), ids=lambda programs: f"pg{programs.major}")
def test_it_serves_and_keeps_what_was_written(home, programs):
    server = Postgres(home / "cluster", bindir=programs.bindir, settings={**NOT_DURABLE, "max_connections": "40"})
    with server:
        assert int(answer(server, "SHOW server_version_num")) // 10_000 == programs.major
        assert answer(server, "SHOW max_connections") == "40"
        assert answer(server, "SHOW server_encoding") == "UTF8"
        assert answer(server, "SHOW listen_addresses") == ""
        with psycopg.connect(server.create_database("balie")) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 1 AS here")
    assert not server.alive()
    with server:
        assert "balie" in server.databases()
        assert answer(server, "SELECT here FROM kept", "balie") == 1


def test_it_starts_again_after_a_kill(home):
    with Postgres(home / "cluster", settings=NOT_DURABLE) as killed:
        os.kill(killed._process.pid, signal.SIGKILL)
        killed._process.wait()
        assert (killed.data / "postmaster.pid").exists()
        with Postgres(home / "cluster", settings=NOT_DURABLE) as server:
            assert answer(server, "SELECT 1") == 1


@pytest.fixture
def ending(home, monkeypatch):
    """A server that was told to stop and cannot yet; whoever waits for its end lets it go on."""
    with Postgres(home / "cluster", settings=NOT_DURABLE) as server:
        held = next(
            child for child in psutil.Process(server._process.pid).children() if "checkpointer" in child.cmdline()[0]
        )
        waits = psutil.Process.wait

        def wait(process: psutil.Process, timeout: float | None = None) -> int | None:
            if process.pid == server._process.pid:
                held.resume()
            return waits(process, timeout)

        monkeypatch.setattr(psutil.Process, "wait", wait)
        held.suspend()  # it writes the last checkpoint, and the others wait for that
        server._process.send_signal(signal.SIGINT)
        while "stopping" not in (server.data / "postmaster.pid").read_text():
            os.sched_yield()
        yield server
        with contextlib.suppress(psutil.NoSuchProcess):  # where somebody waited
            held.resume()


def test_it_waits_for_an_earlier_server_that_still_ends(home, ending):
    with Postgres(home / "cluster", settings=NOT_DURABLE) as server:
        assert not ending.alive()
        assert answer(server, "SELECT 1") == 1


def test_without_waiting_it_would_be_refused(home, ending, monkeypatch):
    monkeypatch.setattr(Postgres, "_wait_for_earlier", lambda _server: None)
    with pytest.raises(PostgresError, match="Is another postmaster"):
        Postgres(home / "cluster", settings=NOT_DURABLE).start()


def test_it_waits_for_nobody_that_only_has_the_number_of_an_earlier_server(home, monkeypatch):
    monkeypatch.setattr(psutil.Process, "wait", pytest.fail)
    with Postgres(home / "cluster", settings=NOT_DURABLE) as first:
        words = (first.data / "postmaster.pid").read_text()
    (first.data / "postmaster.pid").write_text(words.replace(words.splitlines()[0], str(os.getpid()), 1))
    with Postgres(home / "cluster", settings=NOT_DURABLE) as server:
        assert answer(server, "SELECT 1") == 1


def test_it_refuses_a_second_server_on_one_folder_and_leaves_the_first_alone(home, monkeypatch):
    monkeypatch.setattr(postgres, "_PARENTLESS_S", 0)
    with Postgres(home / "cluster", settings=NOT_DURABLE) as first:
        with pytest.raises(PostgresError, match="already exists"):
            Postgres(home / "cluster", settings=NOT_DURABLE).start()
        assert answer(first, "SELECT 1") == 1


def test_it_says_why_it_cannot_start(home):
    with pytest.raises(PostgresError, match="no_such_setting"):
        Postgres(home / "cluster", settings={"no_such_setting": "1"}).start()


def test_it_copes_with_a_long_and_odd_path(home):
    folder = home / ("a rather 'long' folder, with \"quotes\" and spaces " * 3) / "cluster"
    with Postgres(folder, settings=NOT_DURABLE) as server:
        sockets = Path(answer(server, "SHOW unix_socket_directories").strip('"'))
        assert answer(server, "SELECT 1") == 1
    assert not sockets.exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="only root runs PostgreSQL as somebody else")
def test_root_runs_it_as_nobody_even_where_nobody_may_not_enter(tmp_path):
    tmp_path.chmod(0o700)
    assert not reachable(tmp_path / "cluster")
    with Postgres(tmp_path / "cluster", settings=NOT_DURABLE) as server:
        assert Path(f"/proc/{server._process.pid}").stat().st_uid == account().uid != 0
        assert reachable(server.home)
        stand_in = server.home
    shutil.rmtree(tmp_path / "cluster")
    with Postgres(tmp_path / "other", settings=NOT_DURABLE) as server:
        assert not stand_in.exists(), "what was made for a vanished folder is cleared away"
        other = server.home
    shutil.rmtree(other)


def test_it_knows_the_programs_in_the_wheel():
    assert (bundled(18) / "postgres").exists()
    assert (bundled(16) / "initdb").exists()
