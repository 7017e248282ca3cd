"""Raw ASGI for the hot paths: replies that are made once and sent often, bodies with a limit, cookies, fair shares.

No framework stands between the server and the answer here: on these paths it would cost more than the work itself.
"""

import asyncio
import math
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any, NamedTuple

import msgspec

Message = dict[str, Any]
Scope = dict[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Header = tuple[bytes, bytes]

JSON: Header = (b"content-type", b"application/json")
PRIVATE: Header = (b"cache-control", b"no-store")
_BEGINNING = 64 * 1024


class TooLargeError(Exception):
    """The body is longer than it may be; after its `beginning` the rest of it was not read."""

    def __init__(self, beginning: bytes) -> None:
        super().__init__("too large")
        self.beginning = beginning


class DisconnectedError(Exception):
    """The client left before its body was complete."""


class Reply(NamedTuple):
    """The two messages of a whole answer; the same objects may be sent any number of times."""

    start: Message
    body: Message

    def with_header(self, header: Header) -> "Reply":
        """The same answer with one header more."""
        return Reply({**self.start, "headers": [*self.start["headers"], header]}, self.body)


def reply(status: int, body: bytes, *headers: Header) -> Reply:
    """An answer of `body` as it is; the server adds its length."""
    return Reply(
        {"type": "http.response.start", "status": status, "headers": list(headers)},
        {"type": "http.response.body", "body": body},
    )


def json_reply(status: int, content: Any, *headers: Header) -> Reply:
    """An answer in JSON for one caller alone."""
    return reply(status, msgspec.json.encode(content), JSON, PRIVATE, *headers)


async def send_reply(send: Send, answer: Reply) -> None:
    await send(answer.start)
    await send(answer.body)


async def read_body(receive: Receive, *, limit: int, within_s: float, bytes_per_s: float = math.inf) -> bytes:
    """The whole body. Raises TooLargeError past `limit` bytes, DisconnectedError, and TimeoutError past `within_s`, to
    which each `bytes_per_s` that came add a second.
    """
    async with asyncio.timeout(within_s) as left:
        message = await receive()
        body = bytearray(message.get("body", b""))
        while message.get("more_body", False) and len(body) <= limit:
            until = left.when()
            assert until is not None
            left.reschedule(until + len(message.get("body", b"")) / bytes_per_s)
            message = await receive()
            body += message.get("body", b"")
    if message["type"] == "http.disconnect":
        raise DisconnectedError
    if len(body) > limit:
        raise TooLargeError(bytes(body[:_BEGINNING]))
    return bytes(body)


def find_header(scope: Scope, name: bytes) -> bytes | None:
    """The first header called `name`, which is given in lower case as ASGI has it."""
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return None


def find_language(scope: Scope) -> str:
    """The language of the page that asks; whoever names none of ours is answered in Dutch."""
    return language_in((find_header(scope, b"accept-language") or b"").decode("latin-1"))


def language_in(accept_language: str) -> str:
    """The language that this header begins with; Dutch where it is none of ours."""
    return "en" if accept_language.startswith("en") else "nl"


def find_cookie(scope: Scope, name: bytes) -> bytes | None:
    """The value of the cookie `name` as it came; cookies may be spread over several headers."""
    for key, value in scope["headers"]:
        if key == b"cookie":
            for pair in value.split(b";"):
                cookie, _, content = pair.strip().partition(b"=")
                if cookie == name:
                    found: bytes = content
                    return found
    return None


class Allowance:
    """How many requests one caller has left: `rate` a second on average, up to `most` at once."""

    __slots__ = ("_at", "_left", "_most", "_rate")

    def __init__(self, *, rate: float, most: float) -> None:
        self._rate, self._most = rate, most
        self._left, self._at = most, time.monotonic()

    def take(self) -> bool:
        """Use one request; false when none is left for now."""
        now = time.monotonic()
        self._left = min(self._most, self._left + (now - self._at) * self._rate)
        self._at = now
        if self._left < 1.0:
            return False
        self._left -= 1.0
        return True

    @property
    def left(self) -> int:
        """How many are left, as of the last `take`."""
        return int(self._left)

    @property
    def full_in_s(self) -> int:
        """In how many seconds, whole ones, all are there again, if none is taken meanwhile."""
        return math.ceil((self._most - self._left) / self._rate)


def moment(at: datetime) -> str:
    """A time as the protocol writes it: RFC 3339 in UTC with milliseconds."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def moment_or_none(at: datetime | None) -> str | None:
    return None if at is None else moment(at)
