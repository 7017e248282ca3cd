"""In which language somebody reads: Dutch, until they choose another at the foot of a page.

The choice is kept in a cookie, which pages go by, so that a page about a database that is away has it too; and on the
person, whose mails go by it and whose other browsers follow. What a browser prefers by itself decides nothing: on the
night a practice and the helpline must see the same words, whatever computer they sit at.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase

from balie.practices.standing import standing_of


def language_of(request: HttpRequest) -> str:
    """The language of this browser's pages."""
    chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
    return chosen if is_ours(chosen) else settings.LANGUAGE_CODE


def is_ours(language: str) -> bool:
    """Whether our pages exist in it."""
    return language in dict(settings.LANGUAGES)


def keep_language(request: HttpRequest, response: HttpResponseBase) -> None:
    """Let this browser follow what its person chose in another, unless it is being told right now."""
    standing = standing_of(request)
    if standing is None or settings.LANGUAGE_COOKIE_NAME in response.cookies:
        return
    chosen = standing.person.language
    if chosen and chosen != request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME):
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=settings.LANGUAGE_COOKIE_AGE,
            secure=settings.SECURE,
            httponly=True,
            samesite="Lax",
        )
