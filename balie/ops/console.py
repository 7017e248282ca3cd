"""The console of the watch: one page that tells what fails, why, and what to do. Nothing here asks PostgreSQL."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final

from django.conf import settings
from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import override
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from balie.lib.asgi import find_cookie, find_language
from balie.lib.plain import plain_headers
from balie.ops.access import link_cookie, link_counts, may_see
from balie.ops.board import board, said, state_words
from balie.ops.drawing import draw
from balie.ops.engine import Engine
from balie.ops.maintenance.windows import going_on
from balie.ops.runbooks import runbook

HISTORY: Final = 20
SCHEME_COOKIE: Final = b"balie_scheme"
Answer = Callable[[Request], Awaitable[Response]]


class Console:
    """Answers from the memory of the engine, and for what was before from its ledger. `engine` is None while another
    watch judges. `on_call` tells whose shift it is: rotas with names, in the language of
    the moment; without it nobody is ever woken.
    """

    def __init__(self, on_call: Callable[[datetime], Sequence[tuple[str, str]]] | None = None) -> None:
        self.engine: Engine | None = None
        self._on_call = on_call

    def app(self) -> Starlette:
        guarded: Mapping[str, Answer] = {
            "/watch/": self.show,
            "/watch/now": self.now,
            "/watch/runbooks/{name}": self.runbook,
        }
        return Starlette(
            routes=[
                *(Route(path, _guard(answer)) for path, answer in guarded.items()),
                Route("/", _to_console),
                Route("/watch/link", _open_by_link),
                Route("/watch/language", _choose_language),
                Route("/health", self.health),
                Route("/ready", self.ready),
            ]
        )

    async def show(self, request: Request) -> Response:
        return await self._shown(request, "ops/console.html")

    async def now(self, request: Request) -> Response:
        """The part of the page that changes."""
        return await self._shown(request, "ops/now.html")

    async def runbook(self, request: Request) -> Response:
        book = runbook(request.path_params["name"])
        if book is None:
            return page(request, "ops/closed.html", {}, status=404)
        with override(_language(request)):
            words = {"title": said(book.head.title), "restart": said(book.head.restart), "html": said(book.html)}
        return page(request, "ops/runbook.html", words)

    async def health(self, _request: Request) -> Response:
        """That the process lives."""
        return JSONResponse({"well": True})

    async def ready(self, _request: Request) -> Response:
        """Well only while this watch judges and what it sees reaches the ledger."""
        engine = self.engine
        if engine is None:
            return JSONResponse({"judging": False}, 503)
        content = {"judging": True, "open": len(engine.verdicts), "unwritten": len(engine.unwritten)}
        return JSONResponse(content, 200 if engine.well() else 503)

    async def _shown(self, request: Request, template: str) -> Response:
        engine = self.engine
        if engine is None:
            return page(request, "ops/standing_by.html", {}, status=503)
        history = await engine.ledger.history(HISTORY)
        windows = await engine.ledger.read(lambda: going_on(engine.clock.wall()))
        with override(_language(request)):
            states = {name: node.state for name, node in engine.nodes.items()}
            words = {plural: state_words(plural=plural) for plural in (False, True)}
            drawing = draw(engine.graph, states, words, _("Wat waarop staat, met de stand van elk onderdeel"))
            on_call = self._on_call(datetime.now(UTC)) if self._on_call else ()
            shown = {"board": board(engine, history, windows or ()), "drawing": drawing, "on_call": on_call}
        return page(request, template, shown)


def _guard(answer: Answer) -> Answer:
    """For whoever may see it; others learn how they could."""

    async def guarded(request: Request) -> Response:
        if not may_see(dict(request.scope)):
            return page(request, "ops/closed.html", {}, status=403)
        return await answer(request)

    return guarded


async def _to_console(_request: Request) -> Response:
    return RedirectResponse("/watch/", 302)


async def _open_by_link(request: Request) -> Response:
    token = request.query_params.get("token", "")
    if not link_counts(token):
        return page(request, "ops/closed.html", {}, status=403)
    answer = RedirectResponse("/watch/", 302)
    answer.raw_headers.append(link_cookie(token))
    return answer


async def _choose_language(request: Request) -> Response:
    chosen = request.query_params.get("to", "")
    answer = RedirectResponse("/watch/", 302)
    if chosen in dict(settings.LANGUAGES):
        answer.set_cookie(settings.LANGUAGE_COOKIE_NAME, chosen, settings.LANGUAGE_COOKIE_AGE, samesite="lax")
    return answer


def page(request: Request, template: str, context: Mapping[str, Any], status: int = 200) -> Response:
    """In the language and the colours of whoever asks."""
    scheme = (find_cookie(dict(request.scope), SCHEME_COOKIE) or b"").decode("latin-1")
    with override(_language(request)):
        shown = {"origin": settings.ORIGINS[0], "scheme": scheme if scheme in {"light", "dark"} else "", **context}
        html = render_to_string(template, shown)
    return HTMLResponse(html, status, headers=plain_headers())


def _language(request: Request) -> str:
    """What somebody chose here or in Balie itself, or what their browser prefers."""
    scope = dict(request.scope)
    chosen = (find_cookie(scope, settings.LANGUAGE_COOKIE_NAME.encode()) or b"").decode("latin-1")
    return chosen if chosen in dict(settings.LANGUAGES) else find_language(scope)


def language_of(request: Request) -> AbstractContextManager[None]:
    """Whatever is said inside is in the language of whoever asks."""
    return override(_language(request))
