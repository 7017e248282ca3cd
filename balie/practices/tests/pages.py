"""Our addresses with a start page, and two pages that come through the door under test."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from balie.practices.access import access_any_practice, access_organiser, access_practice
from balie.practices.mandates import take_up


@login_required
def practice_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(access_practice(request).agb_code)


@login_required
def organiser_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(access_organiser(request).email)


@login_required
def take_up_page(request: HttpRequest, agb_code: str) -> HttpResponse:
    practice = access_any_practice(request, agb_code)
    take_up(request, practice=practice, reason=request.POST["reason"], about="campaign:2027")
    return HttpResponse()


urlpatterns = [
    path("", practice_page, name="home"),
    path("gesprekken/", practice_page, name="conversations"),
    path("patienten/", practice_page, name="patients"),
    path("neem/<str:agb_code>/", take_up_page),
    path("organisatie/", organiser_page, name="nights"),
    path("", include("balie.practices.urls")),
]
