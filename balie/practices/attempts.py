"""Attempts at a password: counted against all limits in one statement, and taken back in one.

allauth says which limits there are and for whom. Counting them it would take a lock for each, in twenty statements for
a login that succeeds; here the lock of the row does.
"""

from dataclasses import dataclass
from datetime import datetime

from allauth.core.internal.ratelimit import Rate, RateLimitUsage, get_cache_key, get_rates
from django.core.cache import cache
from django.db import connection
from django.http import HttpRequest
from django.utils import timezone

APP, LIMITED, COUNTED = "allauth.account", "login_failed", "password"


@dataclass
class Attempt(RateLimitUsage):
    """One that counts. Of what allauth would have counted, `usage`, there is nothing."""

    keys: list[str]
    at: datetime

    def rollback(self) -> None:
        """Count it no more, since it was no guess. The name is allauth's, which calls it."""
        with connection.cursor() as cursor:
            cursor.execute("select practices_limit_take_back_v1(%s, %s)", [self.keys, self.at])


def count_attempt(request: HttpRequest, *, key: str) -> Attempt | None:
    """Count one at `key`, where `login_failed` limits it; None when one of those limits is full."""
    limits = _limits(request, key)
    attempt = Attempt([], [cache.make_key(name) for name in limits], timezone.now())
    most, within_s = [rate.amount for rate in limits.values()], [float(rate.duration) for rate in limits.values()]
    with connection.cursor() as cursor:
        cursor.execute("select practices_limit_count_v1(%s, %s, %s, %s)", [attempt.keys, most, within_s, attempt.at])
        (counted,) = cursor.fetchone()
    return attempt if counted == len(limits) else None


def forget_attempts(request: HttpRequest, *, key: str) -> None:
    """Let them begin anew at `key`."""
    cache.delete_many(_limits(request, key))


def _limits(request: HttpRequest, key: str) -> dict[str, Rate]:
    """By where each is kept. Not where allauth keeps its own: it writes them in another way."""
    return {
        get_cache_key(request, app=APP, action=COUNTED, rate=rate, key=key): rate
        for rate in get_rates(app=APP, action=LIMITED)
    }
