"""`balie work` as one process: no duty waits for what another waits for."""

import asyncio
import subprocess
import sys
import threading

import pytest

from balie.work import work


async def test_mails_that_wait_for_a_name_server_leave_threads_for_the_draw(installation):
    stop, answered = asyncio.Event(), threading.Event()
    working = asyncio.create_task(work(stop))
    await asyncio.sleep(0)  # it has begun
    loop = asyncio.get_running_loop()
    try:
        lookups = [loop.run_in_executor(None, answered.wait) for _ in range(40)]
        assert await asyncio.wait_for(asyncio.to_thread(lambda: "drawn"), 5) == "drawn"
        answered.set()
        await asyncio.gather(*lookups)
    finally:
        answered.set()
        stop.set()
        await asyncio.wait_for(working, 20)


@pytest.mark.slow
def test_a_worker_loads_what_it_seldom_needs_only_then():
    """`balie work` has to be there again within seconds of a kill."""
    later = {"apprise", "holidays", "icalendar", "openpyxl"}
    code = f"import django; django.setup(); import balie.work, sys; print(*{later} & set(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []
