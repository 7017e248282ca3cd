"""`/metrics` of one command, however many processes it has.

Each process writes what it counts into files of a folder that they share, and one more process adds these up for
whoever asks. It knows nothing but that folder, and ends, and takes the folder with it, when the command does.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Final

FOLDER: Final = "PROMETHEUS_MULTIPROC_DIR"  # where the library looks for it
LOOK_S: Final = 0.5


class AddressError(Exception):
    """Nothing can listen there; says why."""


@contextmanager
def exposed(address: str | None) -> Iterator[None]:
    """Answer `/metrics` at `address`, as `127.0.0.1:9101`, for as long as this lasts; without one nothing is written.

    Before whatever counts is imported: it is then that the library decides where it counts. Raises AddressError.
    """
    if address is None:
        yield
        return
    assert "prometheus_client" not in sys.modules
    host, port = _read(address)
    folder = tempfile.mkdtemp(prefix="balie-metrics-")
    os.environ[FOLDER] = folder
    command = [sys.executable, "-m", "balie.lib.exposition", folder, host, port]
    with subprocess.Popen(command) as adding_up:  # noqa: S603 - our own command, no shell
        try:
            yield
        finally:
            adding_up.terminate()


def _read(address: str) -> tuple[str, str]:
    host, _, port = address.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 2**16:
        raise AddressError(f"“{address}” is not an address with a port, like 127.0.0.1:9101.")
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        socket.create_server(found[4][:2], family=found[0]).close()
    except OSError as fault:
        raise AddressError(f"cannot listen on {address}: {fault.strerror}.") from None
    return host, port


def main() -> None:
    """Add up and answer, until told to stop or until whoever started this is gone."""
    from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415 - not where `exposed` is imported
    from prometheus_client.multiprocess import MultiProcessCollector  # noqa: PLC0415 - as above

    folder, host, port = sys.argv[1:]
    parent = os.getppid()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _end)
    registry = CollectorRegistry()
    MultiProcessCollector(registry, path=folder)  # type: ignore[no-untyped-call]
    try:
        start_http_server(int(port), host, registry)
        while os.getppid() == parent:
            _forget_the_dead(Path(folder))
            time.sleep(LOOK_S)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _end(_number: int, _frame: FrameType | None) -> None:
    sys.exit()


def _forget_the_dead(folder: Path) -> None:
    """What a process has just now ends with it; what it counted stays counted."""
    for file in folder.glob("gauge_live*_*.db"):
        try:
            os.kill(int(file.stem.rpartition("_")[2]), 0)
        except ProcessLookupError:
            file.unlink(missing_ok=True)
        except PermissionError:
            continue


if __name__ == "__main__":
    main()
