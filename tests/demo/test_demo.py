"""`balie demo` as a newcomer meets it: an address, logins, a night with a crowd, and nothing left behind."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from balie.embedded.ports import free_ports

pytestmark = [pytest.mark.slow, pytest.mark.timeout(300)]


class Run:
    """A demo that was started, and what it has printed so far."""

    def __init__(self, folder: Path, *words: object, port: int | None = None) -> None:
        self.folder = folder
        self.port = port or free_ports(1)[0]
        self.output = folder.with_name(f"{folder.name}.out")
        command = [sys.executable, "-m", "balie.cli", "demo", "--port", self.port, "--data", folder, *words]
        ours = {"DATABASE_URL", "BALIE_SECRET_KEY", "DJANGO_SETTINGS_MODULE"}
        bare = {name: value for name, value in os.environ.items() if name not in ours}
        with self.output.open("wb") as output:
            self.process = subprocess.Popen(
                list(map(str, command)), stdout=output, stderr=subprocess.STDOUT, env=bare, cwd="/"
            )

    def said(self) -> str:
        return self.output.read_text()

    def wait_until_said(self, words: str, within_s: float = 120) -> None:
        deadline = time.monotonic() + within_s
        while words not in self.said():
            assert self.process.poll() is None, self.said()
            assert time.monotonic() < deadline, self.said()
            time.sleep(0.1)

    def get(self, path: str, host: str = "localhost") -> tuple[int, str, str]:
        with closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=20)) as connection:
            connection.request("GET", path, headers={"Host": f"{host}:{self.port}"})
            answer = connection.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()

    def processes(self) -> set[int]:
        """Everything that has our folder among its words or in its environment."""
        found = set()
        for entry in Path("/proc").glob("[0-9]*"):
            try:
                words = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            except OSError:
                continue
            if str(self.folder).encode() in words:
                found.add(int(entry.name))
        return found

    def holders(self, name: str) -> set[str]:
        """Which parts have a file of that name open, by the word after `balie.cli` in their commands."""
        found = set()
        for pid in self.processes():
            if any(link.readlink().name == name for link in Path(f"/proc/{pid}/fd").iterdir() if link.is_symlink()):
                found.add(Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")[3])
        return found

    def wait_until_gone(self, within_s: float = 30) -> None:
        deadline = time.monotonic() + within_s
        while left := self.processes():
            assert time.monotonic() < deadline, left
            time.sleep(0.1)

    def child(self, *words: str) -> int:
        """The process that has all these words in its command."""
        for pid in sorted(self.processes()):
            command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().split("\0")
            if set(words) <= set(command):
                return pid
        raise AssertionError(f"no process {words}")


@contextmanager
def running(folder: Path, *words: object, **options: int) -> Iterator[Run]:
    run = Run(folder, *words, **options)
    try:
        run.wait_until_said("Ordering opens at")
        yield run
    finally:
        if run.process.poll() is None:
            run.process.terminate()
            run.process.wait(60)


@pytest.fixture
def folder(tmp_path):
    return tmp_path / "night"


def test_it_serves_a_night_and_ends_well_by_itself(folder):
    run = Run(folder, "--seconds", 6, "--crowd", 40, "--opens-in", 5)
    run.wait_until_said("Ordering opens at")
    assert run.get("/")[0] in {200, 302}
    assert run.get("/demo/?a=1", host="127.0.0.1")[:2] == (302, f"http://localhost:{run.port}/demo/?a=1")
    status, _, page = run.get("/demo/")
    assert status == 200
    assert "anna@voorbeeld.example" in page
    assert len(re.findall(r"\b\d{6}\b", page)) >= 4
    assert run.get("/postvak/")[0] == 200
    assert run.holders("watch.sqlite") == {"watch"}, "nobody else opens what the watch keeps"
    assert run.process.wait(60) == 0, run.said()
    assert str(folder) in run.said()
    run.wait_until_gone()


def test_every_start_begins_a_new_night_and_leaves_nothing_behind_however_it_ends(folder):
    nights = []
    for told in (signal.SIGKILL, signal.SIGTERM):
        with running(folder, "--crowd", 10) as run:
            assert len(run.processes()) >= 5
            nights.append(json.loads(run.get("/live/queue/1/state")[2]))
            refuse_another(folder)
            if told == signal.SIGTERM:  # it goes on when a part dies, and says so at the end
                os.kill(run.child("work"), signal.SIGKILL)
                run.wait_until_said("work did not run")
            os.kill(run.process.pid, told)
            assert run.process.wait(60) == (-9 if told == signal.SIGKILL else 1), run.said()
        run.wait_until_gone()
    assert [night["phase"] for night in nights] == ["waiting"] * 2
    assert nights[0]["opens_at"] < nights[1]["opens_at"]


def refuse_another(folder: Path) -> None:
    """Two demos do not share a folder."""
    second = Run(folder, port=free_ports(1)[0])
    assert second.process.wait(30) == 2
    assert "in use by another demo" in second.said()


def test_it_says_when_the_port_is_taken(folder):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        run = Run(folder, port=taken.getsockname()[1])
        assert run.process.wait(30) == 2
    assert "in use by another program" in run.said()
    assert "--port" in run.said()
    assert "Traceback" not in run.said()
