"""The console's pages about incidents: open, tell, promise, close. For whoever may see the console, without script and
without PostgreSQL.
"""

from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.db import connections
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from balie.lib.asgi import DisconnectedError, Message, TooLargeError, read_body
from balie.ops.access import who_asks
from balie.ops.board import said
from balie.ops.console import headers, language_of, page
from balie.ops.graph import Graph
from balie.ops.incidents.forms import Form, FormError, make_token, read_form, token_counts
from balie.ops.incidents.models import Incident
from balie.ops.incidents.status import of_one, status
from balie.ops.incidents.telling import TellingError, give_roles, open_by_hand, tell
from balie.ops.oncall.duty import OnCall
from balie.ops.oncall.rotas import AMSTERDAM
from balie.ops.router import DATABASE

USUAL: Final = timedelta(minutes=30)
BODY_MOST: Final = 20_000
SEVERITIES: Final = {"degraded": None, "stopped": None}
Answer = Callable[[Request, str], Response]
Act = Callable[[Request, Form, str, datetime], int]


class IncidentPages:
    """`oncall` has the people who can own a promise."""

    def __init__(self, graph: Graph, oncall: OnCall | None) -> None:
        self._graph, self._oncall = graph, oncall

    def routes(self) -> list[Route]:
        """For the console's application."""
        one = "/watch/incidents/{number:int}/"
        return [
            Route("/watch/incidents/", self._show(self.all_of_them), methods=["GET"]),
            Route("/watch/incidents/", self._do(self.open), methods=["POST"]),
            Route(one, self._show(self.one), methods=["GET"]),
            Route(f"{one}tell", self._do(self.tell), methods=["POST"]),
            Route(f"{one}close", self._do(self.close), methods=["POST"]),
            Route(f"{one}roles", self._do(self.roles), methods=["POST"]),
        ]

    def all_of_them(self, request: Request, who: str, wrong: str = "", form: Form | None = None) -> Response:
        with language_of(request):
            shown = {
                "status": status(self._graph, datetime.now(UTC)),
                "functions": self._functions(),
                "wrong": wrong,
                "form": form,
            }
        return self._page(request, "ops/incidents.html", who, shown)

    def one(self, request: Request, who: str, wrong: str = "", form: Form | None = None) -> Response:
        incident = Incident.objects.get(pk=request.path_params["number"])
        with language_of(request):
            case = of_one(incident, self._graph, datetime.now(UTC))
        log = incident.happenings.order_by("-pk")
        shown = {"case": case, "incident": incident, "log": log, "wrong": wrong, "form": form}
        return self._page(request, "ops/incident.html", who, shown)

    def open(self, _request: Request, form: Form, who: str, now: datetime) -> int:
        severity = form.one_of("severity", SEVERITIES)
        function = form.one_of("function", {"": None, **self._graph.functions})
        incident = open_by_hand(
            title=form.text("title"),
            functions={function: severity} if function else {},
            severity=severity,
            text=form.text("text"),
            following=form.following(now, self._people()),
            author=who,
            now=now,
        )
        return incident.pk

    def tell(self, request: Request, form: Form, who: str, now: datetime) -> int:
        incident = Incident.objects.get(pk=request.path_params["number"])
        following = form.following(now, self._people())
        tell(incident, form.text("text"), author=who, now=now, following=following)
        return incident.pk

    def close(self, request: Request, form: Form, who: str, now: datetime) -> int:
        incident = Incident.objects.get(pk=request.path_params["number"])
        tell(incident, form.text("text"), author=who, now=now, closes=True)
        return incident.pk

    def roles(self, request: Request, form: Form, who: str, now: datetime) -> int:
        incident = Incident.objects.get(pk=request.path_params["number"])
        known = {"": None, **self._people()}
        commander, communicator = form.one_of("commander", known), form.one_of("communicator", known)
        give_roles(incident, commander=commander, communicator=communicator, author=who, now=now)
        return incident.pk

    def _people(self) -> dict[str, str]:
        people = self._oncall.team.people if self._oncall else {}
        return {key: person.name for key, person in people.items()}

    def _functions(self) -> dict[str, str]:
        return {key: said(each.title) for key, each in self._graph.functions.items()}

    def _page(self, request: Request, template: str, who: str, shown: Mapping[str, Any]) -> Response:
        due = (datetime.now(AMSTERDAM) + USUAL).strftime("%H:%M")
        form, wrong = shown["form"], shown["wrong"]
        fields = {"due": due, **(form.fields if form else {})}
        both = {"token": make_token(who), "people": self._people(), **shown, "fields": fields}
        return page(request, template, both, 422 if wrong else 200)

    def _show(self, answer: Answer) -> Callable[[Request], Awaitable[Response]]:
        async def show(request: Request) -> Response:
            return await self._answered(request, lambda who: answer(request, who))

        return show

    def _do(self, act: Act) -> Callable[[Request], Awaitable[Response]]:
        async def do(request: Request) -> Response:
            async def receive() -> Message:
                return dict(await request.receive())

            try:
                body = await read_body(receive, limit=BODY_MOST, within_s=5)
            except (TooLargeError, DisconnectedError, TimeoutError):
                return Response(status_code=413, headers=headers())

            def answer(who: str) -> Response:
                form = read_form(body)
                if not token_counts(form.fields.get("token", ""), who):
                    return page(request, "ops/closed.html", {}, 403)
                try:
                    number = act(request, form, who, datetime.now(UTC))
                except (FormError, TellingError) as fault:
                    again = self.one if "number" in request.path_params else self.all_of_them
                    return again(request, who, str(fault), form)
                return RedirectResponse(f"/watch/incidents/{number}/", 303, headers())

            return await self._answered(request, answer)

        return do

    async def _answered(self, request: Request, answer: Callable[[str], Response]) -> Response:
        who = who_asks(dict(request.scope))
        if who is None:
            return page(request, "ops/closed.html", {}, 403)

        def closing() -> Response:
            try:
                return answer(who)
            except (Incident.DoesNotExist, FormError):
                return page(request, "ops/closed.html", {}, 404)
            finally:
                connections[DATABASE].close()

        return await run_in_threadpool(closing)
