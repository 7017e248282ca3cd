"""The way to the broker and back."""

from collections.abc import Callable

from allauth.socialaccount.providers.openid_connect import views
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST
from requests import RequestException

from balie.patients.oidc import PROVIDER


@require_POST
@never_cache
def log_in_with_oidc(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead somebody to the broker. Where it does not answer, say so; a password still works."""
    return _asked(views.login, request, provider_id)


@never_cache
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    return _asked(views.callback, request, provider_id)


def _asked(view: Callable[[HttpRequest, str], HttpResponse], request: HttpRequest, provider_id: str) -> HttpResponse:
    if provider_id != PROVIDER:
        raise Http404
    try:
        return view(request, provider_id)
    except RequestException:
        return render(request, "patients/oidc_failed.html", status=503)
