"""The page behind a link in a message: see what is the matter, take it, pass it on. Without login, without PostgreSQL
and without script. Looking changes nothing, so that a mail scanner that follows links answers for nobody.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime
from typing import Any, TypeVar

from django.db import connections
from django.template.loader import render_to_string
from django.utils.translation import override
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from balie.lib.asgi import find_cookie, find_language
from balie.lib.plain import plain_headers
from balie.ops.console import SCHEME_COOKIE
from balie.ops.graph import Graph
from balie.ops.oncall.card import find_card
from balie.ops.oncall.links import Bearer, LinkError, LinkOverError, read_token
from balie.ops.oncall.models import Page
from balie.ops.oncall.paging import acknowledge, pass_on
from balie.ops.router import DATABASE

T = TypeVar("T")
Act = Callable[[Page, str, datetime], bool]


def routes(graph: Graph) -> list[Route]:
    """For the console's application."""
    return [
        Route("/oncall/{token}/", _show(graph), methods=["GET"]),
        Route("/oncall/{token}/take", _do(acknowledge), methods=["POST"]),
        Route("/oncall/{token}/pass", _do(pass_on), methods=["POST"]),
    ]


def _show(graph: Graph) -> Callable[[Request], Awaitable[Response]]:
    async def show(request: Request) -> Response:
        def answer(bearer: Bearer) -> Response:
            with override("nl"):
                language, _card = find_card(bearer, graph, datetime.now(UTC))
            with override(language):
                _language, card = find_card(bearer, graph, datetime.now(UTC))
                return _page(request, "ops/oncall.html", {"card": card, "token": request.path_params["token"]})

        return await _answered(request, answer)

    return show


def _do(act: Act) -> Callable[[Request], Awaitable[Response]]:
    async def do(request: Request) -> Response:
        def answer(bearer: Bearer) -> Response:
            act(Page.objects.get(pk=bearer.page), bearer.person, datetime.now(UTC))
            return RedirectResponse(f"/oncall/{request.path_params['token']}/", 303, plain_headers())

        return await _answered(request, answer)

    return do


async def _answered(request: Request, answer: Callable[[Bearer], Response]) -> Response:
    def closing() -> Response:
        try:
            return answer(read_token(request.path_params["token"]))
        except LinkOverError:
            return _refused(request, 410)
        except (LinkError, Page.DoesNotExist):
            return _refused(request, 404)
        finally:
            connections[DATABASE].close()

    return await run_in_threadpool(closing)


def _refused(request: Request, status: int) -> Response:
    with override(find_language(dict(request.scope))):
        return _page(request, "ops/oncall_over.html", {"expired": status == 410}, status)


def _page(request: Request, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
    """Dark, unless this browser chose light: it is read in the night."""
    chosen = (find_cookie(dict(request.scope), SCHEME_COOKIE) or b"").decode("latin-1")
    scheme = "light" if chosen == "light" else "dark"
    return HTMLResponse(render_to_string(template, {"scheme": scheme, **context}), status, plain_headers())
