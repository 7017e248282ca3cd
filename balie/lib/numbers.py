"""What one request is called: a number in a header of its answer, on every page and in every body that says what went
wrong, and in each line that is logged meanwhile. Somebody reads it out on the telephone; somebody else finds it.
"""

import re
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Final

from balie.lib.asgi import App, Header, Message, Receive, Scope, Send, find_header
from balie.lib.limits import address_of
from balie.lib.references import make_number

HEADER: Final = b"x-request-id"
# A proxy of ours may have named it already, as proxies do: a UUID, or 32 hexadecimal digits. Others are not heard.
ACCEPTED: Final = re.compile(r"[0-9A-Za-z-]{8,36}")


@dataclass(frozen=True, slots=True)
class Asked:
    """A request. `trace` is its place in a trace, a W3C traceparent; empty where nothing is traced. `origin` is the
    address that it came from.
    """

    number: str = ""
    trace: str = ""
    origin: str = ""


OUTSIDE: Final = Asked()  # of any request
ASKED: Final[ContextVar[Asked]] = ContextVar("asked", default=OUTSIDE)


def settle_number(given: str) -> str:
    """What a proxy called it, or a new number."""
    return given if ACCEPTED.fullmatch(given) else make_number()


def asked_number() -> str:
    """The number of the request that is being answered; outside of any, a new one."""
    return ASKED.get().number or make_number()


class Numbered:
    """Gives every request to an ASGI app its number, and every answer the header that tells it."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        number = settle_number((find_header(scope, HEADER) or b"").decode("latin-1"))
        ASKED.set(Asked(number, origin=address_of(scope)))
        header: Header = (HEADER, number.encode())

        async def numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), header]}
            await send(message)

        await self._app(scope, receive, numbered)
