"""Every page's address. Hot paths (`/live/`, `/stream/`) never come here: see `balie/asgi.py`."""

from django.urls import include, path

urlpatterns = [
    path("", include("balie.ordering.urls")),
    path("", include("balie.consult.urls")),
    path("", include("balie.patients.urls")),
    path("", include("balie.practices.urls")),
]

handler400 = "balie.lib.errors.bad_request"
handler500 = "balie.lib.errors.server_error"
