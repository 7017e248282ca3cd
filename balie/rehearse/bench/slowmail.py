"""How long a click on confirm takes while the mail server stalls 30 s on every mail, beside a healthy one."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from contextlib import contextmanager

import aiohttp

from balie.embedded import parts
from balie.rehearse.bench.ground import DAYS, Ground, Order
from balie.rehearse.bench.ordering import timed
from balie.rehearse.bench.wire import Connection, close, connect
from balie.rehearse.measure import Histogram

ORDERS_PER_S = 80
ROUND_S = 10
STALL_S = 30
CONNECTIONS = 64


@contextmanager
def mail_worker(ground: Ground) -> Iterator[None]:
    """One `work` process that sends, and does all the rest it does."""
    worker = ground.installation.start("work", parts.command("balie.cli", "work"))
    yield
    worker.stop()
    ground.installation.supervisor.children.remove(worker)


def measure_slow_mail(ground: Ground) -> dict[str, float]:
    """One round: the p99 of confirming at a steady pace, healthy and slow; what changes in time falls on both alike."""
    manners: dict[str, dict[str, float]] = {"healthy": {}, "slow": {"slow": STALL_S}}
    confirm = {name: Histogram() for name in manners}
    for name in ("healthy", "slow", "slow", "healthy"):
        ground.reset()
        orders = ground.orders(days=DAYS, count=ORDERS_PER_S * ROUND_S)
        asyncio.run(_at_a_steady_pace(ground, orders, manners[name], confirm[name]))
    return {f"confirm_p{rank}_{name}_mail_ms": confirm[name].at(rank) for name in manners for rank in (50, 99)}


def slow_mail_ratios(found: dict[str, float]) -> dict[str, float]:
    slow, healthy = found["confirm_p99_slow_mail_ms"], found["confirm_p99_healthy_mail_ms"]
    return {
        "confirm_p99_slow_mail_vs_healthy": slow / healthy,
        "confirm_p99_slow_mail_minus_healthy_ms": slow - healthy,
    }


async def _at_a_steady_pace(ground: Ground, orders: list[Order], faults: dict[str, float], confirm: Histogram) -> None:
    """Orders begin when they are due, whether or not the ones before have been answered."""
    await _switch(ground, faults)
    hold = Histogram()
    connections = await connect(ground.url, CONNECTIONS)
    free: asyncio.Queue[Connection] = asyncio.Queue()
    for connection in connections:
        free.put_nowait(connection)

    async def place(order: Order, due: float) -> None:
        connection = await free.get()
        await timed(connection, order.hold, hold, since=due)
        await timed(connection, order.confirm, confirm)
        free.put_nowait(connection)

    began = time.perf_counter()
    async with asyncio.TaskGroup() as tasks:
        for number, order in enumerate(orders):
            due = began + number / ORDERS_PER_S
            await asyncio.sleep(max(0.0, due - time.perf_counter()))
            tasks.create_task(place(order, due))
    close(connections)
    await _switch(ground, {})


async def _switch(ground: Ground, faults: dict[str, float]) -> None:
    url = f"{ground.installation.sink_control}/faults"
    async with aiohttp.ClientSession(raise_for_status=True) as session, session.put(url, json=faults):
        pass
