"""A mail server that stalls, is silent, refuses or drops: nothing is lost, and copies share their Message-ID."""

import asyncio
import time
from dataclasses import replace

import aiosmtplib
import pytest

from balie.embedded.sink import Faults

from .conftest import QUICK


async def test_a_stall_after_the_final_dot_makes_no_copies_and_holds_up_nobody(post, table, worker):
    table.fill(100)
    await post.sink.set_faults(Faults(slow=3600))
    async with worker(replace(QUICK, connecting=3, in_flight=100)):
        await post.arrived(100)  # all, through three connecting slots, although none has an answer yet
        assert table.states() == {"queued": 100}
        await post.sink.set_faults(Faults())
        await table.until("state = 'sent'")
    assert set(post.copies.values()) == {1}


async def test_control_impatience_after_the_final_dot_makes_copies(post, table, worker):
    table.fill(1)
    await post.sink.set_faults(Faults(slow=3600))
    async with worker(replace(QUICK, answer_s=0.1)):
        await post.arrived(3)
        await post.sink.set_faults(Faults())
        await table.until("state = 'sent'")
    assert len(post.copies) == 1


async def test_the_slots_after_the_dot_have_an_end(post, table, worker):
    table.fill(12)
    await post.sink.set_faults(Faults(slow=0.3))
    async with worker(replace(QUICK, connecting=4, in_flight=5)):
        await post.arrived(12)
        await table.until("state = 'sent'")
    assert post.sink.most_waiting <= 5


async def test_a_living_worker_keeps_what_it_waits_for_longer_than_a_lease(post, table, worker):
    table.fill(3)
    await post.sink.set_faults(Faults(slow=3600))
    limits = replace(QUICK, lease_s=2)
    async with worker(limits), worker(limits):
        await post.arrived(3)
        for _ in range(4):  # four renewals, each after a third of a lease
            (until,) = table.one("taken_until")
            await table.until(f"taken_until > '{until}'")
        await post.sink.set_faults(Faults())
        await table.until("state = 'sent'")
    assert set(post.copies.values()) == {1}


async def test_no_transaction_is_open_while_a_server_stalls(post, table, worker):
    table.fill(5)
    await post.sink.set_faults(Faults(slow=3600))
    async with worker():
        await post.arrived(5)
        idle = "select count(*) from pg_stat_activity where datname = current_database() and xact_start is not null"
        assert table.conn.execute(idle + " and pid <> pg_backend_pid() and state like 'idle%'").fetchone() == (0,)
        await post.sink.set_faults(Faults())
        await table.until("state = 'sent'")


FAULTS = {
    "refuse": Faults(refuse=True),
    "silent": Faults(silent=True),
    "slow-banner": Faults(slow_banner=3600),
    "slow-ehlo": Faults(slow_ehlo=3600),
    "slow-mail": Faults(slow_mail=3600),
    "slow-rcpt": Faults(slow_rcpt=3600),
    "slow-data": Faults(slow_data=3600),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_server_that_takes_nothing_loses_nothing(post, table, worker, name):
    table.fill(40)
    await post.sink.set_faults(FAULTS[name])
    async with worker(replace(QUICK, command_s=0.3)):
        await table.until("(select count(*) from mail_outbox where attempts > 0) >= 5")
        assert table.states() == {"queued": 40}
        await post.sink.set_faults(Faults())
        await table.until("state = 'sent'")
    assert set(post.copies.values()) == {1}
    assert len(post.copies) == 40


async def test_while_the_breaker_is_open_one_mail_at_a_time_probes(post, table, worker):
    table.fill(200)
    await post.sink.set_faults(Faults(refuse=True))
    async with worker(replace(QUICK, connecting=20, breaker_pause_s=(0.05, 0.05))):
        await table.until("(select sum(attempts) from mail_outbox) >= 20")
        # What was on its way as it opened comes back first; on a busy machine that is more than one volley.
        await table.until("(select count(*) from mail_outbox where taken_by <> '') <= 1")
        (tried,) = table.conn.execute("select sum(attempts) from mail_outbox").fetchone()
        for tries in range(tried + 1, tried + 8):
            await table.until(f"(select sum(attempts) from mail_outbox) >= {tries}")
            assert table.busy() <= 1
        await post.sink.set_faults(Faults())
        await table.until("state = 'sent'")


async def test_a_probe_that_waits_for_its_last_answer_is_enough(post, table, worker):
    table.fill(50)
    await post.sink.set_faults(Faults(refuse=True))
    async with worker():
        await table.until("(select sum(attempts) from mail_outbox) >= 20")
        await post.sink.set_faults(Faults(slow=3600))
        await post.arrived(50)  # although not one of them has an answer
        await post.sink.set_faults(Faults())
        await table.until("state = 'sent'")
    assert set(post.copies.values()) == {1}


async def test_a_connection_dropped_after_the_dot_is_tried_again_under_the_same_message_id(post, table, worker):
    table.fill(10)
    await post.sink.set_faults(Faults(drop_after_data=True))
    async with worker():
        await post.arrived(12)
        assert table.states() == {"queued": 10}
        await post.sink.set_faults(Faults())
        await table.until("state = 'sent'")
    assert set(post.copies) == {(f"b27-{n}.2027@balie.example", f"balie@praktijk{n}.example") for n in range(1, 11)}


async def test_an_overdue_attempt_is_abandoned_in_time(post, table, worker):
    table.fill(1)
    await post.sink.set_faults(Faults(silent=True))
    async with worker(replace(QUICK, command_s=3600, before_dot_s=0.2)) as stop:
        began = time.monotonic()
        await table.until("answer = 'no answer in time'")
        assert time.monotonic() - began < 2
        stop.set()


async def test_control_a_deadline_around_the_library_waits_for_the_stall(post):
    await post.sink.set_faults(Faults(slow=1.5))
    began = time.monotonic()
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.1):
            await aiosmtplib.send(
                "Message-ID: <x@y>\r\n\r\nx",
                sender="a@b.example",
                recipients=["c@d.example"],
                hostname="127.0.0.1",
                port=post.sink.port,
            )
    assert time.monotonic() - began > 1
