"""Advice to take a second step for logging in: on calm pages only, to who has none, until they put it away."""

from django.http import HttpRequest
from django.utils import timezone

from balie.practices.factors import factors_of
from balie.practices.models import Person
from balie.practices.standing import standing_of


def advise_factor(request: HttpRequest) -> bool:
    """Whether whoever looks would do well to read it. Nobody who orders for a practice that phoned."""
    standing = standing_of(request)
    if standing is None or standing.mandate or standing.person.advice_put_away_at:
        return False
    return not factors_of(standing.person)


def put_away_advice(*, person: Person) -> None:
    """Never show it to this person again."""
    Person.objects.filter(pk=person.pk, advice_put_away_at=None).update(advice_put_away_at=timezone.now())
