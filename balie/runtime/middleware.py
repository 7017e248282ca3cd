"""Counts pages."""

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from balie.runtime.metrics import PAGES


class MeasureMiddleware:
    """Before all others: what they take counts too."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        began = time.perf_counter()
        response = self.get_response(request)
        view = request.resolver_match.view_name if request.resolver_match else "none"
        PAGES.labels(view, str(response.status_code)).observe(time.perf_counter() - began)
        return response
