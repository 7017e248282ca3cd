"""HTTP, as little as clients need: no cookies, no redirects, nothing kept."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final

import aiohttp

ANSWER_MOST: Final = 1024 * 1024


@dataclass(frozen=True)
class Response:
    status: int
    body: bytes


class UnreachableError(Exception):
    """Nobody answered, or what came was cut off."""


Transport = Callable[[str, str, bytes, Mapping[str, str]], Awaitable[Response]]
"""Method, address, body and headers. Raises UnreachableError; how long to wait is the caller's business."""


@asynccontextmanager
async def http_transport(*, origin: str) -> AsyncIterator[Transport]:
    """Over the network; `origin` is the application's, which key servers and the application ask for."""
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=30)
    async with aiohttp.ClientSession(
        connector=connector,
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"origin": origin},
        timeout=aiohttp.ClientTimeout(total=None),
    ) as session:

        async def ask(method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
            try:
                async with session.request(method, url, data=body, headers=headers, allow_redirects=False) as answer:
                    return Response(answer.status, await _whole(answer))
            except (aiohttp.ClientError, OSError) as fault:
                raise UnreachableError(str(fault)) from fault

        yield ask


async def _whole(answer: aiohttp.ClientResponse) -> bytes:
    body = bytearray()
    async for part in answer.content.iter_any():
        body += part
        if len(body) > ANSWER_MOST:
            raise UnreachableError("an answer without end")
    return bytes(body)
