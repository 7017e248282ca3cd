"""For which practice one works now, and how one likes to see pages."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from balie.practices.access import NoPracticeError, access_organiser, access_own_practice
from balie.practices.advice import put_away_advice
from balie.practices.context import SCHEME_COOKIE, SCHEMES
from balie.practices.language import is_ours
from balie.practices.mandates import lay_down
from balie.practices.services import choose_language as note_language
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
    lay_down(request)  # whoever chooses for whom they work now no longer orders by phone for somebody else
    request.session[SESSION_KEY] = practice.pk
    return redirect(way_back(request, request.POST))


@require_POST
def choose_language(request: HttpRequest) -> HttpResponse:
    """The button at the foot of every page; back to that page."""
    language = request.POST.get("language", "")
    if not is_ours(language):
        raise BadRequest
    standing = standing_of(request)
    if standing is not None:
        note_language(person=standing.person, language=language)
    return set_language(request)


@login_required
@require_POST
def stop_mandate(request: HttpRequest) -> HttpResponse:
    """No longer for the practice that phoned; back to the control room."""
    access_organiser(request)
    lay_down(request)
    return redirect("nights")


@require_POST
def choose_scheme(request: HttpRequest) -> HttpResponse:
    """Light or dark, whatever the device prefers; in this browser, and back to the page one came from."""
    scheme = request.POST.get("scheme", "")
    if scheme not in SCHEMES:
        raise BadRequest
    response = redirect(way_back(request, request.POST))
    response.set_cookie(
        SCHEME_COOKIE,
        scheme,
        max_age=settings.LANGUAGE_COOKIE_AGE,
        secure=settings.SECURE,
        httponly=True,
        samesite="Lax",
    )
    return response


@login_required
@require_POST
def put_away(request: HttpRequest) -> HttpResponse:
    """The advice to take a second step; back to the page it stood on."""
    standing = standing_of(request)
    assert standing is not None
    put_away_advice(person=standing.person)
    messages.success(request, _("U vindt dit altijd terug onder Mijn account."))
    return redirect(way_back(request, request.POST))


def way_back(request: HttpRequest, given: QueryDict) -> str:
    """The page one came for, if it is ours; else the start."""
    way = given.get("next", "")
    if url_has_allowed_host_and_scheme(way, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return way
    return resolve_url("home")
