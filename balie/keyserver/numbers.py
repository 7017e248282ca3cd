"""What a request is called, so that somebody can read it out and somebody else find it in the log: as the application
does it, from which nothing is imported here.
"""

import re
import secrets
from typing import Final

import structlog
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADER: Final = "x-request-id"
NUMBER: Final = "number"
ACCEPTED: Final = re.compile(rb"[0-9A-Za-z-]{8,36}")
LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"


def make_number() -> str:
    letters = "".join(secrets.choice(LETTERS) for _ in range(8))
    return f"{letters[:4]}-{letters[4:]}"


def settle_number(scope: Scope) -> str:
    """What whoever asks called it, or a new number."""
    given = next((value for name, value in scope["headers"] if name == HEADER.encode()), b"")
    return given.decode() if ACCEPTED.fullmatch(given) else make_number()


class Numbered:
    """Every request gets a number, every answer the header that tells it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[NUMBER] = settle_number(scope)

        async def numbered(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (HEADER.encode(), scope[NUMBER].encode())]
            await send(message)

        await self._app(scope, receive, numbered)


def set_up_logging() -> None:
    """One JSON object a line. Never a person, a share or a token."""
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ]
    )
