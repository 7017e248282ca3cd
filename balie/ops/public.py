"""Pages of the watch for everybody: no login, no script, no PostgreSQL, and a limit for whoever fills them in."""

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final
from urllib.parse import parse_qs

from django.conf import settings
from django.db import connections
from django.template.loader import render_to_string
from django.utils.translation import override
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from balie.lib.asgi import DisconnectedError, Message, TooLargeError, find_cookie, find_language, read_body
from balie.lib.plain import plain_headers
from balie.ops.console import SCHEME_COOKIE
from balie.ops.router import DATABASE

BODY_MOST: Final = 20_000
Fields = Mapping[str, list[str]]
Endpoint = Callable[[Request], Awaitable[Response]]


def first(fields: Fields, name: str) -> str:
    """What was filled in, without spaces around it."""
    return fields.get(name, [""])[0].strip()


def show(answer: Callable[[Request], Response]) -> Endpoint:
    """A page that only shows, in a thread."""

    async def shown(request: Request) -> Response:
        return await _in_thread(lambda: answer(request))

    return shown


def act(answer: Callable[[Request, Fields], Response]) -> Endpoint:
    """A form, in a thread."""

    def parsed(request: Request, body: bytes) -> Response:
        try:
            fields = parse_qs(body.decode(), max_num_fields=50)
        except ValueError:
            return Response(status_code=400, headers=plain_headers())
        return answer(request, fields)

    return act_raw(parsed)


def act_raw(answer: Callable[[Request, bytes], Response]) -> Endpoint:
    """A body of another kind, in a thread."""

    async def acted(request: Request) -> Response:
        async def receive() -> Message:
            return dict(await request.receive())

        try:
            body = await read_body(receive, limit=BODY_MOST, within_s=5)
        except (TooLargeError, DisconnectedError, TimeoutError):
            return Response(status_code=400, headers=plain_headers())
        return await _in_thread(lambda: answer(request, body))

    return acted


async def _in_thread(answer: Callable[[], Response]) -> Response:
    def closing() -> Response:
        try:
            return answer()
        finally:
            connections[DATABASE].close()

    return await run_in_threadpool(closing)


def language_of(request: Request, fields: Fields | None = None) -> str:
    """What the address or the form says, what somebody chose before, or what their browser prefers."""
    scope = dict(request.scope)
    cookie = (find_cookie(scope, settings.LANGUAGE_COOKIE_NAME.encode()) or b"").decode("latin-1")
    said = [first(fields or {}, "language"), request.query_params.get("language", ""), cookie]
    return next((each for each in said if each in dict(settings.LANGUAGES)), find_language(scope))


def public_page(
    request: Request, template: str, shown: Mapping[str, Any], *, language: str, status: int = 200
) -> Response:
    """In the colours of whoever asks."""
    scheme = (find_cookie(dict(request.scope), SCHEME_COOKIE) or b"").decode("latin-1")
    with override(language):
        both = {"scheme": scheme if scheme in {"light", "dark"} else "", "status_url": settings.STATUS_URL, **shown}
        html = render_to_string(template, {**both, "path": request.url.path})
    return HTMLResponse(html, status, plain_headers())
