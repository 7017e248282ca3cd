"""The report of a night: a page, a PDF of the same, and its minutes as a file."""

from datetime import datetime

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from balie.lib.csvfile import csv_reply
from balie.ordering.access import access_campaign
from balie.ordering.queries.campaigns import read_other_nights
from balie.ordering.queries.report import read_minutes, read_report
from balie.ordering.services.report_files import PARTS
from balie.ordering.services.report_tables import minutes_as_rows
from balie.ordering.services.typesetting import NoPaperError
from balie.practices.access import access_organiser

log = structlog.get_logger()


@login_required
@require_safe
@never_cache
def night_report(request: HttpRequest, slug: str) -> HttpResponse:
    """What organiser staff tell others about a night, while it goes on and afterwards."""
    # matplotlib comes with it: a second that who reads no report need not pay.
    from balie.ordering.services.report_chapters import headline, tell_report  # noqa: PLC0415

    access_organiser(request)
    campaign = access_campaign(slug)
    report = read_report(campaign)
    context = {
        "campaign": campaign,
        "section": "night",
        "report": report,
        "headline": headline(report),
        "chapters": tell_report(report),
        "others": read_other_nights(campaign),
        "made_at": timezone.now(),
    }
    return render(request, "ordering/report.html", context)


@login_required
@require_safe
@never_cache
def night_report_pdf(request: HttpRequest, slug: str) -> HttpResponse:
    """The same on paper."""
    from balie.ordering.services.report_chapters import headline, tell_report  # noqa: PLC0415 - as above
    from balie.ordering.services.report_pdf import make_report  # noqa: PLC0415 - as above

    access_organiser(request)
    campaign = access_campaign(slug)
    report, made_at = read_report(campaign), timezone.now()
    try:
        paper = make_report(campaign, headline=headline(report), chapters=tell_report(report), made_at=made_at)
    except NoPaperError:
        log.exception("report_not_made", campaign=slug)
        messages.error(request, _("De PDF maken lukt nu niet. Hieronder staat hetzelfde verslag."))
        return redirect("night_report", slug=slug)
    response = HttpResponse(paper, content_type="application/pdf")
    response["Content-Disposition"] = f'inline; filename="{_name(slug, made_at)}.pdf"'
    return response


@login_required
@require_safe
@never_cache
def night_report_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Every minute of the night, for a spreadsheet."""
    access_organiser(request)
    header, rows = minutes_as_rows(read_minutes(access_campaign(slug)))
    return csv_reply(f"{_name(slug, timezone.now())}-minuten.csv", header, rows)


@login_required
@require_safe
@never_cache
def night_report_part(request: HttpRequest, slug: str, part: str) -> HttpResponse:
    """The figures of one chapter, for a spreadsheet."""
    access_organiser(request)
    campaign = access_campaign(slug)
    if part not in PARTS:
        raise Http404
    header, rows = PARTS[part](read_report(campaign))
    return csv_reply(f"{_name(slug, timezone.now())}-{part}.csv", header, rows)


def _name(slug: str, at: datetime) -> str:
    return _("verslag-%(campaign)s-%(day)s") % {"campaign": slug, "day": timezone.localtime(at).strftime("%Y%m%d")}
