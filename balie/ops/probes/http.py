"""Does a page answer, and is it the page that it should be?"""

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from types import MappingProxyType
from typing import ClassVar, Final
from urllib.parse import urlsplit

import aiohttp
from django.conf import settings

from balie.ops.probes.looking import Probe, Steps, Unwell

PAGE_MOST: Final = 1024 * 1024
NOTHING: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True)
class Answer:
    status: int
    text: str
    headers: Mapping[str, str]
    cookies: Mapping[str, str]


class Http(Probe, frozen=True):
    """A GET of `url`, which may be a path: then of this installation's own address."""

    kind: ClassVar[str] = "http"
    faults: ClassVar[tuple[type[Exception], ...]] = (OSError, aiohttp.ClientError)

    url: str
    status: int = 200
    contains: str = ""

    async def walk(self, steps: Steps) -> str:
        async with visit() as session:
            answer = await steps.take(self.url, ask(session, "GET", address_of(self.url)))
        if answer.status != self.status:
            raise Unwell(f"{self.url}: answers {answer.status} instead of {self.status}")
        if self.contains not in answer.text:
            raise Unwell(f"{self.url}: answers, but without “{self.contains}”")
        return f"{self.url} answered {answer.status} in {steps.took_ms} ms"


def address_of(url: str) -> str:
    """In full."""
    return url if urlsplit(url).scheme else f"{settings.ORIGINS[0]}{url}"


def visit() -> AbstractAsyncContextManager[aiohttp.ClientSession]:
    """Somebody who comes for the first time: with connections of their own, and no cookies."""
    return aiohttp.ClientSession(
        cookie_jar=aiohttp.DummyCookieJar(),
        headers={"user-agent": "balie-watch"},
        timeout=aiohttp.ClientTimeout(total=None),
    )


async def ask(
    session: aiohttp.ClientSession,
    method: str,
    url: str,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] = NOTHING,
) -> Answer:
    """One request, and its whole answer; redirects are answers too."""
    async with session.request(method, url, data=body, headers=headers, allow_redirects=False) as answer:
        content = await answer.content.read(PAGE_MOST)
        while not answer.content.at_eof() and len(content) < PAGE_MOST:
            content += await answer.content.read(PAGE_MOST)
        cookies = {name: morsel.value for name, morsel in answer.cookies.items()}
        return Answer(answer.status, content.decode("utf-8", "replace"), dict(answer.headers), cookies)
