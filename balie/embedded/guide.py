"""The demo's own page: who can log in, with the codes of this moment. And the way to the address that counts."""

from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from balie.embedded.logins import PASSWORD, current_tickets
from balie.lib.errors import bad_request


@never_cache
@require_safe
def show_logins(request: HttpRequest) -> HttpResponse:
    tickets = current_tickets()
    context = {"tickets": tickets, "password": PASSWORD, "seconds_left": tickets[0].seconds_left if tickets else 0}
    return render(request, "embedded/demo.html", context)


def lead_to_origin(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`: who came by another name of this machine (127.0.0.1) goes on at the canonical one."""
    if isinstance(exception, DisallowedHost) and request.method in {"GET", "HEAD"}:
        origin = urlsplit(settings.ORIGINS[0])
        return HttpResponseRedirect(f"{origin.scheme}://{origin.netloc}{request.get_full_path()}")
    return bad_request(request, exception)
