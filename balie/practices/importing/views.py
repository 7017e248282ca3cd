"""Importing practices, for the organiser's staff: upload a file, see what it would change, let it be carried out."""

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_http_methods, require_safe

from balie.practices.access import access_import, access_organiser
from balie.practices.importing import jobs
from balie.practices.importing.explaining import example_csv, explain_columns
from balie.practices.importing.reading import MOST_BYTES, too_large
from balie.practices.importing.report import read_excerpt, report_as_csv
from balie.practices.importing.uploads import SmallFilesOnly
from balie.practices.models import ImportJob

MOST_MB = MOST_BYTES // 1024**2
CSV = "text/csv; charset=utf-8"


@csrf_exempt  # `_upload` checks it: what reads the form must be in place before the form is read
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def imports(request: HttpRequest) -> HttpResponse:
    """Where a file is chosen, and what became of earlier ones."""
    access_organiser(request)
    if request.method != "POST":
        return _upload_page(request)
    handler = SmallFilesOnly(request)
    request.upload_handlers.insert(0, handler)
    return _upload(request, handler)


@csrf_protect
def _upload(request: HttpRequest, handler: SmallFilesOnly) -> HttpResponse:
    person, file = access_organiser(request), request.FILES.get("file")
    if handler.too_large:
        return _upload_page(request, error=str(too_large()), status=413)
    if file is None:
        return _upload_page(request, error=_("Kies eerst een bestand."), status=422)
    try:
        job = jobs.upload_import(content=file.read(), file_name=file.name or "", actor=person)
    except ValidationError as error:
        return _upload_page(request, error=error.messages[0], status=422)
    return redirect("import", pk=job.pk)


def _upload_page(request: HttpRequest, *, error: str = "", status: int = 200) -> HttpResponse:
    context = {
        "section": "practices",
        "error": error,
        "most_mb": MOST_MB,
        "columns": explain_columns(),
        "jobs": jobs.latest_imports(),
        "page_data": {"most": MOST_BYTES, "too_large": str(too_large())},
    }
    return render(request, "practices/imports.html", context, status=status)


@login_required
@require_safe
def example(request: HttpRequest) -> HttpResponse:
    """A file to begin with."""
    access_organiser(request)
    answer = HttpResponse(example_csv(), content_type=CSV)
    answer["Content-Disposition"] = 'attachment; filename="praktijken.csv"'
    return answer


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def import_page(request: HttpRequest, pk: int) -> HttpResponse:
    """How an import stands, with its report. A POST carries it out or cancels it."""
    person, job = access_organiser(request), access_import(request, pk)
    if request.method != "POST":
        return _import_page(request, job)
    try:
        if request.POST.get("do") == "confirm":
            jobs.confirm_import(job=job, seen=request.POST.get("seen", ""), actor=person)
        elif request.POST.get("do") == "cancel":
            jobs.cancel_import(job=job, actor=person)
        else:
            raise Http404
    except ValidationError as error:
        messages.warning(request, error.messages[0])
    return redirect("import", pk=pk)


def _import_page(request: HttpRequest, job: ImportJob) -> HttpResponse:
    context: dict[str, Any] = {"section": "practices", "job": job, "under_way": job.state in jobs.UNDER_WAY}
    if not context["under_way"]:
        context["excerpt"] = read_excerpt(job, request.GET.get("toon", ""))
    context["page_data"] = {"progress": reverse("import_progress", args=[job.pk])}
    return render(request, "practices/import.html", context)


@login_required
@require_safe
@never_cache
def progress(request: HttpRequest, pk: int) -> HttpResponse:
    """How far it is, for the page to keep itself fresh with; nothing when there is a report to look at."""
    job = access_import(request, pk)
    if job.state not in jobs.UNDER_WAY:
        return HttpResponse(status=204)
    return render(request, "practices/parts/import_progress.html", {"job": job})


@login_required
@require_safe
@never_cache
def report(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    """The whole report, for a spreadsheet."""
    answer = StreamingHttpResponse(report_as_csv(access_import(request, pk)), content_type=CSV)
    answer["Content-Disposition"] = f'attachment; filename="rapport-{pk}.csv"'
    return answer
