"""Numbers pages, counts them, and logs those that were refused."""

import time
from collections.abc import Callable
from typing import Final

import structlog
from django.http import HttpRequest, HttpResponse

from balie.lib.asgi import Allowance
from balie.lib.limits import address_of
from balie.lib.numbers import ASKED, HEADER, Asked, settle_number
from balie.runtime.metrics import PAGES

log = structlog.get_logger()

LOGGED: Final = frozenset({400, 403, 404, 409, 413, 429})


class NumberMiddleware:
    """Before all others. `balie serve` numbered the request already; under another server it is done here."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if ASKED.get().number:
            return self.get_response(request)
        header = HEADER.decode()
        number = settle_number(request.headers.get(header, ""))
        told = request.headers.get("X-Forwarded-For", "").encode("latin-1", "replace")
        scope = {"client": (request.META.get("REMOTE_ADDR", ""), 0), "headers": [(b"x-forwarded-for", told)]}
        before = ASKED.set(Asked(number, origin=address_of(scope)))
        try:
            response = self.get_response(request)
        finally:
            ASKED.reset(before)
        response.headers[header] = number
        return response


class MeasureMiddleware:
    """Before all that take time: what they take counts too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self._lines = Allowance(rate=20, most=200)  # whoever floods us with what we refuse shall not fill the log

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else "none"
        PAGES.labels(view, str(response.status_code)).observe(time.perf_counter() - began)
        if response.status_code in LOGGED and self._lines.take():
            log.info("page_refused", status=response.status_code, method=request.method, view=view)
        return response
