"""From looks to rows: what is open goes on after a kill, and nothing is opened or written twice."""

import asyncio
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import psycopg
import pytest
from django.db import OperationalError, connections

from balie.ops import ledger as ledgers
from balie.ops.engine import Engine
from balie.ops.graph import Graph
from balie.ops.ledger import Ledger, LedgerError
from balie.ops.models import Entry, Transition, Verdict
from balie.ops.probes import Unwell
from balie.ops.tests.driven import BEGAN, DrivenClock, Scripted
from balie.ops.tests.world import graph_of, node
from balie.settings import database


@pytest.fixture
def folder(tmp_path: Path, monkeypatch, django_db_blocker):
    """Where the `ops` database of this test is."""
    monkeypatch.setitem(connections.settings["ops"], "NAME", str(tmp_path / "watch.sqlite"))
    with django_db_blocker.unblock():
        yield tmp_path
        connections["ops"].close()
        del connections["ops"]


@pytest.fixture
def ledger(folder):
    opened = Ledger(folder)
    opened.open()
    yield opened
    opened.close()


NODES = {"database": node(), "web": node("database")}


@asynccontextmanager
async def engine_on(ledger, probes):
    graph = graph_of(NODES, ordering=("web", "database"))
    graph = Graph(graph.nodes, {}, graph.functions, {(name, "probe"): probe for name, probe in probes.items()})
    clock = DrivenClock()
    engine = Engine(graph, ledger, every_s=5, clock=clock)
    verdicts, next_id = await ledger.load()
    engine.resume(verdicts, next_id=next_id)
    task = asyncio.create_task(engine.run())
    try:
        yield engine, clock
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def fail():
    raise Unwell("refused")


async def written(engine, clock):
    """Everything so far is in the ledger, tried again where it had to be."""
    while not engine.caught_up.is_set():
        await engine.ledger._on_thread(lambda: None)
        await clock.advance(1)


def rows():
    return list(Entry.objects.order_by("id").values_list("verdict_id", "what", "effect"))


async def test_a_verdict_survives_a_kill_and_is_opened_once(ledger):
    probes = {name: Scripted() for name in NODES}
    async with engine_on(ledger, probes) as (engine, clock):
        await clock.advance(6)
        probes["database"].does = probes["web"].does = fail
        await clock.advance(15)
        await written(engine, clock)
    async with engine_on(ledger, probes) as (engine, clock):
        assert [each.finding.culprits for each in engine.verdicts] == [("database",)]
        await clock.advance(30)
        await written(engine, clock)
        assert await asyncio.to_thread(rows) == [(1, "opened", "stopped")]
        for probe in probes.values():
            probe.does = probe.well
        await clock.advance(30)
        await written(engine, clock)
        assert await asyncio.to_thread(rows) == [(1, "opened", "stopped"), (1, "closed", "stopped")]
        (row,) = await ledger.history(5)
        assert (row.culprits, row.affected, row.word, row.functions) == (
            ["database"],
            ["web"],
            "down",
            {"ordering": "stopped"},
        )
        assert ["database", "refused"] in row.evidence
        assert row.first_failing_at <= row.opened_at < row.closed_at
        moves = await asyncio.to_thread(
            lambda: list(Transition.objects.filter(node="web").order_by("id").values_list("after", flat=True))
        )
        assert moves[:3] == ["up", "doubtful", "down"]


async def test_a_ledger_that_takes_nothing_delays_no_verdict_and_loses_none(ledger, monkeypatch):
    probes = {name: Scripted() for name in NODES}

    def full(_records):
        raise OperationalError("database or disk is full")

    async with engine_on(ledger, probes) as (engine, clock):
        await clock.advance(6)
        with monkeypatch.context() as patch:
            patch.setattr(ledgers, "_write", full)
            probes["database"].does = fail
            await clock.advance(15)
            assert [each.finding.culprits for each in engine.verdicts] == [("database",)]
        await written(engine, clock)
        assert await asyncio.to_thread(Verdict.objects.count) == 1


def fill_up_with_outages(ledger):
    """A bad day of them; by how many blocks the files of the ledger grew."""

    def blocks():
        return sum(file.stat().st_blocks for file in ledger._folder.glob("watch.sqlite*"))

    before = blocks()
    Transition.objects.bulk_create(
        [Transition(at=BEGAN, node="web", before="up", after="down", evidence="x" * 200) for _ in range(6000)]
    )
    return blocks() - before


@pytest.mark.parametrize(("room", "grows"), [(ledgers.ROOM_BYTES, False), (0, True)])
def test_a_ledger_on_a_full_disk_has_room_of_its_own(folder, monkeypatch, room, grows):
    monkeypatch.setattr(ledgers, "ROOM_BYTES", room)
    ledger = Ledger(folder)
    ledger.open()
    try:
        assert (ledger._thread.submit(fill_up_with_outages, ledger).result() > 0) is grows
    finally:
        ledger.close()


def test_a_second_watch_is_refused(ledger, folder):
    with pytest.raises(LedgerError, match=f"another watch works in {folder}"):
        Ledger(folder).open()


def test_a_folder_that_cannot_be_is_refused(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(LedgerError, match="BALIE_WATCH_FOLDER names another folder"):
        Ledger(tmp_path / "file" / "watch").open()


def lead_to(dsn, monkeypatch):
    for key, value in database(dsn).items():
        monkeypatch.setitem(connections.settings["ops"], key, value)


async def test_several_watches_share_a_ledger_in_postgresql(postgres, monkeypatch, django_db_blocker):
    products, ours = postgres.create(), "ops_of_this_test"
    with psycopg.connect(postgres.dsn(products), autocommit=True) as conn:
        conn.execute(f"create database {ours} template template0")
    probes = {each: Scripted() for each in NODES}
    probes["database"].does = fail
    with django_db_blocker.unblock():
        lead_to(postgres.dsn(products), monkeypatch)
        with pytest.raises(LedgerError, match="a database of the watch's own"):
            Ledger(None).open()
        lead_to(postgres.dsn(ours), monkeypatch)
        one, two = Ledger(None), Ledger(None)
        one.open()
        two.open()
        assert (await one.take_lease("one"), await two.take_lease("two")) == (True, False)
        async with engine_on(one, probes) as (engine, clock):
            await clock.advance(15)
            await written(engine, clock)
        verdicts, next_id = await two.load()
        assert ([each.finding.culprits for each in verdicts], next_id) == ([("database",)], 2)
        one.close()
        two.close()
    postgres.drop(ours)
    postgres.drop(products)


async def test_one_of_several_judges_and_another_takes_over(ledger):
    assert await ledger.take_lease("one")
    assert await ledger.take_lease("one")
    assert not await ledger.take_lease("two")
    await asyncio.to_thread(lambda: ledgers.Lease.objects.update(expires_at="2020-01-01T00:00:00Z"))
    assert await ledger.take_lease("two")
    assert not await ledger.take_lease("one")
