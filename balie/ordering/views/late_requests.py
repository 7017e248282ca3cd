"""What practices ask when it is late, for the organiser's staff, who decide."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.ordering.access import access_campaign, access_request
from balie.ordering.models import Campaign, LateRequest
from balie.ordering.queries.requests import read_decided_requests, read_open_requests
from balie.ordering.rules import RulesError
from balie.ordering.services.requests import grant_request, refuse_request
from balie.practices.access import access_organiser
from balie.practices.models import Person


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def late_requests(request: HttpRequest, slug: str) -> HttpResponse:
    """Requests that wait, and those that are over. A POST decides on one; refused, what was typed comes back."""
    person, campaign = access_organiser(request), access_campaign(slug)
    if request.method != "POST":
        return _page(request, campaign)
    asked = access_request(campaign, request.POST.get("request", ""))
    try:
        messages.success(request, _decide(request, asked, person))
    except RulesError as error:
        return _page(request, campaign, [finding.say for finding in error.findings], status=422)
    return redirect("late_requests", slug=slug)


def _decide(request: HttpRequest, asked: LateRequest, person: Person) -> str:
    do, answer = request.POST.get("do", ""), request.POST.get("answer", "")
    about = {"number": asked.number, "practice": asked.practice.name}
    if do == "grant":
        grant_request(request=asked, answer=answer, actor=person, at=timezone.now())
        if asked.kind == LateRequest.Kind.CHANGE:
            return _("%(number)s van %(practice)s is gewijzigd. De praktijk krijgt een mail.") % about
        return _("%(number)s van %(practice)s is geannuleerd. De praktijk krijgt een mail.") % about
    if do == "refuse":
        refuse_request(request=asked, answer=answer, actor=person)
        return _("Geweigerd. %(practice)s krijgt uw antwoord per mail; %(number)s blijft staan.") % about
    raise Http404


def _page(request: HttpRequest, campaign: Campaign, errors: Sequence[str] = (), *, status: int = 200) -> HttpResponse:
    context = {
        "campaign": campaign,
        "section": "night",
        "waiting": read_open_requests(campaign),
        "over": read_decided_requests(campaign),
        "errors": errors,
        "refused": request.POST.get("request", ""),
        "typed": request.POST,
    }
    return render(request, "ordering/late_requests.html", context, status=status)
