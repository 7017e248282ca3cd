"""The HTTP of a connector, for the record system beside it: FHIR in and out, problems as RFC 9457 has them."""

import asyncio
import hmac
from collections.abc import Awaitable, Callable, Collection, Mapping
from contextlib import AbstractAsyncContextManager
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

import msgspec
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route

from balie.connector import fhir
from balie.connector.config import digest
from balie.connector.desk import Desk, NotThereError, TakenError
from balie.connector.openapi import describe
from balie.connector.passes import ClosedError, NotABsnError
from balie.connector.words import TITLES
from balie.consult.client.fhir import BSN, to_fhir
from balie.consult.client.transport import UnreachableError

BODY_MOST: Final = 64 * 1024
BODY_WITHIN_S: Final = 5.0
PAGE_MOST: Final = 100
TENANT: Final = "organisation_agb"
SUBJECT: Final = "subject:identifier"  # FHIR's way to search by an identifier within a reference
FORM: Final = {"application/x-www-form-urlencoded"}
KINDS: Final = {"application/json", fhir.FHIR_JSON}
PRIVATE: Final = {"cache-control": "no-store"}
Answer = Callable[[Request], Awaitable[Response]]


class RefusedError(Exception):
    """`errors` says where, and what is wrong there."""

    def __init__(self, status: int, code: str, errors: list[dict[str, str]] | None = None) -> None:
        super().__init__(code)
        self.status, self.code, self.errors = status, code, errors


class NewsQuery(msgspec.Struct, frozen=True, rename={"count": "_count"}, forbid_unknown_fields=True):
    """`after`: the last number that was heard of, 0 at first; `_count`: how many at most."""

    after: Annotated[int, msgspec.Meta(ge=0, le=2**53)] = 0
    count: Annotated[int, msgspec.Meta(ge=1, le=PAGE_MOST)] = PAGE_MOST


class Api:
    """`desk` is there once it was opened. `key`: the digest of what the record system shows; `agb_code`: of the
    practice whose connector this is.
    """

    desk: Desk

    def __init__(self, *, key: str, agb_code: str) -> None:
        self._key, self._agb_code = key, agb_code
        self._document = msgspec.json.encode(describe())

    async def give(self, request: Request) -> Response:
        """Something to send: it is kept before this answers, and sent after."""
        body = await _read(request, KINDS)
        try:
            asked = msgspec.json.decode(body, type=fhir.NewCommunication)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as fault:
            raise RefusedError(400, "bad_request", [_fault(fault)]) from None
        try:
            kept, again = self.desk.give(asked, body)
        except TakenError:
            raise RefusedError(409, "taken") from None
        where = f"/fhir/Communication/{to_fhir(kept.id)}"
        return _fhir(200 if again else 202, self.desk.find(kept.id), {"location": where})

    async def look(self, request: Request) -> Response:
        return _fhir(200, self.desk.find(fhir.of_fhir(request.path_params["id"])))

    async def whole(self, request: Request) -> Response:
        try:
            return _fhir(200, await self.desk.whole(fhir.of_fhir(request.path_params["id"])))
        except (ClosedError, UnreachableError):
            raise RefusedError(503, "away") from None

    async def news(self, request: Request) -> Response:
        try:
            asked = msgspec.convert(dict(request.query_params), NewsQuery, strict=False)
        except msgspec.ValidationError as fault:
            raise RefusedError(400, "bad_request", [_fault(fault)]) from None
        found, last = self.desk.news(asked.after, asked.count)
        here = f"/fhir/Communication?after={asked.after}&_count={asked.count}"
        return _fhir(
            200, fhir.bundle(found, here=here, further=f"/fhir/Communication?after={last}&_count={asked.count}")
        )

    async def search(self, request: Request) -> Response:
        """Conversations of one patient. By POST, as FHIR allows, so that the BSN stands in no address and no log."""
        form = (await _read(request, FORM)).decode("ascii", "replace")
        system, _, bsn = dict(parse_qsl(form)).get(SUBJECT, "").partition("|")
        if system != BSN:
            raise RefusedError(400, "bad_request", [{"at": SUBJECT, "code": "missing"}])
        try:
            found = await self.desk.threads_with(bsn)
        except NotABsnError:
            raise RefusedError(400, "bad_request", [{"at": SUBJECT, "code": "bsn"}]) from None
        except (ClosedError, UnreachableError):
            raise RefusedError(503, "away") from None
        return _fhir(200, fhir.bundle(found, here="/fhir/Communication/_search", further=None))

    async def health(self, _request: Request) -> Response:
        """Well while it hears, and the key log says nothing strange of it; whoever may reach it may ask."""
        why = self.desk.why or self.desk.strange
        return _json(503 if why else 200, {"well": not why, "why": why, "waiting": self.desk.store.waiting()})

    async def document(self, _request: Request) -> Response:
        return Response(self._document, media_type="application/json")

    def shown(self, answer: Answer) -> Answer:
        """Only for who has the key, and means this practice; what is refused is told as a problem."""

        async def answered(request: Request) -> Response:
            try:
                self._check(request)
                return await answer(request)
            except RefusedError as refused:
                return _problem(refused.status, refused.code, refused.errors)
            except NotThereError:
                return _problem(404, "not_found")
            except ClientDisconnect:
                return _problem(408, "slow")

        return answered

    def _check(self, request: Request) -> None:
        scheme, _, key = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not hmac.compare_digest(digest(key), self._key):
            raise RefusedError(401, "no_key")
        tenant = request.headers.get(TENANT)
        if tenant is None:
            raise RefusedError(400, "bad_request", [{"at": TENANT, "code": "missing"}])
        if tenant != self._agb_code:
            raise RefusedError(404, "other_practice")


async def _read(request: Request, kinds: Collection[str]) -> bytes:
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in kinds:
        raise RefusedError(415, "other_kind")
    body = bytearray()
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            async for part in request.stream():
                body += part
                if len(body) > BODY_MOST:
                    raise RefusedError(413, "too_large")
    except TimeoutError:
        raise RefusedError(408, "slow") from None
    return bytes(body)


def _fault(fault: Exception) -> dict[str, str]:
    """Where it is, without what stands there: that may be about a patient."""
    _, found, where = str(fault).partition(" - at `$")
    return {"at": where.removesuffix("`").lstrip(".") if found else "", "code": "type"}


def _fhir(status: int, content: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Response:
    return Response(msgspec.json.encode(content), status, {**PRIVATE, **(headers or {})}, fhir.FHIR_JSON)


def _json(status: int, content: Any) -> Response:
    return Response(msgspec.json.encode(content), status, dict(PRIVATE), "application/json")


def _problem(
    status: int, code: str, errors: list[dict[str, str]] | None = None, headers: Mapping[str, str] | None = None
) -> Response:
    content: dict[str, Any] = {"status": status, "code": code, "title": TITLES[code]}
    if errors:
        content["errors"] = errors
    given = {401: {"www-authenticate": "Bearer"}, 503: {"retry-after": "5"}}.get(status, dict(headers or {}))
    return Response(msgspec.json.encode(content), status, {**PRIVATE, **given}, "application/problem+json")


async def _no_such(_request: Request, fault: Exception) -> Response:
    assert isinstance(fault, HTTPException)
    code = {404: "not_found", 405: "not_allowed"}.get(fault.status_code, "bad_request")
    return _problem(fault.status_code, code, headers=fault.headers)


def create(api: Api, *, lifespan: Callable[[Starlette], AbstractAsyncContextManager[None]]) -> Starlette:
    """The application; `lifespan` opens what it answers from."""
    routes = [
        Route("/fhir/Communication", api.shown(api.news), methods=["GET"]),
        Route("/fhir/Communication", api.shown(api.give), methods=["POST"]),
        Route("/fhir/Communication/_search", api.shown(api.search), methods=["POST"]),
        Route("/fhir/Communication/{id}", api.shown(api.look), methods=["GET"]),
        Route("/fhir/Communication/{id}/$everything", api.shown(api.whole), methods=["GET"]),
        Route("/openapi.json", api.document, methods=["GET"]),
        Route("/health", api.health, methods=["GET"]),
    ]
    return Starlette(routes=routes, lifespan=lifespan, exception_handlers={HTTPException: _no_such})
