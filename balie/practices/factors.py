"""Second factors: which ones a session was confirmed with, and which ones a person has. allauth keeps them.

A session remembers the factors that it was confirmed with by their keys. One that is removed later counts no longer, in
whatever session it was used: that is what somebody does whose telephone is stolen.
"""

from collections.abc import Collection
from datetime import datetime

from allauth.account.authentication import get_authentication_records
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from django.http import HttpRequest

from balie.practices.models import Person

SECOND_FACTORS = (Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN)


def confirmed_with(request: HttpRequest, person: Person) -> frozenset[int]:
    """The keys of the factors that this session was confirmed with, at its login or later."""
    records = get_authentication_records(request, person)
    return frozenset(record["id"] for record in records if record.get("method") == "mfa")


def any_is_kept(person: Person, factors: Collection[int]) -> bool:
    """Whether the person still has one of these."""
    return bool(factors) and Authenticator.objects.filter(user=person, pk__in=factors).exists()


def confirm_with(request: HttpRequest, factor: Authenticator) -> None:
    """From now on this session counts as confirmed with that factor, which somebody has just shown to have."""
    post_authentication(request, factor)


def factors_of(person: Person) -> frozenset[str]:
    """The types of factors that somebody has; recovery codes alone are none."""
    types = frozenset(Authenticator.objects.filter(user=person).values_list("type", flat=True))
    return types if types & set(SECOND_FACTORS) else frozenset()


def kept_factors(person: Person) -> list[tuple[str, str, datetime | None]]:
    """For the organiser: the type of each factor, its name where it has one, and when it was last used."""
    kept = Authenticator.objects.filter(user=person).order_by("type", "pk")
    return [(each.type, each.data.get("name", ""), each.last_used_at) for each in kept]
