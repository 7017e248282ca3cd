"""For which practice one works now."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods

from balie.practices.access import NoPracticeError, access_own_practice
from balie.practices.services import switch_practice as note_switch
from balie.practices.standing import SESSION_KEY, standing_of


@login_required
@require_http_methods(["GET", "POST"])
def switch_practice(request: HttpRequest) -> HttpResponse:
    """Choose among one's practices: the page after logging in for several, and the button in the header."""
    standing = standing_of(request)
    assert standing is not None
    if not standing.memberships:
        raise NoPracticeError
    if request.method == "GET":
        return render(
            request,
            "practices/choose.html",
            {"practices": [each.practice for each in standing.memberships], "next": request.GET.get("next", "")},
        )
    practice = access_own_practice(request, request.POST.get("practice", ""))
    note_switch(person=standing.person, practice=practice, before=standing.practice)
    request.session[SESSION_KEY] = practice.pk
    return redirect(_way_back(request))


def _way_back(request: HttpRequest) -> str:
    """The page one came for, if it is ours; else the start."""
    way = request.POST.get("next", "")
    if url_has_allowed_host_and_scheme(way, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return way
    return resolve_url("home")
