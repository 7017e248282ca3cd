"""Every part is looked at in time, whatever other parts or their probes do."""

import asyncio
from contextlib import asynccontextmanager, suppress

import pytest

from balie.ops.graph import Graph
from balie.ops.probes import Unwell
from balie.ops.runner import APART_S, HANGING_MOST, Runner
from balie.ops.states import State
from balie.ops.tests.driven import DrivenClock, Scripted
from balie.ops.tests.world import node


@asynccontextmanager
async def running(**nodes):
    """A runner of scripted probes, with its clock; every five seconds."""
    probes = {name: Scripted() for name in nodes}
    graph = Graph(nodes, {}, {}, {(name, "probe"): probe for name, probe in probes.items()})
    clock = DrivenClock()

    async def nobody():
        """There is nobody to tell."""

    runner = Runner(graph, every_s=5, told=nobody, clock=clock)
    task = asyncio.create_task(runner.run())
    try:
        yield runner, clock, probes
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


def state(runner, name):
    return runner.tracks[name, "probe"].state


async def test_each_is_looked_at_every_five_seconds():
    async with running(a=node(), b=node()) as (runner, clock, probes):
        await clock.advance(61)
        assert {name: probe.looks for name, probe in probes.items()} == {"a": 13, "b": 13}
        assert state(runner, "a") is State.UP


async def test_what_hangs_is_down_within_nine_seconds_and_delays_nobody():
    async with running(a=node(), b=node()) as (runner, clock, probes):
        await clock.advance(6)
        probes["a"].does = asyncio.Event().wait
        looks = probes["b"].looks
        await clock.advance(9)
        assert state(runner, "a") is State.DOWN
        assert "no answer within 2 s" in runner.tracks["a", "probe"].evidence
        await clock.advance(51)
        assert (probes["b"].looks - looks, state(runner, "b")) == (12, State.UP)


async def test_a_probe_that_will_not_be_cancelled_is_abandoned_and_never_piles_up():
    """`asyncio.timeout` would wait for it (the control below); aiosmtplib behaves so while a server stalls."""
    release = asyncio.Event()

    async def stubborn():
        while not release.is_set():
            with suppress(asyncio.CancelledError):
                await release.wait()
        return "too late"

    async with running(a=node()) as (runner, clock, probes):
        probes["a"].does = stubborn
        await clock.advance(120)
        assert probes["a"].looks == HANGING_MOST
        assert state(runner, "a") is State.DOWN
        assert "earlier looks still wait" in runner.tracks["a", "probe"].evidence
        release.set()
        probes["a"].does = probes["a"].well
        await clock.advance(30)
        assert state(runner, "a") is State.UP


async def test_without_abandoning_it_the_deadline_would_not_hold():
    release = asyncio.Event()

    async def stubborn():
        while not release.is_set():
            with suppress(asyncio.CancelledError):
                await release.wait()

    limited = asyncio.create_task(asyncio.wait_for(stubborn(), 0.01))
    done, _ = await asyncio.wait({limited}, timeout=0.2)
    assert not done
    release.set()
    with suppress(TimeoutError):
        await limited


async def test_a_first_failure_is_confirmed_at_once_with_all_that_it_stands_on():
    async with running(a=node("b"), b=node("c"), c=node(), other=node()) as (runner, clock, probes):
        await clock.advance(6)
        before = {name: probe.looks for name, probe in probes.items()}

        async def fail():
            raise Unwell("broken")

        probes["a"].does = fail
        while probes["a"].looks == before["a"]:
            await clock.advance(0.1)
        assert state(runner, "a") is State.DOUBTFUL, "two looks within a moment would be one"
        await clock.advance(APART_S)
        assert state(runner, "a") is State.DOWN
        assert runner.tracks["a", "probe"].evidence == "broken"
        assert probes["a"].looks == before["a"] + 2
        asked = {name for name in ("b", "c") if runner.tracks[name, "probe"].last.began >= clock.now - APART_S - 0.2}
        assert asked == {"b", "c"}


async def test_slow_is_a_failure_with_a_word_of_its_own():
    slow = node()
    async with running(a=slow) as (runner, clock, probes):
        runner.seats["a", "probe"].slow_ms = 500

        async def dawdle():
            await clock.sleep(0.9)
            return "well"

        probes["a"].does = dawdle
        await clock.advance(6)
        assert state(runner, "a") is State.SLOW
        assert runner.tracks["a", "probe"].evidence == "well; took 900 ms, more than 500"


@pytest.mark.parametrize("fault", [KeyError("x"), asyncio.CancelledError()])
async def test_a_defect_of_the_probe_is_not_the_nodes(fault):
    async with running(a=node()) as (runner, clock, probes):

        async def broken():
            raise fault

        probes["a"].does = broken
        await clock.advance(12)
        assert state(runner, "a") is State.UNSEEN
        assert runner.tracks["a", "probe"].evidence.startswith("the probe itself failed: ")
