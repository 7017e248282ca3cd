"""What waiting costs: the waiting room's file beside a trivial app under the same server, its bytes, its queries."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import msgspec
import psutil
import psycopg

from balie.embedded import parts
from balie.embedded.ports import free_ports
from balie.embedded.supervisor import Child
from balie.rehearse.bench.ground import PRACTICES, WORKERS, Ground
from balie.rehearse.bench.wire import close, connect, request_bytes
from balie.rehearse.install import wait_until_answered

ROUND_S = 4
CONNECTIONS = 64
SETTLE_S = 2.5  # statistics of PostgreSQL reach its views within a second or so
QUIET_S = 6.0


@contextmanager
def trivial_app(ground: Ground) -> Iterator[tuple[str, Child]]:
    """A ten-line app under granian, as many workers and the same settings as the product's."""
    url = f"http://127.0.0.1:{free_ports(1)[0]}"
    where = ("--interface", "asgi", "--port", url.rpartition(":")[2], "--workers", WORKERS)
    same = ("--no-ws", "--backlog", 4096, "--backpressure", 16384, "--no-log")
    child = ground.installation.start(
        "trivial", parts.command("granian", *where, *same, "balie.rehearse.bench.trivial:app")
    )
    wait_until_answered(ground.installation, {url: "/"})
    yield url, child
    child.stop()
    ground.installation.supervisor.children.remove(child)


def measure_gate(ground: Ground, trivial: str, trivial_child: Child) -> dict[str, float]:
    """One round: requests per second and processor time per request of both."""
    live = ground.installation.parts["live"][0]
    gate_rate, gate_cpu = _loaded(f"{ground.url}/live/queue/{ground.campaign}/state", live)
    trivial_rate, trivial_cpu = _loaded(f"{trivial}/", trivial_child)
    return {
        "gate_per_s": gate_rate,
        "trivial_asgi_per_s": trivial_rate,
        "gate_cpu_us_per_request": gate_cpu,
        "trivial_asgi_cpu_us_per_request": trivial_cpu,
    }


def gate_ratios(found: dict[str, float]) -> dict[str, float]:
    return {
        "gate_vs_trivial_asgi": found["gate_per_s"] / found["trivial_asgi_per_s"],
        "gate_vs_trivial_asgi_cpu_per_request": (
            found["gate_cpu_us_per_request"] / found["trivial_asgi_cpu_us_per_request"]
        ),
    }


def _loaded(url: str, server: Child) -> tuple[float, float]:
    """Requests per second, and microseconds of the server's processor time for each."""
    before = _cpu_s(server)
    requests, took = _wrk(url) if generator_is_wrk() else asyncio.run(_lean(url))
    return requests / took, (_cpu_s(server) - before) / requests * 1_000_000


def generator_is_wrk() -> bool:
    return shutil.which("wrk") is not None


def _wrk(url: str) -> tuple[int, float]:
    command = ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{ROUND_S}s", url]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"(\d+) requests in ([0-9.]+)s", done.stdout)
    assert found is not None, done.stdout
    assert "Non-2xx" not in done.stdout, done.stdout
    return int(found[1]), float(found[2])


async def _lean(url: str) -> tuple[int, float]:
    base, _, path = url.partition("//")[2].partition("/")
    request = request_bytes("GET", f"/{path}", origin=f"http://{base}")
    connections = await connect(f"http://{base}", CONNECTIONS)
    began, count = time.perf_counter(), 0

    async def ask_on(number: int) -> None:
        nonlocal count
        while time.perf_counter() - began < ROUND_S:
            status, _ = await connections[number].ask(request)
            assert status == 200
            count += 1

    await asyncio.gather(*(ask_on(number) for number in range(len(connections))))
    close(connections)
    return count, time.perf_counter() - began


def _cpu_s(server: Child) -> float:
    top = psutil.Process(server.pid)
    return sum(sum(process.cpu_times()[:2]) for process in (top, *top.children(recursive=True)))


def measure_waiting(ground: Ground) -> dict[str, float]:
    """Bytes and queries for each practice that waits: it polls the file, and asks for its number once."""
    queries, _ = _queries_while(ground, lambda: time.sleep(QUIET_S))
    quiet_per_s = queries / (QUIET_S + SETTLE_S)
    waiting: list[tuple[int, int]] = []
    more, took = _queries_while(ground, lambda: waiting.append(asyncio.run(_wait(ground))))
    size, poll_after_ms = waiting[0]
    return {
        "bytes_per_waiting_practice": float(size),
        "bytes_per_waiting_practice_per_minute": size * 60_000 / poll_after_ms,
        "polls_per_waiting_practice_per_minute": 60_000 / poll_after_ms,
        "queries_per_waiting_practice": round(max(0.0, more - quiet_per_s * took) / PRACTICES, 2),
        "queries_per_s_whoever_waits": quiet_per_s,
    }


async def _wait(ground: Ground) -> tuple[int, int]:
    """Every practice asks for its number once and polls five times; the bytes of one poll, and the asked interval."""
    connections = await connect(ground.url, CONNECTIONS)
    origin, queue = ground.installation.origin, f"/live/queue/{ground.campaign}"
    state = request_bytes("GET", f"{queue}/state", origin=origin)
    before = connections[0].received
    _, body = await connections[0].ask(state)
    size = connections[0].received - before
    practices = iter(range(1, PRACTICES + 1))

    async def wait_for_some(number: int) -> None:
        for practice in practices:
            path = f"{queue}/ticket?practice={practice}"
            ticket = request_bytes("GET", path, origin=origin, cookie=ground.cookies[practice])
            for request in (ticket, *[state] * 5):
                status, answer = await connections[number].ask(request)
                assert status == 200, answer

    await asyncio.gather(*(wait_for_some(number) for number in range(len(connections))))
    close(connections)
    return size, msgspec.json.decode(body)["poll_after_ms"]


def _queries_while(ground: Ground, act: Callable[[], None]) -> tuple[float, float]:
    """Transactions of the product's database while something goes on, and how long that took, settling included."""
    with psycopg.connect(ground.installation.dsn, autocommit=True) as connection:
        before, began = _transactions(connection), time.monotonic()
        act()
        time.sleep(SETTLE_S)
        return _transactions(connection) - before, time.monotonic() - began


def _transactions(connection: psycopg.Connection) -> int:
    asked = "select xact_commit + xact_rollback from pg_stat_database where datname = current_database()"
    row = connection.execute(asked).fetchone()
    assert row is not None
    return int(row[0])
