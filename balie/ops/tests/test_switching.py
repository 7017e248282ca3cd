"""A verdict closes what it stops, in the product's own database, and opens it again."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime

import psycopg
import pytest
from structlog.testing import capture_logs

from balie.ops.engine import Engine
from balie.ops.graph import Graph
from balie.ops.probes.database import Database
from balie.ops.states import Standing, State
from balie.ops.switching import Switching
from balie.ops.tests.world import graph_of, node
from balie.ops.verdicts import Finding, Verdict

WITHIN_S = 20
AT = datetime(2027, 1, 1, tzinfo=UTC)
STATE = """
select coalesce(bool_or(closed), false), coalesce(max(reason), '') from practices_switch
 where function = %s and practice_id is null and campaign is null
"""


def verdict_about(*stopped: str, number: int = 1, effect: str = "stopped", culprit: str = "keyserver-1") -> Verdict:
    finding = Finding(
        family="keyservers",
        culprits=(culprit,),
        affected=(),
        word="down",
        effect=effect,
        functions=dict.fromkeys(stopped, effect),
        evidence=(),
        first_failing_at=AT,
    )
    return Verdict(number, AT, finding, frozenset({culprit}))


@pytest.fixture
def product(installation):
    """The database as its owner sees it."""
    with installation.connect() as conn:
        conn.execute("call practices_admit_watch_v1()")
        yield conn


@pytest.fixture
def engine():
    engine = Engine(graph_of({"keyserver-1": node(), "web": node()}), None, every_s=5)  # type: ignore[arg-type] # it writes nothing here
    engine.nodes = {"keyserver-1": Standing(State.DOWN)}
    return engine


@pytest.fixture
def dsn(installation):
    return psycopg.conninfo.make_conninfo(installation.dsn, user="balie_watch")


@asynccontextmanager
async def switching(engine: Engine, dsn: str, *, stable_s: float = 0.0):
    running = asyncio.create_task(Switching(engine, dsn=dsn, stable_s=stable_s).run())
    try:
        yield
    finally:
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running


async def wait_for(look: Callable[[], bool]) -> None:
    async with asyncio.timeout(WITHIN_S):
        while True:
            if look():
                return
            await asyncio.sleep(0.05)


async def until(product: psycopg.Connection, function: str, *, closed: bool) -> str:
    """Waits until it is so; the reason."""
    await wait_for(lambda: product.execute(STATE, (function,)).fetchone()[0] is closed)
    return product.execute(STATE, (function,)).fetchone()[1]


async def test_what_is_stopped_is_closed_and_opened_again(product, engine, dsn):
    engine.verdicts = [verdict_about("conversations")]
    async with switching(engine, dsn):
        assert await until(product, "conversations", closed=True) == "outage"
        engine.verdicts = []
        await until(product, "conversations", closed=False)
        await wait_for(lambda: len(engine.unwritten) == 2)  # told after it was done
    said = product.execute("select closed, culprit from practices_notice order by id").fetchall()
    assert said == [(True, "storing nr. 1"), (False, "storing nr. 1")]
    assert [(each.verdict, each.function, each.closed) for each in engine.unwritten] == [
        (1, "conversations", True),
        (1, "conversations", False),
    ]


async def test_it_stays_closed_for_a_while_after(product, engine, dsn):
    engine.verdicts = [verdict_about("conversations")]
    async with switching(engine, dsn, stable_s=600):
        await until(product, "conversations", closed=True)
        engine.verdicts = []
        ending = "select ends_at is not null from practices_rule_closing"
        await wait_for(lambda: product.execute(ending).fetchone()[0])
    assert product.execute(STATE, ("conversations",)).fetchone()[0] is True


async def test_ordering_and_what_is_only_degraded_are_left_alone(product, engine, dsn):
    engine.verdicts = [
        verdict_about("ordering", "login"),
        verdict_about("econsult", number=2, effect="degraded"),
        verdict_about("conversations", number=3),
    ]
    async with switching(engine, dsn):
        await until(product, "conversations", closed=True)
    assert product.execute("select function from practices_switch where closed").fetchall() == [("conversations",)]


async def test_a_watch_that_died_meanwhile_opens_what_is_well_and_closes_nothing_twice(product, engine, dsn):
    engine.verdicts = [verdict_about("conversations"), verdict_about("econsult", number=2)]
    async with switching(engine, dsn):
        await until(product, "econsult", closed=True)
        await until(product, "conversations", closed=True)
    engine.verdicts = [verdict_about("conversations")]
    async with switching(engine, dsn):
        await until(product, "econsult", closed=False)
    assert product.execute("select count(*) from practices_notice").fetchone() == (3,)
    assert product.execute(STATE, ("conversations",)).fetchone()[0] is True


@pytest.mark.parametrize("state", [State.DOWN, State.SLOW, State.RECOVERING])
async def test_a_database_that_is_ill_itself_is_told_nothing_that_it_would_do_afterwards(product, engine, dsn, state):
    engine.graph = Graph(engine.graph.nodes, {}, {}, {("database", "probe"): Database()})
    engine.nodes["database"] = Standing(state)
    engine.verdicts = [verdict_about("conversations")]
    async with switching(engine, dsn):
        await asyncio.to_thread(product.execute, "select pg_sleep(1)")  # two rounds, in which it would have been closed
        assert product.execute(STATE, ("conversations",)).fetchone()[0] is False
        engine.nodes["database"] = Standing(State.UP)
        await until(product, "conversations", closed=True)


async def test_an_outage_that_is_over_already_closes_nothing(product, engine, dsn):
    """So it is where the database was away itself: it can be told only once it is back."""
    engine.nodes = {"keyserver-1": Standing(State.RECOVERING), "web": Standing(State.DOWN)}
    engine.verdicts = [verdict_about("conversations"), verdict_about("econsult", number=2, culprit="web")]
    async with switching(engine, dsn):
        await until(product, "econsult", closed=True)
    assert product.execute("select function from practices_switch where closed").fetchall() == [("econsult",)]


async def test_a_database_that_is_away_is_asked_again(product, engine, dsn, monkeypatch):
    monkeypatch.setattr("balie.ops.switching.RETRY_S", 0.05)
    product.execute("alter role balie_watch connection limit 0")
    engine.verdicts = [verdict_about("conversations")]
    try:
        with capture_logs() as logs:
            async with switching(engine, dsn):
                await wait_for(lambda: bool(logs))
                assert [each["event"] for each in logs] == ["switching_without_database"]
                product.execute("alter role balie_watch connection limit -1")
                await until(product, "conversations", closed=True)
    finally:
        product.execute("alter role balie_watch connection limit -1")
