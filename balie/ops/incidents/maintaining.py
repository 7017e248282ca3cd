"""The console's page about maintenance: announce, extend, cancel."""

from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from balie.ops.board import title
from balie.ops.console import language_of
from balie.ops.incidents.desk import Desk
from balie.ops.incidents.forms import Form
from balie.ops.incidents.logbook import who_words
from balie.ops.incidents.planning import act_words, planned
from balie.ops.maintenance.acts import announce, cancel, extend
from balie.ops.maintenance.models import Maintenance, MaintenanceAct
from balie.ops.oncall.rotas import AMSTERDAM

HERE: Final = "/watch/maintenance/"
LOG: Final = 30
PART: Final = "part_"


class MaintenancePages(Desk):
    """What is announced, what was, and who did it."""

    def routes(self) -> list[Route]:
        """For the console's application."""
        one = f"{HERE}{{number:int}}/"
        return [
            Route(HERE, self.show(self.all_of_them), methods=["GET"]),
            Route(HERE, self.do(self.announce, self.all_of_them), methods=["POST"]),
            Route(f"{one}extend", self.do(self.extend, self.all_of_them), methods=["POST"]),
            Route(f"{one}cancel", self.do(self.cancel, self.all_of_them), methods=["POST"]),
        ]

    def all_of_them(self, request: Request, who: str, wrong: str = "", form: Form | None = None) -> Response:
        now = datetime.now(UTC)
        with language_of(request):
            windows = planned(self.graph, now)
            acts = MaintenanceAct.objects.select_related("maintenance").order_by("-pk")[:LOG]
            log = [(each.at, each.maintenance.number, act_words(each), who_words(each.who)) for each in acts]
            parts = {name: title(self.graph, name) for name in [*self.graph.nodes, *self.graph.groups]}
        begins = (now + timedelta(days=1)).astimezone(AMSTERDAM).replace(minute=0)
        usual = {"begins": f"{begins:%Y-%m-%dT%H:%M}", "ends": f"{begins + timedelta(hours=1):%Y-%m-%dT%H:%M}"}
        fields = {**usual, **(form.fields if form else {})}
        shown = {
            "windows": windows,
            "log": log,
            "parts": sorted(parts.items(), key=lambda part: part[1]),
            "chosen": {name.removeprefix(PART) for name in fields if name.startswith(PART)},
            "wrong": wrong,
            "fields": fields,
        }
        return self.page(request, "ops/maintenance.html", who, shown)

    def announce(self, _request: Request, form: Form, who: str, now: datetime) -> str:
        chosen = [name.removeprefix(PART) for name in form.fields if name.startswith(PART)]
        nodes = {node for name in chosen for node in self._nodes(name)}
        text = form.text("text")
        announce(
            begins_at=form.moment("begins"),
            ends_at=form.moment("ends"),
            parts=sorted(nodes),
            text_nl=text.nl,
            text_en=text.en,
            author=who,
            now=now,
        )
        return HERE

    def extend(self, request: Request, form: Form, who: str, now: datetime) -> str:
        extend(self._one(request), form.moment("until"), author=who, now=now)
        return HERE

    def cancel(self, request: Request, _form: Form, who: str, now: datetime) -> str:
        cancel(self._one(request), author=who, now=now)
        return HERE

    def _one(self, request: Request) -> Maintenance:
        return Maintenance.objects.get(pk=request.path_params["number"])

    def _nodes(self, name: str) -> list[str]:
        """Of a group all its members; of what is not in the graph nothing."""
        if name in self.graph.groups:
            return list(self.graph.members(name))
        return [name] if name in self.graph.nodes else []
