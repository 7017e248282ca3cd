"""`--metrics`: one answer for all processes of a command, whatever becomes of them."""

import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from balie.embedded.ports import free_ports
from balie.ordering.tests.desk import Desk
from balie.ordering.tests.web import pass_for
from tests.web.test_serve import Served

pytestmark = pytest.mark.slow

SAMPLE = re.compile(r"(\w+)(?:\{(.*)\})? (\S+)")


class Counted(Served):
    """A `balie serve` with two workers whose metrics we read."""

    def __init__(self) -> None:
        self.address = f"127.0.0.1:{free_ports(1)[0]}"
        super().__init__("all", workers=2, options=["--metrics", self.address])

    def total(self, name: str, *labels: str) -> float:
        """The sum over every series of that name that has these labels."""
        with urllib.request.urlopen(f"http://{self.address}/metrics", timeout=5) as answer:
            samples = SAMPLE.findall(answer.read().decode())
        return sum(float(value) for found, of, value in samples if found == name and all(each in of for each in labels))

    def adding_up(self) -> psutil.Process:
        return next(each for each in self.children() if "balie.lib.exposition" in each.cmdline())

    def children(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def workers(self) -> list[psutil.Process]:
        return [each for each in self.children() if each != self.adding_up()]


@pytest.fixture
def desk(installation) -> Desk:
    return Desk(installation.dsn)


@pytest.fixture
def counted(desk) -> Iterator[Counted]:
    served = Counted()
    yield served
    if served.process.poll() is None:
        served.stop()


def test_what_all_workers_count_is_added_up_and_outlives_them(counted, desk):
    cookie, ticket = pass_for(desk.linde), f"/live/queue/{desk.campaign}/ticket?practice={desk.linde.practice}"
    for _ in range(30):
        assert counted.ask(ticket, cookie=cookie)[0] == 200
        assert counted.ask("/account/login/")[0] == 200
    for path in ("/live/nothing", "/live/queue/999999/ticket"):
        assert counted.ask(path, cookie=cookie)[0] == 404

    pages = ("balie_page_seconds_count", 'view="account_login"', 'status="200"')
    assert counted.total("balie_answer_seconds_count", 'what="ticket"', 'status="200"') == 30
    assert counted.total("balie_answer_seconds_count", 'what="unknown"', 'status="404"') == 2
    assert counted.total(*pages) == 30

    for worker in counted.workers():
        worker.kill()
        worker.wait()
        counted.until(counted.answers)
    assert counted.total(*pages) == 30
    assert counted.ask("/account/login/")[0] == 200
    assert counted.total(*pages) == 31


def test_open_streams_end_with_the_worker_that_had_them(counted, desk):
    request = urllib.request.Request(
        f"{counted.url}/stream/{desk.campaign}?practice={desk.linde.practice}",
        headers={"Cookie": f"balie_pass={pass_for(desk.linde)}"},
    )
    with urllib.request.urlopen(request, timeout=10):
        counted.until(lambda: counted.total("balie_streams") == 1)
        for worker in counted.workers():
            worker.kill()
        counted.until(lambda: counted.total("balie_streams") == 0)


def test_nothing_stays_behind_when_the_command_is_killed(counted):
    adding_up = counted.adding_up()
    folder = Path(adding_up.cmdline()[3])
    assert any(folder.iterdir())
    counted.process.kill()
    counted.process.wait()
    adding_up.wait(10)
    assert not folder.exists()


@pytest.mark.parametrize("address", ["9101", "127.0.0.1:", "127.0.0.1:99999", "no such host:9101"])
def test_an_address_that_is_none(installation, address):
    command = [sys.executable, "-m", "balie.cli", "work", "--metrics", address]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "--metrics" in done.stderr
    assert address in done.stderr
