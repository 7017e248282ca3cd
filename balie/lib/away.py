"""The page for when everything is down, which a proxy serves by itself: one file, all languages, nothing beside it."""

from django.conf import settings
from django.template.loader import render_to_string


def away_page() -> str:
    """The whole file."""
    codes = [code for code, _name in settings.LANGUAGES]
    return render_to_string("away.html", {"codes": codes, "help_phone": settings.HELP_PHONE})
