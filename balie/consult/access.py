"""The one door to consulting: people of practices, for themselves."""

from django.http import Http404, HttpRequest

from balie.practices.access import access_practice
from balie.practices.models import Person
from balie.practices.standing import standing_of


def access_own_keys(request: HttpRequest) -> Person:
    """The person who asks, if they work for a practice now. Who orders for one by phone does not talk for it. Raises
    Http404, or what `access_practice` does.
    """
    access_practice(request)
    standing = standing_of(request)
    if standing is None or standing.mandate:
        raise Http404
    return standing.person
