"""What was done for and to a practice, for its GPs and managers: as a page, as a spreadsheet, and for programs."""

from collections.abc import Iterator

import msgspec
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from balie.lib.csvfile import csv_reply
from balie.ordering.queries.logbook import read_logbook, read_whole_logbook
from balie.practices.access import LONGEST_KEY, access_staff
from balie.practices.models import Practice


@login_required
@require_safe
@never_cache
def logbook(request: HttpRequest) -> HttpResponse:
    """The latest; `voor` names the act before which one reads on."""
    practice, _person = access_staff(request)
    before = request.GET.get("voor", "")
    if before and (not before.isdecimal() or len(before) > LONGEST_KEY):
        raise Http404
    entries, rest = read_logbook(practice, before=int(before) if before else None)
    context = {"section": "staff", "practice": practice, "entries": entries, "rest": rest}
    return render(request, "ordering/logbook.html", context)


@login_required
@require_safe
@never_cache
def logbook_csv(request: HttpRequest) -> HttpResponse:
    practice, _person = access_staff(request)
    header = [_("Wanneer"), _("Wat"), _("Waarover"), _("Wie"), _("Reden"), _("Vanaf"), _("Handeling"), _("Gegevens")]
    rows = (
        [
            timezone.localtime(entry.event.at).strftime("%d-%m-%Y %H.%M.%S"),
            entry.say,
            entry.event.subject,
            entry.by or "Balie",
            entry.event.reason,
            entry.event.origin,
            entry.event.action,
            msgspec.json.encode(entry.event.detail).decode(),
        ]
        for entry in read_whole_logbook(practice)
    )
    return csv_reply(f"logboek-{practice.agb_code}.csv", header, rows)


@login_required
@require_safe
@never_cache
def logbook_jsonl(request: HttpRequest) -> StreamingHttpResponse:
    """A line of JSON for each act, the oldest first; all that is known of it."""
    practice, _person = access_staff(request)
    name = f"logboek-{practice.agb_code}.jsonl"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingHttpResponse(_lines(practice), content_type="application/jsonl", headers=headers)


def _lines(practice: Practice) -> Iterator[bytes]:
    for entry in read_whole_logbook(practice):
        yield msgspec.json.encode(entry.content) + b"\n"
