"""The pages for what cannot be answered: what is wrong with a request, and what went wrong on our side.

All show the number of the request, under which the log tells more; of faults it is the number on a ticket. They ask no
database and no session: those may be what failed.
"""

import sys

import structlog
from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from balie.lib.numbers import asked_number

AWAY = (OperationalError, InterfaceError)
AGAIN_S = "5"


def bad_request(_request: HttpRequest, exception: Exception) -> HttpResponse:
    """Django's `handler400`."""
    status = 413 if isinstance(exception, RequestDataTooBig) else 400
    return render(None, f"{status}.html", _context(), status=status)


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`; called while the exception is being handled, so the log has its trace."""
    number = asked_number()
    # The route and not the path, which may hold a secret: a link that sets a password, say.
    route = request.resolver_match.route if request.resolver_match else ""
    structlog.get_logger().exception("page_failed", request=number, method=request.method, route=route)
    away = isinstance(sys.exception(), AWAY)
    again = request.get_full_path() if request.method in {"GET", "HEAD"} else ""
    context = _context(number=number, at=timezone.now(), again=again)
    # No request given: context processors ask the database.
    response = render(None, "unavailable.html" if away else "500.html", context, status=503 if away else 500)
    if away:
        response.headers["Retry-After"] = AGAIN_S
    return response


def _context(**more: object) -> dict[str, object]:
    return {"help_phone": settings.HELP_PHONE, **more}
