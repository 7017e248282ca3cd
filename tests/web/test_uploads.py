"""A file that is far too large, through each server that shows pages: refused with a sentence, and never kept."""

import http.client
import re
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psutil
import pytest
from django.test import Client

from balie.practices.models import ImportJob
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
    assert memory(served) - before < 30 * MB
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
