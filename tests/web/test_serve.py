"""`balie serve` as processes: what is killed comes back, what is stopped stops, and each role answers its own paths."""

import contextlib
import gzip
import json
import os
import resource
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import psutil
import pytest

from balie.embedded.ports import free_ports
from balie.ordering.tests.desk import Desk
from balie.ordering.tests.web import pass_for
from balie.serve import BUILT, LOGIN_NICENESS, LOGIN_ROOM

pytestmark = pytest.mark.slow


@pytest.fixture
def desk(installation) -> Desk:
    return Desk(installation.dsn)


class Served:
    """A running `balie serve`."""

    def __init__(self, role: str, *, workers: int | None = None, options: Sequence[str] = ()) -> None:
        self.port = free_ports(1)[0]
        self.url = f"http://127.0.0.1:{self.port}"
        words = ["-m", "balie.cli", "serve", "--role", role, "--port", str(self.port)]
        words += ["--workers", str(workers)] if workers else []
        words += options
        self.process = subprocess.Popen([sys.executable, *words], env={**os.environ, "BALIE_ORIGINS": self.url})
        self.until(self.answers)

    def ask(
        self, path: str, *, cookie: str = "", timeout: float = 5.0, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        headers = {name.replace("_", "-"): value for name, value in headers.items()}
        if cookie:
            headers["Cookie"] = f"balie_pass={cookie}"
        request = urllib.request.Request(self.url + path, headers=headers)
        try:
            with urllib.request.urlopen(request, timeout=timeout) as answer:
                return answer.status, dict(answer.headers), answer.read()
        except urllib.error.HTTPError as answer:
            return answer.code, dict(answer.headers), answer.read()

    def answers(self) -> bool:
        with contextlib.suppress(OSError):
            return self.ask("/live/health", timeout=1)[0] > 0
        return False

    def until(self, condition, within_s: float = 30.0) -> None:
        deadline = time.monotonic() + within_s
        while not condition():
            assert time.monotonic() < deadline
            assert self.process.poll() is None
            time.sleep(0.05)

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(20)


@pytest.fixture
def serve(desk) -> Iterator[type[Served]]:
    running: list[Served] = []

    def start(role: str, **options) -> Served:
        running.append(Served(role, **options))
        return running[-1]

    yield start
    for served in running:
        if served.process.poll() is None:
            served.stop()


def test_half_a_form_keeps_no_page_from_others(desk, serve):
    """Clients that never send the rest, more than there are threads and places for logging in."""
    served = serve("all")
    head = "\r\n".join(
        (
            "POST /account/login/ HTTP/1.1",
            "Host: 127.0.0.1",
            f"Cookie: csrftoken={'x' * 32}",
            "Content-Type: application/x-www-form-urlencoded",
            "Content-Length: 100",
        )
    )
    most = LOGIN_ROOM.threads + LOGIN_ROOM.waiting
    with contextlib.ExitStack() as halves:
        for _ in range(most):
            half = halves.enter_context(socket.create_connection(("127.0.0.1", served.port)))
            half.sendall(f"{head}\r\n\r\nlogin=".encode())
        assert served.ask("/account/login/", timeout=5)[0] == 200


def test_logging_in_stands_back_at_the_processor(desk, serve):
    login, pages = serve("login"), serve("pages", workers=1)
    assert login.ask("/account/login/")[0] == 200
    niceness = [[worker.nice() for worker in each.workers()] for each in (login, pages)]
    own = psutil.Process().nice()
    assert niceness == [[own + LOGIN_NICENESS], [own]]


def test_a_worker_that_is_killed_comes_back(desk, serve):
    live = serve("live", workers=2)
    before = {worker.pid for worker in live.workers()}
    os.kill(min(before), signal.SIGKILL)
    live.until(lambda: len({worker.pid for worker in live.workers()} - before) == 1)
    live.until(live.answers)
    assert live.ask(f"/live/queue/{desk.campaign}/state")[0] == 200
    assert live.process.poll() is None


def test_a_worker_that_is_killed_twice_does_not_end_the_server(desk, serve):
    """The second death within seconds ends granian; the server is started anew."""
    live = serve("live", workers=1)
    seen = set()
    for _ in range(3):
        live.until(lambda: [worker for worker in live.workers() if worker.pid not in seen])
        for worker in live.workers():
            seen.add(worker.pid)
            worker.kill()
    live.until(live.answers)
    assert live.ask(f"/live/queue/{desk.campaign}/state")[0] == 200


def test_it_stops_with_streams_open_and_each_is_ended_well(desk, serve):
    streams = serve("streams")
    request = f"GET /stream/{desk.campaign}?practice={desk.linde.practice} HTTP/1.1\r\nHost: a\r\n"
    with contextlib.ExitStack() as reading:
        readers = [
            reading.enter_context(socket.create_connection(("127.0.0.1", streams.port), timeout=5)) for _ in range(20)
        ]
        for reader in readers:
            reader.sendall(f"{request}Cookie: balie_pass={pass_for(desk.linde)}\r\n\r\n".encode())
            assert b"event: room" in read_until(reader, b"event: room")
        streams.stop()
        assert streams.process.returncode == 0
        for reader in readers:
            read_until(reader, None)  # to its end: one that is cut off raises


def test_those_who_keep_their_connection_open_keep_nobody_out(desk, serve):
    """granian counts idle connections too; left to itself a worker would take a thousand at most."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, min(hard, 4096)), hard))
    live = serve("live", workers=1)
    state = f"GET /live/queue/{desk.campaign}/state HTTP/1.1\r\nHost: a\r\n\r\n".encode()
    with contextlib.ExitStack() as waiting:
        for _ in range(1200):
            visitor = waiting.enter_context(socket.create_connection(("127.0.0.1", live.port)))
            visitor.settimeout(5)
            visitor.sendall(state)
            assert visitor.recv(65536).startswith(b"HTTP/1.1 200")


def read_until(reader: socket.socket, what: bytes | None) -> bytes:
    """What comes, up to `what`, or to the end of the stream."""
    found = b""
    while what is None or what not in found:
        part = reader.recv(65536)
        if not part:
            break
        found += part
    return found


def test_each_role_answers_its_own_paths(desk, serve):
    live, streams = serve("live", workers=1), serve("streams")
    state, stream = f"/live/queue/{desk.campaign}/state", f"/stream/{desk.campaign}"
    assert [live.ask(path)[0] for path in (state, stream, "/account/login/")] == [200, 404, 404]
    assert [streams.ask(path)[0] for path in (state, stream, "/account/login/")] == [404, 401, 404]
    for served, role in ((live, "live"), (streams, "streams")):
        health = json.loads(served.ask("/live/health")[2])
        assert (health["role"], health["database"]) == (role, "up")


def test_all_answers_everything_behind_one_port(desk, serve):
    everything = serve("all")
    assert everything.ask(f"/live/queue/{desk.campaign}/state")[0] == 200
    assert everything.ask(f"/stream/{desk.campaign}")[0] == 401
    status, headers, _body = everything.ask("/account/login/")
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")


def test_pages_show_what_was_built_for_a_year(desk, serve):
    pages = serve("pages")
    assert pages.ask("/account/login/")[0] == 200
    built = next(path for path in BUILT.rglob("*.css"))
    status, headers, body = pages.ask(f"/static/built/{built.relative_to(BUILT)}")
    assert (status, body) == (200, built.read_bytes())
    assert "immutable" in headers["cache-control"]
    assert pages.ask("/static/built/../../settings.py")[0] == 404
    assert pages.ask("/static/built/nothing.css")[0] == 404


def test_pages_and_what_they_load_come_compressed(desk, serve):
    pages = serve("pages")
    script = next(BUILT.glob("assets/lib-*.js"))
    path, whole = f"/static/built/{script.relative_to(BUILT)}", script.read_bytes()
    for encoding, ending in (("br, gzip", ".br"), ("gzip", ".gz")):
        _, headers, body = pages.ask(path, Accept_Encoding=encoding)
        assert body == Path(f"{script}{ending}").read_bytes()
        assert len(body) < len(whole) / 2
        assert (headers["content-encoding"], headers["vary"].lower()) == (encoding.split(",")[0], "accept-encoding")
    _, headers, body = pages.ask("/account/login/", Accept_Encoding="gzip")
    assert headers["content-encoding"] == "gzip"
    assert b"Wachtwoord" in gzip.decompress(body)


def test_workers_end_when_their_parent_is_killed(desk, serve):
    live = serve("live", workers=2)
    workers = live.workers()
    live.process.kill()
    _gone, alive = psutil.wait_procs(workers, timeout=10)
    assert alive == []


def test_a_port_that_is_in_use_is_not_shared(desk, serve):
    live = serve("live", workers=1)
    words = [sys.executable, "-m", "balie.cli", "serve", "--role", "live", "--port", str(live.port)]
    ended = subprocess.run(words, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode != 0
    assert "in use" in ended.stderr


def test_it_says_what_is_missing_and_ends(installation, monkeypatch):
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"}
    words = [sys.executable, "-m", "balie.cli", "serve", "--role", "live", "--port", "1"]
    ended = subprocess.run(words, env=environment, capture_output=True, text=True, timeout=30, check=False)
    assert ended.returncode != 0
    assert "DATABASE_URL" in ended.stderr
