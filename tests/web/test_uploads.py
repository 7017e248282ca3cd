"""Uploads with real processes: what is far too large is never kept, and a worker that is killed leaves nothing half."""

import http.client
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import psutil
import pytest
from django.test import Client

from balie.practices.importing.jobs import confirm_import, upload_import
from balie.practices.models import ImportJob, Practice
from balie.practices.testing import make_person
from balie.practices.tests.imports import HEADER, LINDE, UPLOAD, table
from tests.web.test_serve import Served

pytestmark = pytest.mark.slow

MB = 1024**2
PIECE = b"1234567;De Linde\n" * 4096
EDGE = "grens"


@pytest.fixture(params=["all", "pages"])
def served(request, installation) -> Iterator[Served]:
    served = Served(request.param, workers=1)
    yield served
    served.stop()


def test_two_hundred_megabytes_are_refused_and_not_kept(installation, served):
    client = Client()
    client.force_login(make_person(is_organiser=True))
    client.get(UPLOAD)
    token = client.cookies["csrftoken"].value
    cookies = "; ".join(f"{name}={cookie.value}" for name, cookie in client.cookies.items())
    assert send(served, cookies, token, 0)[0] == 422  # so that everything has been loaded
    before = memory(served)
    status, says = send(served, cookies, token, 200 * MB)
    assert status == 413
    assert "groter dan 20 MB" in says
    assert memory(served) - before < 64 * MB
    status, says = send(served, cookies, token, len(table(HEADER, LINDE)))
    assert status == 302
    assert ImportJob.objects.count() == 1


def memory(served: Served) -> int:
    """The most that any of its processes ever had."""
    family = [psutil.Process(served.process.pid), *served.workers()]
    words = [Path(f"/proc/{each.pid}/status").read_text() for each in family]
    return max(int(re.search(r"VmHWM:\s+(\d+)", each)[1]) for each in words) * 1024


def send(served: Served, cookies: str, token: str, size: int) -> tuple[int, str]:
    head = (
        f'--{EDGE}\r\nContent-Disposition: form-data; name="csrfmiddlewaretoken"\r\n\r\n{token}\r\n'
        f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="groot.csv"\r\n'
        "Content-Type: text/csv\r\n\r\n"
    ).encode()
    tail = f"\r\n--{EDGE}--\r\n".encode()
    with closing(http.client.HTTPConnection("127.0.0.1", served.port, timeout=60)) as connection:
        connection.putrequest("POST", UPLOAD)
        connection.putheader("Cookie", cookies)
        connection.putheader("Origin", served.url)
        connection.putheader("Content-Type", f"multipart/form-data; boundary={EDGE}")
        connection.putheader("Content-Length", str(len(head) + size + len(tail)))
        connection.endheaders()
        connection.send(head)
        for begin in range(0, size, len(PIECE)):
            connection.send(PIECE[: size - begin])
        connection.send(tail)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()


MANY = table(HEADER, *[LINDE.replace("01234567", f"{number:08}") for number in range(6000)])


def state() -> tuple[str, int]:
    job = ImportJob.objects.get()
    return job.state, job.rows_written


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < deadline, state()
        time.sleep(0.02)


@contextmanager
def worker() -> Iterator[subprocess.Popen]:
    process = subprocess.Popen([sys.executable, "-m", "balie.cli", "work"])
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def test_a_worker_killed_while_it_writes_leaves_nothing_half(installation):
    dina = make_person(is_organiser=True)
    upload_import(content=MANY, file_name="x.csv", actor=dina)
    with worker():
        until(lambda: state()[0] == "ready")
        confirm_import(job=ImportJob.objects.get(), seen=ImportJob.objects.get().fingerprint, actor=dina)
        until(lambda: state()[1] > 0)
    assert state()[0] == "writing"
    assert Practice.objects.count() == 0
    with worker():
        until(lambda: state()[0] == "done")
    assert Practice.objects.count() == 6000
