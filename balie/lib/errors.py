"""The page for what went wrong on our side: a ticket with a reference that also stands in the log."""

import secrets

import structlog
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # none that is mistaken for another when said aloud


def make_reference() -> str:
    """Six characters in two groups, e.g. `F8K-2QD`."""
    letters = "".join(secrets.choice(LETTERS) for _ in range(6))
    return f"{letters[:3]}-{letters[3:]}"


def server_error(request: HttpRequest) -> HttpResponse:
    """Django's `handler500`; called while the exception is being handled, so the log has its trace."""
    reference = make_reference()
    # The route and not the path, which may hold a secret: a link that sets a password, say.
    route = request.resolver_match.route if request.resolver_match else ""
    structlog.get_logger().exception("page_failed", reference=reference, method=request.method, route=route)
    # No request given: context processors ask the database, and that may be what failed.
    return render(None, "500.html", {"reference": reference, "at": timezone.now()}, status=500)
