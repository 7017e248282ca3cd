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


def _nothing() -> None:
    pass


async def listen(
    world: World, stream: Open, *, pause: Pause, functions: Callable[[], None] = _nothing
) -> AsyncIterator[list[str]]:
    """Ids of messages that can be read now, as they come, for ever. A stream that ends is opened again, after one has
    asked for what it may have missed. `functions` is called when something closed or opened.
    """
    while True:
        with suppress(UnreachableError):
            async for news in read_news(stream(), functions=functions):
                if told := await world.hear(news):
                    yield told
        with suppress(UnreachableError):
            if told := await world.catch_up():
                yield told
        await pause(ASK_EVERY_S)


async def read_news(lines: AsyncIterator[bytes], *, functions: Callable[[], None] = _nothing) -> AsyncIterator[News]:
    """The events called `news` of a stream of server-sent events, and `functions` as a call; others are passed over."""
    kind = b""
    async for line in lines:
        name, _, value = line.partition(b": ")
        if name == b"event":
            kind = value
        elif name == b"data" and kind == b"news":
            yield msgspec.json.decode(value, type=News)
        elif name == b"data" and kind == b"functions":
            functions()
        elif not line:
            kind = b""
