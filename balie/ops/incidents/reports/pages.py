"""The console's page about the report of an incident: its facts, what people add, and what was agreed."""

from datetime import UTC, date, datetime
from typing import Any, Final

from django.utils import timezone
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from balie.lib.plain import plain_headers
from balie.ops.console import language_of
from balie.ops.incidents.desk import Desk
from balie.ops.incidents.forms import Form, FormError
from balie.ops.incidents.logbook import who_words
from balie.ops.incidents.models import Incident
from balie.ops.incidents.reports.facts import facts_of
from balie.ops.incidents.reports.models import FollowUp
from balie.ops.incidents.reports.publishing import name, title
from balie.ops.incidents.reports.rendering import facts_html, html, written
from balie.ops.incidents.reports.wording import markdown, plain
from balie.ops.incidents.reports.writing import PARTS, agree, finish, latest, publish, published, save

MOST: Final = 500_000


class ReportPages(Desk):
    """Of incidents that are closed, and as a draft of those that are not."""

    def routes(self) -> list[Route]:
        """For the console's application."""
        one = "/watch/incidents/{number:int}/report"
        return [
            Route(one, self.show(self.one), methods=["GET"]),
            Route(one, self.do(self.save, self.one, most=MOST), methods=["POST"]),
            Route(f"{one}/publish", self.do(self.publish, self.one, most=MOST), methods=["POST"]),
            Route(f"{one}.md", self.show(self.source), methods=["GET"]),
            Route(f"{one}/follow-ups", self.do(self.agree, self.one), methods=["POST"]),
            Route(f"{one}/follow-ups/{{follow_up:int}}", self.do(self.finish, self.one), methods=["POST"]),
        ]

    def one(self, request: Request, who: str, wrong: str = "", form: Form | None = None) -> Response:
        incident, report = self._found(request)
        now = datetime.now(UTC)
        with language_of(request):
            facts = markdown(facts_of(incident, self.graph, now))
            words = written(report, facts)
            shown: dict[str, Any] = {
                "title": title(incident),
                "facts": facts_html(facts),
                "preview": html(written(report, "")),
                "has_words": any(text for _title, text in words.chapters),
                "follow_ups": agreed(incident, timezone.localtime(now).date()),
            }
        sent = form.fields if form else {}
        kept = {part: getattr(report, part) if report else "" for part in PARTS}
        shown |= {
            "incident": incident,
            "report": report,
            "published": published(incident),
            "address": name(incident),
            "wrong": wrong,
            "fields": sent if "after" in sent else {**kept, **sent},
        }
        return self.page(request, "ops/report.html", who, shown)

    def source(self, request: Request, _who: str) -> Response:
        """All of it as Markdown, to be read or kept elsewhere."""
        incident, report = self._found(request)
        with language_of(request):
            facts = facts_of(incident, self.graph, datetime.now(UTC))
            text = f"# {plain(title(incident))}\n\n{written(report, markdown(facts)).source}"
        return PlainTextResponse(text, headers=plain_headers(), media_type="text/markdown")

    def save(self, request: Request, form: Form, who: str, now: datetime) -> str:
        incident, _report = self._found(request)
        save(incident, _parts(form), after=_after(form), author=who, now=now)
        return _address(incident)

    def publish(self, request: Request, form: Form, who: str, now: datetime) -> str:
        incident, _report = self._found(request)
        publish(incident, _parts(form), self.graph, after=_after(form), author=who, now=now)
        return _address(incident)

    def agree(self, request: Request, form: Form, who: str, now: datetime) -> str:
        incident, _report = self._found(request)
        agree(incident, form.line("what"), owner=form.line("owner"), due=form.day("due"), author=who, now=now)
        return f"{_address(incident)}#follow-ups"

    def finish(self, request: Request, _form: Form, who: str, now: datetime) -> str:
        incident, _report = self._found(request)
        follow_up = FollowUp.objects.get(pk=request.path_params["follow_up"], incident=incident)
        finish(follow_up, author=who, now=now)
        return f"{_address(incident)}#follow-ups"

    def _found(self, request: Request) -> tuple[Incident, Any]:
        incident = Incident.objects.get(pk=request.path_params["number"])
        return incident, latest(incident)


def agreed(incident: Incident | None, today: date) -> list[dict[str, Any]]:
    """What was agreed, what is open first, the most urgent of it first; of every incident where none is given: what is
    open. In the language of the moment.
    """
    rows = FollowUp.objects.select_related("incident").order_by("due", "pk")
    found = rows.filter(incident=incident) if incident else rows.filter(done_at=None)
    told = [
        {"row": each, "late": each.done_at is None and each.due < today, "by": who_words(each.done_by)}
        for each in found
    ]
    return sorted(told, key=lambda each: each["row"].done_at is not None)


def _parts(form: Form) -> dict[str, str]:
    return {part: form.fields.get(part, "") for part in PARTS}


def _after(form: Form) -> int:
    try:
        return int(form.fields.get("after", ""))
    except ValueError:
        raise FormError("after") from None


def _address(incident: Incident) -> str:
    return f"/watch/incidents/{incident.pk}/report"
