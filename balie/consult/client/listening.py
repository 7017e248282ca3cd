"""Hearing at once what is new, by a stream; asking while there is none (`server.md`, "/stream/consult")."""

from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from typing import Final

import msgspec

from balie.consult.client.application import News
from balie.consult.client.hedging import Pause
from balie.consult.client.transport import UnreachableError
from balie.consult.client.world import World

STREAM: Final = "/stream/consult"
ASK_EVERY_S: Final = 2.0
Open = Callable[[], AsyncIterator[bytes]]
"""Opens the stream: its lines, without their ends. Raises UnreachableError."""


async def listen(world: World, stream: Open, *, pause: Pause) -> AsyncIterator[list[str]]:
    """Ids of messages that can be read now, as they come, for ever. A stream that ends is opened again, after one has
    asked for what it may have missed.
    """
    while True:
        with suppress(UnreachableError):
            async for news in read_news(stream()):
                if told := await world.hear(news):
                    yield told
        with suppress(UnreachableError):
            if told := await world.catch_up():
                yield told
        await pause(ASK_EVERY_S)


async def read_news(lines: AsyncIterator[bytes]) -> AsyncIterator[News]:
    """The events called `news` of a stream of server-sent events; others are passed over."""
    kind = b""
    async for line in lines:
        name, _, value = line.partition(b": ")
        if name == b"event":
            kind = value
        elif name == b"data" and kind == b"news":
            yield msgspec.json.decode(value, type=News)
        elif not line:
            kind = b""
