"""HTTP, as little as clients need: no cookies, no redirects, nothing kept."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp

ANSWER_MOST: Final = 1024 * 1024
SILENCE_S: Final = 40.0  # streams beat every 15 s


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes


class UnreachableError(Exception):
    """Nobody answered, or what came was cut off."""


Transport = Callable[[str, str, bytes, Mapping[str, str]], Awaitable[Response]]
"""Method, address, body and headers. Raises UnreachableError; how long to wait is the caller's business."""


class Http:
    """A `Transport` over the network, and open streams."""

    def __init__(self, session: aiohttp.ClientSession) -> None:
        self._session = session

    async def __call__(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        try:
            async with self._session.request(method, url, data=body, headers=headers, allow_redirects=False) as answer:
                return Response(answer.status, await _whole(answer))
        except (aiohttp.ClientError, OSError) as fault:
            raise UnreachableError(str(fault)) from fault

    async def lines(self, url: str, headers: Mapping[str, str]) -> AsyncIterator[bytes]:
        """What a stream says, line by line, until it ends or falls silent. Raises UnreachableError."""
        silence = aiohttp.ClientTimeout(total=None, sock_read=SILENCE_S)
        try:
            async with self._session.get(url, headers=headers, allow_redirects=False, timeout=silence) as answer:
                if answer.status != 200:
                    raise UnreachableError(f"status {answer.status}")
                async for line in answer.content:
                    yield line.rstrip(b"\r\n")
        except (aiohttp.ClientError, OSError, ValueError) as fault:
            raise UnreachableError(str(fault)) from fault


@asynccontextmanager
async def http_transport(*, origin: str) -> AsyncIterator[Http]:
    """`origin` is the application's, which key servers and the application ask for."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"origin": origin},
        timeout=aiohttp.ClientTimeout(total=None),
    ) as session:
        yield Http(session)


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in answer.content.iter_any():
        body += part
        if len(body) > ANSWER_MOST:
            raise UnreachableError("an answer without end")
    return bytes(body)
