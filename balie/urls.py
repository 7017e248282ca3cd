"""Every page's address. Hot paths (`/live/`, `/stream/`) never come here: see `balie/asgi.py`."""

from django.urls import include, path

urlpatterns = [
    path("", include("balie.ordering.urls")),
    path("", include("balie.practices.urls")),
]

handler500 = "balie.lib.errors.server_error"
