"""The duty of `balie work` that checks uploaded files and carries them out, one at a time in each process."""

import asyncio
import threading

import structlog
from django.db import connections

from balie.lib.sqlfiles import read_sql
from balie.practices.importing.jobs import run_import
from balie.practices.importing.progress import Step, StoppedError
from balie.runtime.hot import Connection

log = structlog.get_logger()

INTERVAL_S = 1.0
FORGET_INTERVAL_S = 3600.0
WITHIN_S = 900.0
_LEASE_S = 15.0
_KEEP_S = 0.5


class Watch:
    """How far the thread is, read by the loop; and the word to stop, given by the loop."""

    def __init__(self) -> None:
        self.done = dict.fromkeys(Step, 0)
        self.rows = 0
        self.stop = threading.Event()

    def __call__(self, step: Step, done: int, total: int) -> None:
        if self.stop.is_set():
            raise StoppedError
        self.done[step] = done
        if step is Step.CHECKED:
            self.rows = total


async def work_on_imports(conn: Connection, *, worker: str, stop: asyncio.Event) -> bool:
    """Take one import, if there is one, and do what is to be done with it; whether there was one.

    The work is done in a thread of its own (the ORM is synchronous, and it takes a while). It is told to stop when the
    process must, when the import was cancelled, and when the database no longer hears us: then another may have it.
    """
    cursor = await conn.execute(read_sql("practices", "import_take").encode(), {"worker": worker, "lease_s": _LEASE_S})
    taken = await cursor.fetchone()
    if taken is None:
        return False
    ours = {"job": taken[0], "attempt": taken[1]}
    watch = Watch()
    running = asyncio.create_task(asyncio.to_thread(_run, taken[0], taken[1], watch))
    try:
        while not running.done():
            await asyncio.wait({running}, timeout=_KEEP_S)
            if stop.is_set() or not await _keep(conn, ours, watch):
                watch.stop.set()
        await running
        await conn.execute(read_sql("practices", "import_leave").encode(), ours)
    finally:
        watch.stop.set()
    return True


async def _keep(conn: Connection, ours: dict[str, int], watch: Watch) -> bool:
    """Whether it is still ours, or done."""
    progress = {str(step): done for step, done in watch.done.items()}
    params = {**ours, **progress, "rows": watch.rows, "lease_s": _LEASE_S}
    return bool(await (await conn.execute(read_sql("practices", "import_keep").encode(), params)).fetchone())


def _run(pk: int, attempt: int, watch: Watch) -> None:
    try:
        run_import(pk=pk, attempt=attempt, tell=watch)
    except StoppedError:
        log.info("import_stopped", job=pk)
    finally:
        connections.close_all()  # those of this thread


async def forget_old_imports(conn: Connection) -> None:
    """Files and reports of more than a month ago."""
    await conn.execute(read_sql("practices", "import_forget").encode())
