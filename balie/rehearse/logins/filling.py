"""Gives those who log in a password, and some of them a second step. Set-up, before anything is measured or judged."""

from __future__ import annotations

import random
from collections.abc import Collection

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import generate_totp_secret
from allauth.mfa.utils import encrypt
from django.contrib.auth.hashers import make_password

from balie.embedded.logins import THEIR_PRACTICES
from balie.practices.models import Membership, Person
from balie.rehearse.logins.people import Person as Visitor

PASSWORD = "repetitie van de nacht"  # noqa: S105 - of people who do not exist, in a database that is thrown away
SECOND_STEP_SHARE = 0.3
SLIP_SHARE = 0.05


def give_passwords(arrivals: Collection[float]) -> list[Visitor]:
    """As many people as there are moments at which one comes, each of another practice, in order of arrival.

    One hash for all: checking it costs what it costs for one's own.
    """
    chance = random.Random(len(arrivals))
    workers = list(
        Membership.objects.filter(practice__gt=THEIR_PRACTICES)
        .order_by("practice")
        .values_list("practice_id", "person_id", "person__email")[: len(arrivals)]
    )
    Person.objects.filter(pk__in=[person for _, person, _ in workers]).update(password=make_password(PASSWORD))
    people, factors = [], []
    for (practice, person, email), arrives_at in zip(workers, sorted(arrivals), strict=True):
        secret = generate_totp_secret() if chance.random() < SECOND_STEP_SHARE else ""
        if secret:
            kept = {"secret": encrypt(secret)}
            factors.append(Authenticator(user_id=person, type=Authenticator.Type.TOTP, data=kept))
        slip = chance.random() < SLIP_SHARE
        people.append(Visitor(practice, email, PASSWORD, secret, slip, arrives_at))
    Authenticator.objects.bulk_create(factors)
    return people
