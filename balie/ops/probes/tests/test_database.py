"""What the database says of itself and of everybody else, as the role that may do little."""

import time

import psutil
import psycopg
import pytest

from balie.lib.sqlfiles import read_sql
from balie.ops.lacking import NotSetUpError
from balie.ops.probes import Unwell
from balie.ops.probes.database import Clock, Database, Outbox, Replica, Workers


@pytest.fixture
def table(installation, settings):
    """The database as its owner sees it; probes come as the role of the watch."""
    with installation.connect() as conn:
        conn.execute(read_sql("ordering", "watch_role"))
        settings.WATCH_DSN = psycopg.conninfo.make_conninfo(installation.dsn, user="balie_watch")
        settings.WATCH_REPLICAS = []
        yield conn


async def test_a_row_is_written_and_read(table):
    assert "written and read" in await Database().look()
    await Database().look()
    assert table.execute("select number from watch.mark").fetchone() == (2,)


FORBIDDEN = (
    "select * from practices_pass_revocation",
    "select * from practices_person",
    "select * from mail_outbox",
    "delete from watch.mark",
    "update runtime_clock set fence = 9",
    "select * from judge.orders",
)


async def test_the_role_may_do_nothing_else(table, settings):
    with psycopg.connect(settings.WATCH_DSN, autocommit=True) as watch:
        for forbidden in FORBIDDEN:
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                watch.execute(forbidden)


async def test_a_database_that_takes_no_writes_is_unwell_although_it_answers(table):
    table.execute("alter role balie_watch set default_transaction_read_only = on")
    try:
        assert "live" in await _looks_alive(table)  # control: a check that only reads is content
        with pytest.raises(Unwell, match="writing a row: cannot execute UPDATE in a read-only transaction"):
            await Database().look()
    finally:
        table.execute("alter role balie_watch reset default_transaction_read_only")


async def _looks_alive(table) -> str:
    table.execute("select runtime_beat_v1('work@here', 'work', '{}')")
    return await Workers().look()


async def test_nobody_there_is_unwell(table, settings, tmp_path):
    settings.WATCH_DSN = f"postgresql://balie_watch@/balie?host={tmp_path}"
    with pytest.raises(Unwell, match=r"connecting to the database: .*No such file"):
        await Database().look()


async def test_a_row_that_somebody_keeps_is_slow(installation, table):
    with installation.connect(autocommit=False) as other:
        other.execute("select from watch.mark for update")
        with pytest.raises(Unwell, match="writing a row: no answer after 1"):
            await Database(within_s=1).look()
    assert await Database().look()


async def test_a_server_that_hangs_is_left_in_time(table, settings):
    """Connections are accepted by the kernel, and nobody answers."""
    server = psutil.Process(table.info.backend_pid).parent()
    server.suspend()
    try:
        began = time.monotonic()
        with pytest.raises(Unwell, match="connecting to the database: no answer"):
            await Database(within_s=1).look()
        assert time.monotonic() - began < 3
        assert table.execute("select 1").fetchone()  # control: who is inside notices nothing
    finally:
        server.resume()


async def test_a_replica_has_what_was_written(table, settings):
    settings.WATCH_REPLICAS = [settings.WATCH_DSN]
    assert "had a new row within" in await Replica().look()


async def test_a_replica_that_stays_behind_is_unwell(table, settings, postgres):
    """Another copy, which nothing reaches."""
    name = postgres.create()
    with psycopg.connect(postgres.dsn(name), autocommit=True) as copy:
        copy.execute("call watch.admit_v1()")
    settings.WATCH_REPLICAS = [psycopg.conninfo.make_conninfo(postgres.dsn(name), user="balie_watch")]
    with pytest.raises(Unwell, match=r"more than 0\.1 s behind"):
        await Replica(lag_s=0.1).look()
    assert await Database().look()  # control: the database itself is well


async def test_a_replica_that_was_never_named_says_nothing_of_the_database(table):
    with pytest.raises(NotSetUpError, match="BALIE_WATCH_REPLICAS names no replica 2"):
        await Replica(number=2).look()


async def test_a_clock_that_is_advanced_is_well_and_one_that_stands_is_not(table):
    table.execute("update runtime_clock set advanced_at = clock_timestamp(), shows = clock_timestamp()")
    assert "was advanced 0." in await Clock().look()
    table.execute("update runtime_clock set advanced_at = clock_timestamp() - interval '3 seconds'")
    assert "was advanced 3." in await Clock().look()
    with pytest.raises(Unwell, match="it stands still"):
        await Clock(unattended_s=2).look()


async def test_workers_are_well_while_enough_of_them_beat(table):
    with pytest.raises(Unwell, match="0 of at least 1 “work” live; none ever gave a sign"):
        await Workers().look()
    for name in ("work@a", "work@b"):
        table.execute("select runtime_beat_v1(%s, 'work', '{}')", [name])
    assert "2 “work” live" in await Workers(at_least=2).look()
    table.execute("update runtime_heartbeat set beat_at = beat_at - interval '9 seconds' where process = 'work@a'")
    with pytest.raises(Unwell, match="1 of at least 2"):
        await Workers(at_least=2).look()
    with pytest.raises(Unwell, match="0 of at least 1 “live”"):
        await Workers(role="live").look()


async def test_mail_that_waits_too_long_for_a_worker_is_unwell(table):
    assert "0 mails wait" in await Outbox().look()
    table.execute(
        "insert into mail_outbox (kind, reference, recipient, message_id, next_attempt_at)"
        " values ('a', '1', 'a@a.example', '1@a', now() - interval '40 seconds'),"
        " ('a', '2', 'a@a.example', '2@a', now() + interval '1 hour')"
    )
    assert "1 mails wait to be taken, the oldest for 40 s" in await Outbox().look()
    with pytest.raises(Unwell, match="the oldest for 40 s"):
        await Outbox(age_s=30).look()
    table.execute("update mail_outbox set taken_by = 'w', taken_until = now() + interval '1 minute'")
    assert "0 mails wait" in await Outbox(age_s=30).look()  # somebody has them in hand
