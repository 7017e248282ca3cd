"""Published reports as files on the status page: a page in each language, and the same on paper."""

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Any, Final

import structlog
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from balie.ops.incidents.models import Incident
from balie.ops.incidents.reports.models import FollowUp, Report
from balie.ops.incidents.reports.rendering import Written, html, tree, written
from balie.ops.incidents.reports.wording import headline
from balie.ops.incidents.status import in_this_language
from balie.ordering.services.typesetting import NoPaperError, typeset
from balie.practices.templatetags.balie import moment

log = structlog.get_logger()

TYPST: Final = Path(__file__).resolve().parents[2] / "typst"


def name(incident: Incident) -> str:
    """Of its page, without what the language adds."""
    return f"report-{incident.pk}"


def reported() -> list[Report]:
    """What the public reads of each incident that it can read something of."""
    rows = Report.objects.filter(published=True).select_related("incident").order_by("incident", "number")
    return list({report.incident_id: report for report in rows}.values())


def pages(shown: dict[str, Any], ending: str, now: datetime) -> Iterator[tuple[str, str]]:
    """The files of the language of the moment. `shown` is what each page of the status page knows."""
    for report in reported():
        incident = report.incident
        told = {
            "page": name(incident),
            "title": title(incident),
            "report": report,
            "html": html(_written(report)),
            "paper": _paper(report, ending),
            "follow_ups": count(incident, timezone.localtime(now).date()),
        }
        yield f"{name(incident)}{ending}.html", render_to_string("ops/status_report.html", shown | told)


def title(incident: Incident) -> str:
    """In the language of the moment."""
    return headline(incident.number, in_this_language(incident.title_nl, incident.title_en))


def count(incident: Incident, today: date) -> dict[str, int]:
    """Of what was agreed: how much there is, is done, and should have been."""
    agreed = list(FollowUp.objects.filter(incident=incident))
    return {
        "all": len(agreed),
        "done": sum(each.done_at is not None for each in agreed),
        "late": sum(each.done_at is None and each.due < today for each in agreed),
    }


class Papers:
    """Sets each version once. What cannot be set is told in the log, once, and its page goes without."""

    def __init__(self, folder: Path, endings: dict[str, str]) -> None:
        self._folder, self._endings = folder, endings
        self._refused: set[str] = set()

    def keep(self) -> None:
        """At most one, so that whoever keeps promises does not wait."""
        for report in reported():
            for language, ending in self._endings.items():
                path = self._folder / _paper(report, ending)
                if path.name not in self._refused and not path.exists():
                    with override(language):
                        self._set(report, path)
                    return

    def _set(self, report: Report, path: Path) -> None:
        try:
            paper = make_paper(report)
        except NoPaperError as fault:
            self._refused.add(path.name)
            log.warning("report_without_paper", paper=path.name, fault=str(fault))
            return
        fresh = path.with_name(f".{path.name}.new")
        fresh.write_bytes(paper)
        fresh.replace(path)


def make_paper(report: Report) -> bytes:
    """In the language of the moment. Raises NoPaperError."""
    words = {
        "language": (get_language() or "nl")[:2],
        "title": title(report.incident),
        "campaign": report.incident.number,
        "notice": None,
        "made": _("Gepubliceerd %(when)s.") % {"when": moment(report.at)},
        "blocks": tree(_written(report)),
        "foot": title(report.incident),
        "page": _("bladzijde {page} van {pages}"),
    }
    return typeset("incident", words, TYPST)


def _paper(report: Report, ending: str) -> str:
    return f"{name(report.incident)}-{report.number}{ending}.pdf"


def _written(report: Report) -> Written:
    return written(report, in_this_language(report.facts_nl, report.facts_en))
