"""Posting to subscribers, who gave their address themselves (`balie/lib/webhooks.py`)."""

import asyncio
from datetime import datetime

import msgspec

from balie.lib import webhooks
from balie.lib.bodies import NO_JSON
from balie.lib.webhooks import InsideError, check_url, signed_headers

__all__ = ["InsideError", "check_url", "echoes", "post"]


def post(url: str, content: bytes, *, message: str, secret: str, at: datetime) -> tuple[int, bytes]:
    """The status of the answer, and its beginning. Raises InsideError, OSError or TimeoutError."""
    headers = signed_headers([secret], message, at, content)
    return asyncio.run(webhooks.post(url, content, headers, agent="Balie status"))


def echoes(answer: bytes, challenge: str) -> bool:
    """Whether whoever answered means to subscribe: they give the challenge back."""
    try:
        return bool(msgspec.json.decode(answer, type=dict[str, object]).get("challenge") == challenge)
    except NO_JSON:
        return False
