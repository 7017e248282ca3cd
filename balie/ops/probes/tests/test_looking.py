"""A step has a limit that holds, even when what is waited for does not let itself be cancelled."""

import asyncio
import time

import pytest

from balie.ops.probes.looking import Steps, Unwell


async def stubborn(free: asyncio.Event) -> None:
    """As a library that says good-bye to a server which does not listen."""
    try:
        await free.wait()
    except asyncio.CancelledError:
        await free.wait()


async def test_a_step_that_hangs_is_left_in_time_even_when_it_cannot_be_cancelled():
    free = asyncio.Event()
    began = time.monotonic()
    with pytest.raises(Unwell, match=r"opening the door: no answer after 0\.1 s"):
        await Steps(0.1, ()).take("opening the door", stubborn(free))
    assert time.monotonic() - began < 1
    free.set()


async def test_control_a_timeout_that_cancels_waits_for_the_hang():
    free = asyncio.Event()
    asyncio.get_running_loop().call_later(0.4, free.set)
    began = time.monotonic()
    async with asyncio.timeout(0.1):
        await stubborn(free)
    assert time.monotonic() - began >= 0.4


async def test_all_steps_together_have_the_time_of_one():
    steps = Steps(0.1, ())
    await steps.take("first", asyncio.sleep(0.06))
    with pytest.raises(Unwell, match="second"):
        await steps.take("second", asyncio.sleep(0.06))


async def test_a_fault_of_what_is_looked_at_is_evidence_and_any_other_is_ours():
    async def fails(error: Exception) -> None:
        raise error

    steps = Steps(1, (OSError,))
    with pytest.raises(Unwell, match="saying hello: no route"):
        await steps.take("saying hello", fails(OSError("no\nroute")))
    with pytest.raises(KeyError):
        await steps.take("saying hello", fails(KeyError("ours")))
