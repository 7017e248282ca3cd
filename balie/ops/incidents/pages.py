"""The console's pages about incidents: open, tell, promise, close. For whoever may see the console, without script and
without PostgreSQL.
"""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from django.utils import timezone
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from balie.ops.board import said
from balie.ops.console import language_of
from balie.ops.incidents.desk import Desk
from balie.ops.incidents.forms import Form
from balie.ops.incidents.logbook import happening_words, who_words
from balie.ops.incidents.models import Incident
from balie.ops.incidents.reports.pages import agreed
from balie.ops.incidents.status import of_one, status
from balie.ops.incidents.telling import give_roles, open_by_hand, tell
from balie.ops.oncall.rotas import AMSTERDAM

USUAL: Final = timedelta(minutes=30)
SEVERITIES: Final = {"degraded": None, "stopped": None}


class IncidentPages(Desk):
    """All incidents, and each."""

    def routes(self) -> list[Route]:
        """For the console's application."""
        one = "/watch/incidents/{number:int}/"
        return [
            Route("/watch/incidents/", self.show(self.all_of_them), methods=["GET"]),
            Route("/watch/incidents/", self.do(self.open, self.all_of_them), methods=["POST"]),
            Route(one, self.show(self.one), methods=["GET"]),
            Route(f"{one}tell", self.do(self.tell, self.one), methods=["POST"]),
            Route(f"{one}close", self.do(self.close, self.one), methods=["POST"]),
            Route(f"{one}roles", self.do(self.roles, self.one), methods=["POST"]),
        ]

    def all_of_them(self, request: Request, who: str, wrong: str = "", form: Form | None = None) -> Response:
        now = datetime.now(UTC)
        with language_of(request):
            shown = {
                "status": status(self.graph, now),
                "functions": self._functions(),
                "follow_ups": agreed(None, timezone.localtime(now).date()),
                "wrong": wrong,
                "form": form,
            }
        return self._page(request, "ops/incidents.html", who, shown)

    def one(self, request: Request, who: str, wrong: str = "", form: Form | None = None) -> Response:
        incident = Incident.objects.get(pk=request.path_params["number"])
        with language_of(request):
            case = of_one(incident, self.graph, datetime.now(UTC))
            rows = incident.happenings.order_by("-pk")
            log = [(each.at, happening_words(each, self.graph, self.people()), who_words(each.who)) for each in rows]
        shown = {"case": case, "incident": incident, "log": log, "wrong": wrong, "form": form}
        return self._page(request, "ops/incident.html", who, shown)

    def open(self, _request: Request, form: Form, who: str, now: datetime) -> str:
        severity = form.one_of("severity", SEVERITIES)
        function = form.one_of("function", {"": None, **self.graph.public})
        incident = open_by_hand(
            title=form.text("title"),
            functions={function: severity} if function else {},
            severity=severity,
            text=form.text("text"),
            following=form.following(now, self.people()),
            author=who,
            now=now,
        )
        return _address(incident)

    def tell(self, request: Request, form: Form, who: str, now: datetime) -> str:
        incident = Incident.objects.get(pk=request.path_params["number"])
        following = form.following(now, self.people())
        tell(incident, form.text("text"), author=who, now=now, following=following)
        return _address(incident)

    def close(self, request: Request, form: Form, who: str, now: datetime) -> str:
        incident = Incident.objects.get(pk=request.path_params["number"])
        tell(incident, form.text("text"), author=who, now=now, closes=True)
        return _address(incident)

    def roles(self, request: Request, form: Form, who: str, now: datetime) -> str:
        incident = Incident.objects.get(pk=request.path_params["number"])
        known = {"": None, **self.people()}
        commander, communicator = form.one_of("commander", known), form.one_of("communicator", known)
        give_roles(incident, commander=commander, communicator=communicator, author=who, now=now)
        return _address(incident)

    def _functions(self) -> dict[str, str]:
        return {key: said(each.title) for key, each in self.graph.public.items()}

    def _page(self, request: Request, template: str, who: str, shown: Mapping[str, Any]) -> Response:
        due = (datetime.now(AMSTERDAM) + USUAL).strftime("%H:%M")
        fields = {"due": due, **(shown["form"].fields if shown["form"] else {})}
        return self.page(request, template, who, {**shown, "fields": fields})


def _address(incident: Incident) -> str:
    return f"/watch/incidents/{incident.pk}/"
