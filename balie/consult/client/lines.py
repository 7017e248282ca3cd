"""Asking a key server: through the first of its addresses, and through the next when that one fails or is silent."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

import msgspec

from balie.consult.client.hedging import FailedError, Pause, hedged
from balie.consult.client.trail import Step, Trail
from balie.consult.client.transport import Transport, UnreachableError
from balie.consult.keyservers import KeyServerAt
from balie.consult.protocol.reasons import Reason, Rejected

ROUTE_S: Final = 0.5
NO_ANSWER: Final = "no answer"
OWN_WORDS: Final = {400, 401, 403, 413, 429}  # what the server itself says; another route would say the same
EXPOSED: Final = {Reason.BAD_SHARE}  # what the server signed; no route can have done it

T = TypeVar("T")
Token = Callable[[KeyServerAt], Awaitable[str]]
"""A token for one key server. Raises UnreachableError."""


class _Refusal(msgspec.Struct):
    error: str


@dataclass(frozen=True)
class Line:
    """One key server, and how to reach it."""

    at: KeyServerAt
    transport: Transport
    token: Token
    pause: Pause

    async def ask(self, step: Step, path: str, body: bytes, read: Callable[[bytes], T], trail: Trail) -> T:
        """The same body by one route after another, which a key server answers alike. `read` checks the answer: what it
        rejects is looked for behind the next route. Raises FailedError, with all that was tried in `trail`.
        """
        try:
            token = await self.token(self.at)
        except UnreachableError as fault:
            trail.add(self.at.server, "token", "", str(fault))
            raise FailedError from None
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        final = asyncio.Event()

        async def through(route: str) -> T:
            why = NO_ANSWER
            try:
                response = await self.transport("POST", route + path, body, headers)
                why = f"status {response.status}"
                if response.status == 200:
                    found = read(response.body)
                    why = "well"
                    return found
                if response.status in OWN_WORDS and (own := _own_words(response.body)):
                    why = own
                    final.set()
            except UnreachableError:
                why = "unreachable"
            except Rejected as rejected:
                why = str(rejected.reason)
                if rejected.reason in EXPOSED:
                    final.set()
            finally:
                trail.add(self.at.server, step, route, why)
            raise FailedError

        attempts = [partial(self._unless, final, partial(through, route)) for route in self.at.routes]
        async with aclosing(hedged(attempts, at_once=1, patience_s=ROUTE_S, pause=self.pause)) as answers:
            async for answer in answers:
                return answer
        raise FailedError

    @staticmethod
    async def _unless(final: asyncio.Event, attempt: Callable[[], Awaitable[T]]) -> T:
        if final.is_set():
            raise FailedError
        return await attempt()


def _own_words(body: bytes) -> str:
    try:
        return msgspec.json.decode(body, type=_Refusal).error
    except msgspec.DecodeError:
        return ""
