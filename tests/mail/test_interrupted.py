"""Workers that stop, die or lose the database in the middle of a mail."""

import asyncio
import os
import sys
from dataclasses import replace

import psycopg
import pytest

from balie.embedded.sink import Faults
from balie.mail.models import MailState
from balie.mail.outbox import Outbox, Settlement
from balie.mail.statements import OutboxAwayError

from .conftest import KIND, QUICK

WORKER = "import django; django.setup(); from tests.mail.conftest import send_for_ever; send_for_ever()"


@pytest.fixture
def outbox_of(installation):
    return lambda worker, lease_s: Outbox(
        installation.dsn, worker=worker, kinds=[KIND], lease_s=lease_s, give_up_s=3600
    )


@pytest.mark.slow
async def test_a_worker_killed_between_sending_and_marking_costs_one_copy_at_most(post, table, worker):
    table.fill(20)
    await post.sink.set_faults(Faults(slow=3600))  # accepted, and the answer still to come: the moment to be killed
    doomed = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        WORKER,
        post.url,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "balie.settings"},
    )
    await post.arrived(20)
    doomed.kill()
    await doomed.wait()
    await post.sink.set_faults(Faults())
    async with worker():
        await table.until("state = 'sent'")
    assert len(post.copies) == 20
    assert set(post.copies.values()) == {2}
    assert table.one("attempts") == (2,)


async def test_a_late_worker_cannot_overwrite_what_another_wrote(outbox_of, table):
    table.fill(1)
    late, other = outbox_of("late", 0.0), outbox_of("other", 60.0)
    (mail,) = await late.take(room=1)
    (again,) = await other.take(room=1)  # the lease of the late one is over already
    assert await late.settle([Settlement(mail, MailState.FAILED, "550")]) == []
    assert await other.settle([Settlement(again, MailState.SENT, "250")]) == [mail.id]
    assert await late.settle([Settlement(mail, MailState.FAILED, "550")]) == []
    assert table.one("state, answer, attempts") == ("sent", "250", 2)
    await late.close()
    await other.close()


async def test_a_worker_that_took_its_own_mail_again_cannot_settle_the_first_attempt(outbox_of, table):
    table.fill(1)
    outbox = outbox_of("same", 0.0)
    (first,) = await outbox.take(room=1)
    (second,) = await outbox.take(room=1)
    assert await outbox.settle([Settlement(first, MailState.FAILED, "550")]) == []
    assert await outbox.settle([Settlement(second, MailState.SENT, "250")]) == [first.id]
    await outbox.close()


async def test_control_without_the_fence_the_late_one_would_win(outbox_of, table):
    table.fill(1)
    outbox = outbox_of("other", 60.0)
    (mail,) = await outbox.take(room=1)
    await outbox.settle([Settlement(mail, MailState.SENT, "250")])
    table.conn.execute(
        "update mail_outbox set state = 'failed', sent_at = null, undelivered_at = now(), answer = '550' where id = %s",
        [mail.id],
    )
    assert table.one("state") == ("failed",)
    await outbox.close()


async def test_a_worker_that_is_stopped_finishes_what_is_on_its_way(post, table, worker):
    table.fill(5)
    await post.sink.set_faults(Faults(slow=3600))
    async with worker(replace(QUICK, grace_s=30)) as stop:
        await post.arrived(5)
        stop.set()
        await post.sink.set_faults(Faults())
    assert table.states() == {"sent": 5}
    assert len(post.accepted) == 5


async def test_a_worker_that_is_stopped_gives_back_what_takes_too_long(post, table, worker):
    table.fill(5)
    await post.sink.set_faults(Faults(slow=3600))
    async with worker(replace(QUICK, grace_s=0.1)) as stop:
        await post.arrived(5)
        stop.set()
    assert table.states() == {"queued": 5}
    assert table.one("taken_by, taken_until, next_attempt_at <= now()") == ("", None, True)


async def test_nothing_new_is_taken_after_a_stop(post, table, worker):
    async with worker() as stop:
        stop.set()
        table.fill(5)
    assert table.one("attempts") == (0,)


async def test_losing_the_database_loses_nothing_and_makes_no_copies(post, table, worker):
    table.fill(30)
    await post.sink.set_faults(Faults(slow=3600))
    kill = "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'balie mail'"
    async with worker():
        await post.arrived(30)
        assert table.conn.execute(kill).fetchall()
        await post.sink.set_faults(Faults())
        await table.until("state = 'sent'")
    assert set(post.copies.values()) == {1}


async def test_a_database_that_is_away_is_asked_again(installation, outbox_of, table):
    table.fill(1)
    outbox = outbox_of("patient", 60.0)
    name = psycopg.conninfo.conninfo_to_dict(installation.dsn)["dbname"]
    with psycopg.connect(installation.dsn, dbname="postgres", autocommit=True) as elsewhere:
        elsewhere.execute(f'alter database "{name}" allow_connections false')
        with pytest.raises(OutboxAwayError, match="not currently accepting connections"):
            await outbox.take(room=1)
        elsewhere.execute(f'alter database "{name}" allow_connections true')
    assert len(await outbox.take(room=1)) == 1
    await outbox.close()


async def test_a_fault_of_our_own_ends_one_sender_and_another_takes_its_place(post, table, worker, monkeypatch):
    table.fill(3)
    take, failed = Outbox.take, asyncio.Event()

    async def fail_once(self, *, room):
        if not failed.is_set():
            failed.set()
            raise RuntimeError("a bug")
        return await take(self, room=room)

    monkeypatch.setattr(Outbox, "take", fail_once)
    async with worker(replace(QUICK, lease_s=0.2)):
        await table.until("state = 'sent'")
    assert failed.is_set()


async def test_an_address_of_the_mail_server_that_is_none_is_said_at_once(worker):
    with pytest.raises(ValueError, match="BALIE_SMTP_URL"):
        async with worker(url="http://mail.example"):
            pass
