"""Sessions of those who press buttons on pages: minted in set-up, as the passes are."""

from __future__ import annotations

from collections.abc import Iterable

from django.conf import settings
from django.test import Client

from balie.practices.models import Membership, Person
from balie.practices.testing import confirm_second_factor, make_person
from balie.rehearse.cast import Member


def mint_sessions(members: Iterable[Member]) -> dict[int, str]:
    """A session of the first who works at each practice, as a cookie; by practice."""
    practices = [member.practice for member in members]
    workers = Membership.objects.filter(practice__in=practices).select_related("person").order_by("-pk")
    return {each.practice_id: _log_in(each.person) for each in workers}


def mint_organiser() -> str:
    """A session of somebody of the organiser's staff, with a second factor."""
    return _log_in(make_person(is_organiser=True), second_factor=True)


def _log_in(person: Person, *, second_factor: bool = False) -> str:
    client = Client()
    client.force_login(person)
    if second_factor:
        confirm_second_factor(client, person)
    name = settings.SESSION_COOKIE_NAME
    return f"{name}={client.cookies[name].value}"
