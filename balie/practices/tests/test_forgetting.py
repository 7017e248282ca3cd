"""The table that every login counts stays small, and nothing is forgotten before its time."""

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.db import connection
from django.utils import timezone

from balie.ordering.tests.web import off_loop
from balie.practices.forgetting import forget_old_logins
from balie.runtime.hot import connect


def leave_behind() -> None:
    cache.set("attempt", 1, timeout=300)
    cache.set("long-ago", 1, timeout=300)
    Session.objects.create(session_key="open", expire_date=timezone.now() + timedelta(hours=1))
    Session.objects.create(session_key="over", expire_date=timezone.now() - timedelta(hours=1))
    with connection.cursor() as cursor:
        cursor.execute("update practices_cache set expires = now() - interval '1 s' where cache_key like '%%long-ago'")


def what_is_left() -> tuple[int, object, list[str]]:
    with connection.cursor() as cursor:
        cursor.execute("select count(*) from practices_cache")
        rows = cursor.fetchone()[0]
    return rows, cache.get("attempt"), list(Session.objects.values_list("session_key", flat=True))


async def test_only_what_is_over_is_forgotten(installation):
    await off_loop(leave_behind)
    async with await connect(installation.dsn, name="test") as conn:
        await forget_old_logins(conn)
    assert await off_loop(what_is_left) == (1, 1, ["open"])
