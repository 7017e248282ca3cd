"""The log of acts: of a practice for its GPs and managers, of everybody for the organiser and its auditors. As a page,
as a spreadsheet, and for programs.
"""

from collections.abc import Iterator

import msgspec
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from balie.lib.csvfile import csv_stream
from balie.ordering.queries.logbook import Entry, read_logbook, read_whole_logbook
from balie.practices.access import LONGEST_KEY, access_organiser, access_staff
from balie.practices.models import Practice


@login_required
@require_safe
@never_cache
def logbook(request: HttpRequest) -> HttpResponse:
    """The latest of one's practice; `voor` names the act before which one reads on."""
    practice, _person = access_staff(request)
    entries, rest = read_logbook(practice, before=_before(request))
    context = {"section": "staff", "practice": practice, "entries": entries, "rest": rest}
    return render(request, "ordering/logbook.html", context)


@login_required
@require_safe
@never_cache
def logbook_csv(request: HttpRequest) -> StreamingHttpResponse:
    practice, _person = access_staff(request)
    return _as_csv(practice)


@login_required
@require_safe
@never_cache
def logbook_jsonl(request: HttpRequest) -> StreamingHttpResponse:
    """A line of JSON for each act, the oldest first; all that is known of it."""
    practice, _person = access_staff(request)
    return _as_lines(practice)


@login_required
@require_safe
@never_cache
def whole_logbook(request: HttpRequest) -> HttpResponse:
    """The latest of everybody, as `logbook`."""
    access_organiser(request)
    entries, rest = read_logbook(None, before=_before(request))
    return render(request, "ordering/logbook.html", {"section": "people", "entries": entries, "rest": rest})


@login_required
@require_safe
@never_cache
def whole_logbook_csv(request: HttpRequest) -> StreamingHttpResponse:
    access_organiser(request)
    return _as_csv(None)


@login_required
@require_safe
@never_cache
def whole_logbook_jsonl(request: HttpRequest) -> StreamingHttpResponse:
    access_organiser(request)
    return _as_lines(None)


def _before(request: HttpRequest) -> int | None:
    """Raises Http404 for what is no key."""
    before = request.GET.get("voor", "")
    if before and (not before.isdecimal() or len(before) > LONGEST_KEY):
        raise Http404
    return int(before) if before else None


def _as_csv(practice: Practice | None) -> StreamingHttpResponse:
    header = [_("Wanneer"), _("Wat"), _("Waarover"), _("Wie"), _("Reden"), _("Vanaf"), _("Handeling"), _("Gegevens")]
    if practice is None:
        header.append(_("AGB-code"))
    rows = (_row(entry, named=practice is None) for entry in read_whole_logbook(practice))
    return csv_stream(f"{_name(practice)}.csv", header, rows)


def _row(entry: Entry, *, named: bool) -> list[str]:
    event = entry.event
    row = [
        timezone.localtime(event.at).strftime("%d-%m-%Y %H.%M.%S"),
        entry.say,
        event.subject,
        entry.by or "Balie",
        event.reason,
        event.origin,
        event.action,
        msgspec.json.encode(event.detail).decode(),
    ]
    return [*row, event.practice.agb_code if event.practice else ""] if named else row


def _as_lines(practice: Practice | None) -> StreamingHttpResponse:
    def lines() -> Iterator[bytes]:
        for entry in read_whole_logbook(practice):
            yield msgspec.json.encode(entry.content) + b"\n"

    headers = {"Content-Disposition": f'attachment; filename="{_name(practice)}.jsonl"'}
    return StreamingHttpResponse(lines(), content_type="application/jsonl", headers=headers)


def _name(practice: Practice | None) -> str:
    return f"logboek-{practice.agb_code}" if practice else "logboek"
