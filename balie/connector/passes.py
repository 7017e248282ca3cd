"""The connector's way in: its code gives a pass, and a new one as soon as that counts no longer."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import Final, TypeVar

import msgspec

from balie.consult.client.application import PASS_COOKIE
from balie.consult.client.transport import Http, Response, Transport, UnreachableError

BAD_REQUEST: Final = 400
NO_PASS: Final = 401
T = TypeVar("T")


class ClosedError(Exception):
    """The code opens nothing: the practice ended this connection, or it was never made."""


class NotABsnError(Exception):
    """The number does not pass the 11-check."""


class _Given(msgspec.Struct):
    held: str = msgspec.field(name="pass")


class _Recognised(msgspec.Struct):
    person: str | None


class Passing:
    """A `Transport` that shows a pass with every request; any cookie given to it is replaced."""

    def __init__(self, transport: Transport, origin: str, code: str) -> None:
        self._transport, self._origin, self._code = transport, origin, code
        self._held = ""
        self._asking = asyncio.Lock()

    async def __call__(self, method: str, url: str, body: bytes, headers: Mapping[str, str]) -> Response:
        held = self._held or await self._renew("")
        response = await self._transport(method, url, body, {**headers, **_shown(held)})
        if response.status != NO_PASS:
            return response
        return await self._transport(method, url, body, {**headers, **_shown(await self._renew(held))})

    async def headers(self) -> dict[str, str]:
        """For a stream, which ends when its pass does."""
        return _shown(self._held or await self._renew(""))

    async def _renew(self, old: str) -> str:
        """A pass that is not `old`. Of several who find it old, one asks. Raises ClosedError, UnreachableError."""
        async with self._asking:
            if self._held in {"", old}:
                self._held = await self._ask()
            return self._held

    async def recognise(self, bsn: str) -> str | None:
        """As whom the practice's patient with this BSN talks, if they do. Raises NotABsnError, and as below."""
        response = await self._say("/koppeling/patient/", {"code": self._code, "bsn": bsn})
        if response.status == BAD_REQUEST:
            raise NotABsnError
        return _read(response, _Recognised).person

    async def _ask(self) -> str:
        return _read(await self._say("/koppeling/pas/", {"code": self._code}), _Given).held

    async def _say(self, path: str, content: Mapping[str, str]) -> Response:
        body = msgspec.json.encode(content)
        return await self._transport("POST", self._origin + path, body, {"content-type": "application/json"})


async def lines(http: Http, passing: Passing, url: str) -> AsyncIterator[bytes]:
    """A stream, with the pass of now. Raises UnreachableError."""
    async for line in http.lines(url, await passing.headers()):
        yield line


def _read(response: Response, form: type[T]) -> T:
    if response.status in {BAD_REQUEST, NO_PASS}:
        raise ClosedError
    if response.status != 200:
        raise UnreachableError(f"status {response.status}")
    return msgspec.json.decode(response.body, type=form)


def _shown(held: str) -> dict[str, str]:
    return {"cookie": f"{PASS_COOKIE}={held}"}
