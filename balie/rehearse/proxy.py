"""The HTTP side of virtual practices: it plays a real installation's proxy and splits paths over the roles' ports."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, Self

import aiohttp
import msgspec

from balie.rehearse.measure import Clock

REQUEST_TIMEOUT_S = 12.0  # the server promises an answer within 10
STREAM_SILENCE_S = 3.0  # streams beat every 500 ms
ROLES = {"live": "live", "stream": "streams", "account": "login"}

Failure = (aiohttp.ClientError, TimeoutError, ConnectionError)


@dataclass(frozen=True)
class Answer:
    """What came back. `sent_at` is when the request left; `status` is 0 when no answer came."""

    status: int
    body: dict[str, Any]
    sent_at: float
    ended_at: float
    retry_after_s: float = 1.0

    @property
    def code(self) -> str:
        """The outcome or error code; `error` when no answer came."""
        return str(self.body.get("code") or self.body.get("outcome") or ("ok" if self.status == 200 else "error"))

    @property
    def ok(self) -> bool:
        return self.status == 200

    @property
    def uncertain(self) -> bool:
        """Nobody can say whether it was done; asking again with the same key is safe, and right."""
        return self.status == 0 or self.status >= 500 or self.status == 429


class Proxy:
    """Shared by all practices. Upstreams of a role take turns; one that refuses the connection is passed over."""

    def __init__(self, upstreams: Mapping[str, Sequence[str]], *, origin: str, clock: Clock) -> None:
        self._upstreams = {role: tuple(urls) for role, urls in upstreams.items()}
        self._turns = {role: itertools.count() for role in upstreams}
        self._origin, self._clock = origin, clock

    async def __aenter__(self) -> Self:
        trace = aiohttp.TraceConfig()
        trace.on_request_start.append(self._mark)
        trace.on_request_chunk_sent.append(self._mark)
        self.session = aiohttp.ClientSession(
            connector=aiohttp.TCPConnector(limit=0, keepalive_timeout=30),
            cookie_jar=aiohttp.DummyCookieJar(),
            timeout=aiohttp.ClientTimeout(total=REQUEST_TIMEOUT_S),
            headers={"Origin": self._origin},
            trace_configs=[trace],
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.session.close()

    async def _mark(self, _session: aiohttp.ClientSession, context: SimpleNamespace, _params: object) -> None:
        if context.trace_request_ctx is not None:
            context.trace_request_ctx["sent_at"] = self._clock.now()

    def upstreams_for(self, path: str) -> Sequence[str]:
        """The addresses that serve the path, the one whose turn it is first."""
        role = ROLES.get(path.split("/", 2)[1], "pages")
        if role not in self._upstreams:
            role = "pages"
        urls = self._upstreams[role]
        first = next(self._turns[role]) % len(urls)
        return urls[first:] + urls[:first]

    async def ask(self, method: str, path: str, *, cookie: str = "", body: object = None) -> Answer:
        """One request; never raises for what a network or a server does."""
        marks = {"sent_at": self._clock.now()}
        headers = {"Cookie": f"balie_pass={cookie}"} if cookie else {}
        data = None if body is None else msgspec.json.encode(body)
        if data is not None:
            headers["Content-Type"] = "application/json"
        for base in self.upstreams_for(path):
            try:
                async with self.session.request(
                    method, base + path, data=data, headers=headers, trace_request_ctx=marks
                ) as response:
                    return self._read(response, await response.read(), marks["sent_at"])
            except aiohttp.ClientConnectorError:
                continue  # nothing was sent: a proxy would try the next one too
            except Failure:
                break
        return Answer(status=0, body={}, sent_at=marks["sent_at"], ended_at=self._clock.now())

    def _read(self, response: aiohttp.ClientResponse, content: bytes, sent_at: float) -> Answer:
        try:
            body = msgspec.json.decode(content) if content else {}
        except msgspec.DecodeError:
            body = {}
        return Answer(
            status=response.status,
            body=body if isinstance(body, dict) else {},
            sent_at=sent_at,
            ended_at=self._clock.now(),
            retry_after_s=float(response.headers.get("Retry-After", 1)),
        )

    async def events(self, path: str, *, cookie: str) -> aiohttp.ClientResponse:
        """An open stream of server-sent events; the caller closes it. Raises one of `Failure`."""
        failure: BaseException = ConnectionError("no upstream")
        for base in self.upstreams_for(path):
            try:
                response = await self.session.get(
                    base + path,
                    headers={"Cookie": f"balie_pass={cookie}", "Accept": "text/event-stream"},
                    timeout=aiohttp.ClientTimeout(total=None, sock_connect=3, sock_read=STREAM_SILENCE_S),
                )
                response.raise_for_status()
            except Failure as caught:
                failure = caught
                continue
            return response
        raise failure
