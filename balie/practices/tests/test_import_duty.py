"""The work on uploads by processes that die, are told to stop, or find that somebody else was first."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Any

import psycopg
import pytest
from django.db import connections, transaction

from balie.lib.sqlfiles import read_sql
from balie.ordering.tests.web import off_loop
from balie.practices.importing import duty, jobs, services
from balie.practices.importing.jobs import cancel_import, confirm_import, run_import, upload_import
from balie.practices.importing.progress import Step, StoppedError, tell_nobody
from balie.practices.importing.services import ChangedMeanwhileError, examine_file, import_file
from balie.practices.models import AuditEvent, ImportJob, ImportLine, ImportState, Person, Practice
from balie.practices.testing import make_person, make_practice
from balie.practices.tests.imports import HEADER, LINDE, table, take
from balie.runtime.hot import Connection, connect

CONTENT = table(HEADER, LINDE)
MANY = table(HEADER, *[LINDE.replace("01234567", f"{number:08}") for number in range(3000)])


@pytest.fixture
async def conn(installation) -> AsyncIterator[Connection]:
    async with await connect(installation.dsn, name="test") as conn:
        yield conn


@pytest.fixture
async def dina(installation) -> Person:
    return await off_loop(lambda: make_person("Dina Smit", is_organiser=True))


async def start(dina: Person, content: bytes = CONTENT) -> ImportJob:
    return await off_loop(lambda: upload_import(content=content, file_name="x.csv", actor=dina))


async def reread(job: ImportJob) -> ImportJob:
    return await off_loop(lambda: ImportJob.objects.get(pk=job.pk))


async def work(conn: Connection, *, stop: asyncio.Event | None = None) -> None:
    await duty.work_on_imports(conn, worker="one", stop=stop or asyncio.Event())


async def until(condition: Callable[[], Any]) -> None:
    async with asyncio.timeout(20):
        while not await off_loop(condition):  # noqa: ASYNC110 - the database tells nobody
            await asyncio.sleep(0.02)


@pytest.fixture
def held_up(monkeypatch) -> threading.Event:
    """Work stands still at its first row until this is set."""
    go_on, examine = threading.Event(), examine_file

    def slow(content: bytes, *, tell=tell_nobody, lock: bool = False):
        tell(Step.READ, 1, 0)
        assert go_on.wait(30)
        tell(Step.READ, 2, 0)
        return examine(content, tell=tell, lock=lock)

    monkeypatch.setattr(jobs, "examine_file", slow)
    return go_on


@pytest.mark.slow
async def test_a_worker_checks_and_carries_out(conn, dina):
    job = await start(dina, MANY)
    await work(conn)
    checked = await reread(job)
    assert (checked.state, checked.rows, checked.created) == (ImportState.READY, 3000, 3000)
    await off_loop(lambda: confirm_import(job=job, seen=checked.fingerprint, actor=dina))
    await work(conn)
    done = await reread(job)
    assert (done.state, done.rows_written, done.content) == (ImportState.DONE, 3000, None)
    assert await off_loop(Practice.objects.count) == 3000
    await work(conn)  # and now there is nothing to do


async def test_progress_shows_while_the_work_goes_on(conn, dina, held_up):
    job = await start(dina)
    working = asyncio.create_task(work(conn))
    await until(lambda: ImportJob.objects.filter(pk=job.pk, state="checking", rows_read=1).exists())
    held_up.set()
    await working
    assert (await reread(job)).state == ImportState.READY


async def test_what_is_cancelled_stops_and_stays_cancelled(conn, dina, held_up):
    job = await start(dina)
    working = asyncio.create_task(work(conn))
    await until(lambda: ImportJob.objects.filter(pk=job.pk, rows_read=1).exists())
    await off_loop(lambda: cancel_import(job=job, actor=dina))
    held_up.set()
    await working
    assert ((await reread(job)).state, await off_loop(ImportLine.objects.count)) == (ImportState.CANCELLED, 0)


async def test_a_process_that_must_stop_leaves_the_work_to_another(conn, dina, held_up):
    job, stop = await start(dina), asyncio.Event()
    working = asyncio.create_task(work(conn, stop=stop))
    await until(lambda: ImportJob.objects.filter(pk=job.pk, rows_read=1).exists())
    stop.set()
    await asyncio.sleep(2 * duty._KEEP_S)
    held_up.set()
    await working
    assert (await reread(job)).state == ImportState.WAITING
    await work(conn)
    assert ((await reread(job)).state, (await reread(job)).losses) == (ImportState.READY, 0)


async def test_another_takes_over_from_a_worker_that_died(conn, dina):
    job = await start(dina)
    assert await off_loop(lambda: take("dead", lease_s=0)) == (job.pk, 1)
    await work(conn)
    assert (await reread(job)).state == ImportState.READY


@pytest.mark.parametrize("phase", ["checking", "writing"])
async def test_who_was_thought_dead_changes_nothing_any_more(conn, dina, phase):
    job = await start(dina)
    if phase == "writing":
        await work(conn)
        seen = (await reread(job)).fingerprint
        await off_loop(lambda: confirm_import(job=job, seen=seen, actor=dina))
    late = await off_loop(lambda: take("late", lease_s=0))
    assert late is not None

    def wake_up() -> None:
        """By then another is at it."""

        def tell(step: Step, _done: int, _total: int) -> None:
            if step is Step.READ:
                take("other")

        with pytest.raises(StoppedError):
            run_import(pk=late[0], attempt=late[1], tell=tell)

    await off_loop(wake_up)
    assert (await reread(job)).state == phase
    assert await off_loop(lambda: (Practice.objects.count(), AuditEvent.objects.count())) == (0, 0)


async def test_what_every_worker_dies_of_is_given_up(conn, dina):
    job = await start(dina)
    for _ in range(jobs.MOST_LOSSES + 1):
        assert await off_loop(lambda: take("dies", lease_s=0))
    await work(conn)
    failed = await reread(job)
    assert (failed.state, failed.content) == (ImportState.FAILED, None)
    assert "referentie" in failed.fault


@pytest.mark.slow
async def test_a_write_that_breaks_off_leaves_nothing_half(conn, dina, monkeypatch):
    job = await start(dina, MANY)
    await work(conn)
    await off_loop(lambda: confirm_import(job=job, seen=ImportJob.objects.get().fingerprint, actor=dina))

    def break_off() -> None:
        def tell(step: Step, done: int, _total: int) -> None:
            if step is Step.WRITTEN and done:
                raise StoppedError

        pk, attempt = take(lease_s=0)
        with pytest.raises(StoppedError):
            run_import(pk=pk, attempt=attempt, tell=tell)

    await off_loop(break_off)
    assert await off_loop(Practice.objects.count) == 0
    await work(conn)
    assert (await reread(job)).state == ImportState.DONE
    assert await off_loop(Practice.objects.count) == 3000


async def test_old_files_and_reports_are_forgotten(conn, dina):
    old, young = await start(dina), await start(dina)
    await work(conn)
    await conn.execute(f"update practices_import_job set uploaded_at = now() - interval '31 days' where id = {old.pk}")
    await duty.forget_old_imports(conn)
    await conn.execute(read_sql("practices", "import_forget").encode())
    assert ((await reread(old)).state, (await reread(old)).content) == (ImportState.CANCELLED, None)
    assert await off_loop(ImportLine.objects.count) == 0
    assert (await reread(young)).state == ImportState.WAITING


# While the file is being compared and written, somebody else changes the same practice.

CHANGE = "update practices_practice set phone = '112' where agb_code = '01234567'"


def read_then_write() -> None:
    """As it would be without the lock."""
    with transaction.atomic():
        practice = Practice.objects.get(agb_code="01234567")
        other_changes.set()
        assert other_changed.wait(30)
        practice.name = "De Linde"
        practice.save()


def import_it() -> None:
    content = table(f"{HEADER};phone", f"{LINDE};088 123 45 67")
    examined = examine_file(content)
    other_changes.set()
    assert other_changed.wait(30)
    import_file(content, name="x.csv", write=True, seen=examined.fingerprint)


other_changes, other_changed = threading.Event(), threading.Event()


def race(dsn: str, act: Callable[[], None]) -> list[type[BaseException]]:
    """`act` in a thread, while another connection changes the practice; what `act` raised."""
    other_changes.clear()
    other_changed.clear()
    raised: list[type[BaseException]] = []

    def run() -> None:
        try:
            act()
        except Exception as error:  # noqa: BLE001 - the test judges it
            raised.append(type(error))
        finally:
            connections.close_all()

    thread = threading.Thread(target=run)
    thread.start()
    assert other_changes.wait(30)
    with psycopg.connect(dsn) as other:
        other.execute(CHANGE)
        if act is read_then_write:
            other.commit()
        other_changed.set()
        if act is not read_then_write:
            thread.join(0.5)
            assert thread.is_alive()  # it waits for us
    thread.join(30)
    return raised


def phone() -> str:
    return Practice.objects.get(agb_code="01234567").phone


def test_a_change_in_the_same_moment_is_not_written_over(installation):
    make_practice("Oud", agb_code="01234567")
    assert race(installation.dsn, import_it) == [ChangedMeanwhileError]
    assert phone() == "112"


def test_without_the_lock_it_would_be(installation):
    make_practice("Oud", agb_code="01234567")
    assert race(installation.dsn, read_then_write) == []
    assert phone() == ""


# Two files at once make the same practice.


def import_both() -> list[type[BaseException]]:
    """What was raised by two imports that both saw that the practice is new, and then both wrote."""
    seen, raised = threading.Barrier(2), []

    def run() -> None:
        try:
            examined = examine_file(CONTENT)
            seen.wait(30)
            import_file(CONTENT, name="x.csv", write=True, seen=examined.fingerprint, tell=together)
        except Exception as error:  # noqa: BLE001 - the test judges it
            raised.append(type(error))
        finally:
            connections.close_all()

    def together(step: Step, _done: int, _total: int) -> None:
        """Nobody writes before both have compared; where one waits for the other to end, this is in vain."""
        if step is Step.WRITTEN and not compared.broken:
            with suppress(threading.BrokenBarrierError):
                compared.wait(1)

    compared = threading.Barrier(2)
    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


def made() -> int:
    return AuditEvent.objects.filter(action="practice.created").count()


def test_two_imports_do_not_make_the_same_practice(installation):
    assert import_both() == [ChangedMeanwhileError]
    assert made() == 1


def test_without_their_lock_they_would(installation, monkeypatch):
    monkeypatch.setattr(services, "_ONE_AT_A_TIME", "select 1")
    assert import_both() == []
    assert made() == 2
