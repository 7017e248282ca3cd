"""Pages of which the browser fills in what only it can read."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.consult.access import access_own_keys
from balie.consult.consultations.forms import forms_in
from balie.consult.econsults.posts import choices_of
from balie.consult.keyservers import key_log_name
from balie.consult.trustees import named_by
from balie.consult.unread import choose_mail, wants_mail
from balie.patients.access import treated_as
from balie.patients.context import is_patient
from balie.practices.models import Person
from balie.practices.staff import DECIDES
from balie.practices.standing import standing_of


@login_required
@require_safe
@never_cache
def conversations(request: HttpRequest) -> HttpResponse:
    """The inbox and a conversation beside it; or the lock, while the keyset is not open in this browser."""
    person, standing = access_own_keys(request), standing_of(request)
    practices = (
        [standing.practice] if standing and standing.practice else [each.practice for each in treated_as(person)]
    )
    data = _page_data(request, person) | {"forms": [] if is_patient(request) else forms_in(get_language() or "nl")}
    if standing and standing.practice:
        data["video_link"] = choices_of(standing.practice).video_link
    keeps = standing is not None and not standing.mandate and standing.role in DECIDES
    return _page(request, "consult/conversations.html", data, practices=practices, keeps=keeps)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def own_keys(request: HttpRequest) -> HttpResponse:
    """One's keys: making them, the ways to open them, devices, the safety number; and whether one gets mail."""
    if request.method == "POST":
        choose_mail(person=access_own_keys(request), wanted="wanted" in request.POST)
        messages.success(request, _("Uw keuze staat vast."))
        return redirect("own_keys")
    person = access_own_keys(request)
    data = _page_data(request, person) | {"named_by": named_by(person=person)}
    return _page(request, "consult/own_keys.html", data, wants_mail=wants_mail(person))


@login_required
@require_safe
@never_cache
def reserve(request: HttpRequest) -> HttpResponse:
    """The reserves of one's teams: making, drilling and using them, all in the browser. Patients are in no team."""
    person = access_own_keys(request)
    if is_patient(request):
        raise Http404
    return _page(request, "consult/reserve.html", _page_data(request, person))


def _page(request: HttpRequest, template: str, data: dict[str, Any], **more: object) -> HttpResponse:
    return render(request, template, {"section": "consult", "page_data": data, **more})


def _page_data(request: HttpRequest, person: Person) -> dict[str, Any]:
    """What scripts go by: who this is, and where the key servers are."""
    return {
        "name": person.name,
        "email": person.email,
        "patient": is_patient(request),
        "servers": [
            {"server": each.server, "kem": each.kem, "sign": each.sign, "ml_dsa": each.ml_dsa, "routes": each.routes}
            for each in settings.KEY_SERVERS
        ],
        "key_log": key_log_name(settings.KEY_SERVERS, address=settings.ORIGINS[0]),
        "approvals": reverse("approval_request"),
        "admissions": reverse("admissions"),
        "reserve": reverse("reserve"),
        "bsns": reverse("conversation_bsns"),
        "conversations": reverse("conversations"),
        "own_keys": reverse("own_keys"),
    }
