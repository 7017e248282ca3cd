"""A gateway in good health, one that refuses, and one that says nothing: what becomes of texts."""

import asyncio
import os
import socket
import sys
from dataclasses import replace

import pytest
from django.db import connection

from balie.mail.statements import Statements

from .conftest import KIND, QUICK, render

WORKER = "import django; django.setup(); from tests.sms.conftest import text_for_ever; text_for_ever()"


async def test_every_text_is_taken_once_and_its_row_says_so(gateway, table, worker):
    table.fill(30)
    async with worker(), worker():
        await table.until("state = 'sent'")
    assert set(gateway.copies) == {(f"+3161000{n:04}", render(f"B27-{n}")) for n in range(1, 31)}
    assert set(gateway.copies.values()) == {1}
    assert table.one("attempts, taken_by, taken_until, settled_at >= created_at") == (1, "", None, True)


async def test_an_occasion_is_told_once(table):
    table.fill(1)
    with pytest.raises(Exception, match="sms_outbox_once"):
        table.fill(1)


async def test_without_a_gateway_nothing_is_taken(table, worker):
    table.fill(1)
    async with worker(url=""):
        pass
    assert table.one("state, attempts") == ("queued", 0)


async def test_with_an_address_that_is_none_work_goes_on_without_texts(table, worker):
    table.fill(1)
    async with worker(url="duif://til/{to}"):
        pass
    assert table.one("state, attempts") == ("queued", 0)


async def test_renderers_may_ask_the_database(gateway, table, worker):
    def from_database(reference):
        with connection.cursor() as cursor:
            cursor.execute("select recipient from sms_outbox where reference = %s", [reference])
            return cursor.fetchone()[0]

    table.fill(2)
    async with worker(renderers={KIND: from_database}):
        await table.until("state = 'sent'")
    assert sorted(gateway.taken) == [(number, number) for number in ("+31610000001", "+31610000002")]


async def test_a_renderer_that_fails_fails_alone(gateway, table, worker):
    def picky(reference):
        if reference == "B27-2":
            raise LookupError("no such order")
        return render(reference)

    table.fill(3)
    async with worker(renderers={KIND: picky}):
        await table.until("state = 'sent' or attempts > 1")
    assert table.states() == {"sent": 2, "queued": 1}
    assert "no such order" in table.one("answer", "B27-2")[0]


async def test_a_refusal_is_tried_again_and_again_until_it_is_enough(gateway, table, worker):
    gateway.status = 500
    table.fill(1)
    async with worker(replace(QUICK, most_attempts=3)):
        await table.until("state = 'failed'")
    attempts, answer, settled = table.one("attempts, answer, settled_at is not null")
    assert (attempts, settled) == (3, True)
    assert "error=500" in answer


async def test_a_gateway_that_recovers_gets_what_it_refused(gateway, table, worker):
    gateway.status = 503
    table.fill(12)
    async with worker():
        await table.until("attempts > 0 or id > 5")
        gateway.status = 200
        await table.until("state = 'sent'")
    assert set(gateway.copies.values()) == {1}


async def test_what_nobody_needs_to_hear_any_more_is_given_up(gateway, table, worker):
    table.fill(1)
    table.conn.execute("update sms_outbox set created_at = now() - interval '13 hours'")
    async with worker():
        await table.until("state = 'failed'")
    assert table.one("answer") == ("not sent in time",)
    assert gateway.taken == []


async def test_a_gateway_that_says_nothing_costs_few_copies_and_ends_in_a_dead_letter(gateway, table, worker):
    gateway.well.clear()
    table.fill(1)
    async with worker(replace(QUICK, answer_s=0.2, most_attempts=3)):
        await table.until("state = 'failed'")
    assert table.one("answer, attempts") == ("no answer in time", 3)
    assert len(gateway.taken) <= 3


async def test_a_gateway_that_says_nothing_spares_the_others_their_attempts(gateway, table, worker):
    gateway.well.clear()
    table.fill(40)
    async with worker(replace(QUICK, answer_s=0.2, breaker_pause_s=(30, 30))):
        await table.until("attempts > 0 or id > 5")
        await asyncio.wait_for(table.until("taken_by = ''"), 30)
        assert table.one("max(attempts)") <= (2,)
    untouched = table.conn.execute("select count(*) from sms_outbox where attempts = 0").fetchone()[0]
    assert untouched > 25


@pytest.mark.slow
async def test_a_gateway_that_says_nothing_does_not_keep_the_process(installation, gateway, table):
    """Even Python's own end waits for threads, except for those that it may leave behind."""
    gateway.well.clear()
    table.fill(1)
    code = (
        "import asyncio, django, sys; django.setup()\n"
        "from dataclasses import replace\n"
        "from django.conf import settings\n"
        "from balie.sms.sending import run_texter\n"
        "from tests.sms.conftest import KIND, QUICK, render\n"
        "async def main():\n"
        "    stop = asyncio.Event()\n"
        "    asyncio.get_running_loop().add_signal_handler(15, stop.set)\n"
        "    await run_texter(dsn=settings.DATABASE_URL, url=sys.argv[1], renderers={KIND: render}, stop=stop,\n"
        "                     limits=replace(QUICK, answer_s=600, grace_s=0.1))\n"
        "asyncio.run(main())\n"
    )
    process = await python(code, gateway.url)
    await gateway.arrived(1)
    process.terminate()
    assert await asyncio.wait_for(process.wait(), 20) == 0


@pytest.mark.slow
async def test_a_worker_killed_between_sending_and_marking_costs_one_copy_at_most(gateway, table, worker):
    table.fill(4)
    gateway.well.clear()  # it has the texts, and its answer is still to come: the moment to be killed
    doomed = await python(WORKER, gateway.url)
    await gateway.arrived(4)
    doomed.kill()
    await doomed.wait()
    gateway.well.set()
    async with worker():
        await table.until("state = 'sent'")
    assert len(gateway.copies) == 4
    assert set(gateway.copies.values()) == {2}
    assert table.one("attempts") == (2,)


async def test_control_marked_before_it_is_sent_a_text_is_lost_with_its_worker(gateway, table, worker):
    table.fill(1)
    table.conn.execute("update sms_outbox set state = 'sent', settled_at = now()")  # and the worker dies here
    async with worker():
        table.conn.execute(
            "insert into sms_outbox (kind, reference, once, recipient) values (%s, 'B27-9', 'x', '+31610000009')",
            (KIND,),
        )
        await table.until("state = 'sent'")
    assert [number for number, _ in gateway.taken] == ["+31610000009"]


async def test_a_late_worker_cannot_overwrite_what_another_wrote(installation, table):
    table.fill(1)
    statements = Statements(installation.dsn, name="test", context="sms")

    async def take(worker: str) -> int:
        asked = {"worker": worker, "kinds": [KIND], "room": 1, "lease_s": 0.0, "most_attempts": 9, "give_up_s": 99.0}
        ((*_, attempt, _too_late),) = await statements.run("take", asked)
        return attempt

    async def settle(worker: str, attempt: int, state: str) -> list:
        said = {"id": 1, "worker": worker, "attempt": attempt, "state": state, "answer": "", "wait_s": 0.0}
        return await statements.run("settle", said)

    late, other = await take("late"), await take("other")
    assert await settle("late", late, "failed") == []
    assert await settle("other", other, "sent") == [(1,)]
    assert await settle("late", late, "failed") == []
    assert table.one("state, attempts") == ("sent", 2)
    await statements.close()


async def test_nobody_listens(table, worker):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        table.fill(1)
        async with worker(url=f"json://127.0.0.1:{port}/texts?:to={{to}}"):
            await table.until("attempts > 1")
    assert "onnection" in table.one("answer")[0]


async def python(code: str, *words: str) -> asyncio.subprocess.Process:
    return await asyncio.create_subprocess_exec(
        sys.executable, "-c", code, *words, env={**os.environ, "DJANGO_SETTINGS_MODULE": "balie.settings"}
    )
