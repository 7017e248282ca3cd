"""Where reports come in: from the web, signed, and from anybody by the status page; and where staff read them."""

from datetime import UTC, datetime, timedelta
from typing import Final
from uuid import uuid4

import msgspec
from django.conf import settings
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext as _
from django.utils.translation import override
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from balie.lib.limits import Limits, client_of
from balie.lib.plain import plain_headers
from balie.ops.access import who_asks
from balie.ops.board import said
from balie.ops.console import page
from balie.ops.graph import Graph
from balie.ops.incidents.models import Incident
from balie.ops.incidents.status import in_this_language
from balie.ops.incidents.touching import going_on
from balie.ops.maintenance import windows
from balie.ops.maintenance.models import Maintenance
from balie.ops.public import Fields, act, act_raw, first, language_of, public_page, show
from balie.ops.subscribers.joining import join_post, leave_post, post_reads
from balie.ops.symptoms.hearing import hear
from balie.ops.symptoms.models import Symptom
from balie.practices.symptoms.pages import MINUTES, TEXT_MOST
from balie.practices.symptoms.wire import Ask, Heard, Known, StrangeError, Work, read
from balie.practices.templatetags.balie import clock, moment

SHOWN_MOST: Final = 200


class SymptomPages:
    """Whoever is not logged in: two reports at once and one every five minutes for a network."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._limits = Limits(rate=1 / 300, most=2, of_all=50)

    def routes(self) -> list[Route]:
        """For the watch's application."""
        return [
            Route("/reports/", act_raw(self.from_web), methods=["POST"]),
            Route("/report/", show(self.form), methods=["GET"]),
            Route("/report/", act(self.from_anybody), methods=["POST"]),
            Route("/watch/symptoms/", show(self.all_of_them), methods=["GET"]),
        ]

    def from_web(self, _request: Request, body: bytes) -> Response:
        """What a process of the web asks for somebody whose pass it has read."""
        try:
            ask = read(body)
        except StrangeError:
            return Response(status_code=403, headers=plain_headers())
        now, report = datetime.now(UTC), None
        if ask.practice is not None and ask.do == "subscribe":
            join_post(ask.practice, now)
        elif ask.practice is not None and ask.do == "leave":
            leave_post(ask.practice, now)
        elif ask.do == "report":
            report = hear(self._graph, self._report(ask, now))
        heard = self._heard(ask.language, report)
        subscribed = ask.practice is not None and post_reads(ask.practice)
        content = msgspec.json.encode(msgspec.structs.replace(heard, subscribed=subscribed))
        return Response(content, headers=plain_headers(), media_type="application/json")

    def _report(self, ask: Ask, now: datetime) -> Symptom:
        return Symptom(
            reference=ask.id,
            at=now,
            source=f"person {ask.person}",
            practice=ask.practice,
            what=ask.what if ask.what in self._graph.public else "",
            since=now - timedelta(minutes=ask.minutes),
            text=ask.text[:TEXT_MOST],
        )

    def form(
        self, request: Request, wrong: str = "", fields: Fields | None = None, done: Symptom | None = None
    ) -> Response:
        language = language_of(request, fields)
        with override(language):
            since = dict(zip(MINUTES, (_("net"), _("een kwartier"), _("een uur"), _("langer")), strict=True))
        shown = {
            "heard": self._heard(language, done),
            "since": since,
            "wrong": wrong,
            "fields": {name: first(fields, name) for name in ("what", "minutes", "text")} if fields else {},
            "text_most": TEXT_MOST,
            "help_phone": settings.HELP_PHONE,
        }
        status = {"": 200, "often": 429}.get(wrong, 422)
        return public_page(request, "ops/symptom.html", shown, language=language, status=status)

    def from_anybody(self, request: Request, fields: Fields) -> Response:
        text, minutes, what = (first(fields, name) for name in ("text", "minutes", "what"))
        if not text or len(text) > TEXT_MOST or minutes not in map(str, MINUTES):
            return self.form(request, "text", fields)
        client = client_of(dict(request.scope))
        if not self._limits.take(client):
            return self.form(request, "often", fields)
        now = datetime.now(UTC)
        report = Symptom(
            reference=uuid4().hex,
            at=now,
            source=f"network {salted_hmac('balie.ops.symptoms', client, algorithm='sha256').hexdigest()[:16]}",
            what=what if what in self._graph.public else "",
            since=now - timedelta(minutes=int(minutes)),
            text=text,
        )
        return self.form(request, fields={"language": [language_of(request, fields)]}, done=hear(self._graph, report))

    def all_of_them(self, request: Request) -> Response:
        """For whoever may see the console."""
        if who_asks(dict(request.scope)) is None:
            return page(request, "ops/closed.html", {}, 403)
        reports = Symptom.objects.select_related("incident", "maintenance").order_by("-pk")[:SHOWN_MOST]
        names = {key: each.title for key, each in self._graph.functions.items()}
        with override(language_of(request)):
            rows = [(each, said(names[each.what]) if each.what in names else "") for each in reports]
        return page(request, "ops/symptoms.html", {"rows": rows})

    def _heard(self, language: str, report: Symptom | None) -> Heard:
        with override(language):
            return Heard(
                functions={key: said(each.title) for key, each in self._graph.public.items()},
                known=[_known(each) for each in going_on()],
                work=[_work(each) for each in windows.going_on(datetime.now(UTC))],
                number=report.number if report else "",
                ours=report.incident.number if report and report.incident else "",
                during=report.maintenance.number if report and report.maintenance else "",
            )


def _known(incident: Incident) -> Known:
    promise = incident.promises.filter(answered_at=None).first()
    return Known(
        number=incident.number,
        title=in_this_language(incident.title_nl, incident.title_en),
        since=moment(incident.began_at),
        next_by=clock(promise.due_at) if promise else "",
    )


def _work(window: Maintenance) -> Work:
    return Work(
        number=window.number,
        text=in_this_language(window.text_nl, window.text_en),
        until=moment(window.over_at),
    )
