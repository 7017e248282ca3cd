"""Gives pages their language, keeps the pass in step with the session, and turns what `access` raises into pages."""

from collections.abc import Callable
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import override

from balie.practices.access import (
    MandateOverError,
    NoPracticeError,
    OtherPracticeError,
    PracticeNotChosenError,
    SecondFactorNeededError,
)
from balie.practices.language import keep_language, language_of
from balie.practices.mandates import lay_down
from balie.practices.passes import keep_pass


class LanguageMiddleware:
    """Before whatever may answer with words."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        language = language_of(request)
        with override(language):
            response = self.get_response(request)
        response.headers.setdefault("Content-Language", language)
        return response


class PracticeMiddleware:
    """After the middlewares of sessions and authentication. Costs a page one query, unless its view asked already."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        keep_pass(request, response)
        keep_language(request, response)
        return response

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, PracticeNotChosenError):
            return _by_way_of("switch_practice", request)
        if isinstance(exception, SecondFactorNeededError):
            return _by_way_of("second_factor", request)
        if isinstance(exception, NoPracticeError):
            return render(request, "practices/no_practice.html", status=403)
        if isinstance(exception, MandateOverError):
            lay_down(request)  # said once; from here on the session is as it was before
            return render(request, "practices/mandate_over.html", status=403)
        if isinstance(exception, OtherPracticeError):
            return render(request, "practices/other_practice.html", status=409)
        return None


def _by_way_of(page: str, request: HttpRequest) -> HttpResponse:
    """To that page, and from there back to where one was going."""
    back = {"next": request.get_full_path()} if request.method == "GET" else {}
    return redirect(f"{reverse(page)}?{urlencode(back)}")
