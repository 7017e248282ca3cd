import asyncio
import subprocess
import sys
from contextlib import suppress

import psutil
import pytest

from balie.rehearse import cpu
from balie.rehearse.cpu import CpuMeter, read_used

BUSY = [sys.executable, "-c", "while True: pass"]
ITS_CHILD = [sys.executable, "-c", f"import subprocess; subprocess.run({BUSY!r})"]


@pytest.fixture
def parent():
    """A process that waits for its child, which takes all it gets."""
    with subprocess.Popen(ITS_CHILD, start_new_session=True) as parent:
        while not (children := psutil.Process(parent.pid).children()):
            pass
        yield parent.pid
        children[0].kill()


def look_here(*_: object) -> None:
    raise AssertionError("looked in the process that plays")


@pytest.mark.slow
async def test_what_runs_below_a_root_counts_and_is_read_in_another_process(parent, monkeypatch):
    """Here it would take its time from those whose waits are measured."""
    monkeypatch.setattr(psutil, "process_iter", look_here)
    monkeypatch.setattr(cpu, "LOOK_EVERY_S", 0.05)
    meter = CpuMeter(lambda: {"busy": [parent], "gone": [2**22 + 1]})
    watching = asyncio.create_task(meter.watch())
    while not meter.seconds("busy") and not watching.done():  # noqa: ASYNC110 - another process reads
        await asyncio.sleep(0.01)
    watching.cancel()
    with suppress(asyncio.CancelledError):
        await watching
    assert meter.seconds("busy") > 0
    assert meter.seconds("gone") == 0
    with pytest.raises(AssertionError, match="looked in the process that plays"):
        read_used({"busy": [parent]})  # control: whoever reads it here is caught
