"""What logging in leaves behind does not pile up, and nothing is forgotten before its time."""

from datetime import timedelta

import pytest
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


@pytest.mark.django_db
def test_a_code_is_added_once_until_its_time_is_over(time_machine):
    time_machine.move_to(at := timezone.now(), tick=False)
    assert cache.add("code", 1, timeout=90) is True
    assert cache.add("code", 2, timeout=90) is False
    assert cache.get("code") == 1
    time_machine.move_to(at + timedelta(seconds=91), tick=False)
    assert cache.add("code", 3, timeout=90) is True
    cache.set("code", 4, timeout=90)
    assert cache.get("code") == 4


@pytest.mark.django_db
def test_each_write_is_one_statement(django_assert_num_queries):
    with django_assert_num_queries(2):
        cache.set("attempt", 1, timeout=300)
        cache.add("attempt", 2, timeout=300)
