"""Messages per second, how long each takes to reach its readers, and what one costs where a million are stored."""

from __future__ import annotations

import asyncio
import re
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import urlsplit

from balie.rehearse.bench.talking import READERS, Prepared, Talking, Town
from balie.rehearse.bench.wire import Connection, close, connect, request_bytes
from balie.rehearse.measure import Histogram

CONNECTIONS = 128
SENT = 4000  # of one measurement
WARM_UP = 200
STEADY_PER_S = 20
STEADY_S = 5
ARRIVED_WITHIN_S = 20.0
BLOCKS = 6
IN_A_BLOCK = 500
IDS = re.compile(rb'"id":"([\w-]{22})"')
MUST_ASK = re.compile(rb'"after":(\d+),"feed":\d+\}')
OVERLAP = 64  # bytes, longer than either: what came in two pieces is found in the second


class Arrivals:
    """When messages came, at all readers together. `complete` while as many came as were expected."""

    def __init__(self) -> None:
        self.at: dict[str, list[float]] = defaultdict(list)
        self.complete = asyncio.Event()
        self._left = 0

    def expect(self, count: int) -> None:
        self._left += count
        self.complete.clear()

    def note(self, message: str, now: float) -> None:
        self.at[message].append(now)
        self._left -= 1
        if self._left == 0:
            self.complete.set()


class Reader(asyncio.Protocol):
    """A stream of one person. `asks`: numbers of the feed after which it was told to ask."""

    def __init__(self, request: bytes, arrivals: Arrivals) -> None:
        self.asks: asyncio.Queue[int] = asyncio.Queue()
        self.open = asyncio.Event()
        self._request, self._arrivals, self._tail = request, arrivals, b""
        self._seen = set[str]()
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        content = self._tail + data
        self._tail = content[-OVERLAP:]
        self.take(content)
        if asked := MUST_ASK.findall(content):
            self._tail = b""
            if self.open.is_set():
                self.asks.put_nowait(int(asked[0]))
            self.open.set()

    def take(self, content: bytes) -> None:
        now = time.perf_counter()
        for found in IDS.findall(content):
            message = found.decode()
            if message not in self._seen:
                self._seen.add(message)
                self._arrivals.note(message, now)

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()


@asynccontextmanager
async def everybody_listens(ground: Talking) -> AsyncIterator[Arrivals]:
    """Each by a stream of their own; who is told to ask does."""
    where, town, arrivals = urlsplit(ground.stream), ground.town, Arrivals()
    requests = [request_bytes("GET", "/stream/consult", origin=town.origin, cookie=held) for held in town.passes]
    loop = asyncio.get_running_loop()
    making = [
        loop.create_connection(partial(Reader, each, arrivals), where.hostname or "", where.port or 80)
        for each in requests
    ]
    readers = [reader for _, reader in await asyncio.gather(*making)]
    asking = [asyncio.create_task(_ask(reader, town, held)) for reader, held in zip(readers, town.passes, strict=True)]
    async with asyncio.timeout(ARRIVED_WITHIN_S):
        await asyncio.gather(*(reader.open.wait() for reader in readers))
    try:
        yield arrivals
    finally:
        for reader, task in zip(readers, asking, strict=True):
            reader.close()
            task.cancel()


async def _ask(reader: Reader, town: Town, held: str) -> None:
    (line,) = await connect(town.live, 1)
    while True:
        after, more = await reader.asks.get(), True
        while more:
            path = f"/live/consult/feed?after={after}"
            _, body = await line.ask(request_bytes("GET", path, origin=town.origin, cookie=held))
            reader.take(body)
            after, more = int(re.findall(rb'"after":(\d+)', body)[-1]), b'"more":true' in body


async def measure_rate(ground: Talking, of: int) -> tuple[float, float]:
    """Messages per second of connections that each send the next when the last is stored; all readers get all. And the
    share of a processor that we took ourselves, listeners included.
    """
    async with everybody_listens(ground) as arrivals:
        for messages in (ground.town.messages(of, WARM_UP), ground.town.messages(of, SENT)):
            arrivals.expect(len(messages) * (of + 1))  # authors hear their own messages too
            used, began = time.process_time(), time.perf_counter()
            rate = await _send_all(ground.town, messages)
            async with asyncio.timeout(ARRIVED_WITHIN_S):  # a figure counts only if the work was done
                await arrivals.complete.wait()
            share = (time.process_time() - used) / (time.perf_counter() - began)
    return rate, share


async def _send_all(town: Town, messages: Sequence[Prepared]) -> float:
    left, connections = deque(messages), await connect(town.live, CONNECTIONS)

    async def send_some(connection: Connection) -> None:
        while left:
            status, answer = await connection.ask(left.popleft().request)
            assert status == 200, answer

    began = time.perf_counter()
    await asyncio.gather(*map(send_some, connections))
    rate = len(messages) / (time.perf_counter() - began)
    close(connections)
    return rate


async def measure_delivery(ground: Talking, of: int) -> Histogram:
    """From the moment a message was due to each of its readers, at an even pace."""
    messages, due, waited = ground.town.messages(of, STEADY_PER_S * STEADY_S), dict[str, float](), Histogram()
    async with everybody_listens(ground) as arrivals, asyncio.TaskGroup() as tasks:
        arrivals.expect(len(messages) * (of + 1))
        connections = await connect(ground.town.live, CONNECTIONS)
        began = time.perf_counter()
        for number, message in enumerate(messages):
            due[message.id] = began + number / STEADY_PER_S
            await asyncio.sleep(max(0.0, due[message.id] - time.perf_counter()))
            tasks.create_task(connections[number % CONNECTIONS].ask(message.request))
        async with asyncio.timeout(ARRIVED_WITHIN_S):
            await arrivals.complete.wait()
        close(connections)
    for name, at in due.items():
        for each in arrivals.at[name]:
            waited.add((each - at) * 1000)
    return waited


async def measure_send_cost(ground: Talking) -> dict[str, float]:
    """Milliseconds per message beside few and many stored ones, in turns."""
    took: dict[str, list[float]] = {name: [] for name in ground.stored}
    for town in ground.stored.values():
        await _send_all(town, town.messages(READERS[1], WARM_UP))
    for _ in range(BLOCKS):
        for name, town in ground.stored.items():
            took[name].append(1000 / await _send_all(town, town.messages(READERS[1], IN_A_BLOCK)))
    return {f"send_{name}_stored_ms": sum(each) / BLOCKS for name, each in took.items()}


def measure_messages(ground: Talking) -> dict[str, float]:
    """One round."""
    found: dict[str, float] = {}
    for of in READERS:
        rate, share = asyncio.run(measure_rate(ground, of))
        found |= {f"messages_per_s_{of}": rate, f"messages_generator_share_{of}": share}
        waited = asyncio.run(measure_delivery(ground, of))
        found |= {f"deliver_p50_ms_{of}": waited.at(50), f"deliver_p95_ms_{of}": waited.at(95)}
    return found | asyncio.run(measure_send_cost(ground))


def message_ratios(found: dict[str, float]) -> dict[str, float]:
    """The rate that holds however many read."""
    return {
        "messages_per_s": min(found[f"messages_per_s_{of}"] for of in READERS),
        "send_cost_1m_vs_10k": found["send_1m_stored_ms"] / found["send_10k_stored_ms"],
    }
