"""Leads patients, who work for no practice, to pages of their own."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from balie.patients.access import has_been_patient
from balie.practices.access import NoPracticeError
from balie.practices.standing import standing_of


class PatientMiddleware:
    """After that of practices, so that it is asked first about what a view raises."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        standing = standing_of(request)
        if isinstance(exception, NoPracticeError) and standing and has_been_patient(standing.person):
            return redirect("patient")
        return None
