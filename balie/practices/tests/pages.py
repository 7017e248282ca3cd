"""Our addresses with a start page, and two pages that come through the door under test."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.urls import include, path

from balie.practices.access import access_organiser, access_practice


@login_required
def practice_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(access_practice(request).agb_code)


@login_required
def organiser_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse(access_organiser(request).email)


urlpatterns = [
    path("", practice_page, name="home"),
    path("organisatie/", organiser_page, name="nights"),
    path("", include("balie.practices.urls")),
]
