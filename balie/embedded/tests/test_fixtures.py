"""The fixtures that every other test leans on."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import connection


def names() -> set[str]:
    return set(ContentType.objects.values_list("model", flat=True))


def tamper() -> None:
    ContentType.objects.create(app_label="nowhere", model="tampered")


@pytest.mark.parametrize("turn", [1, 2])
def test_it_gives_each_test_a_clean_database(db, turn):
    assert "practice" in names()
    assert "tampered" not in names()
    tamper()


@pytest.mark.parametrize("turn", [1, 2])
def test_it_gives_each_transactional_test_what_migrations_made(transactional_db, turn):
    assert "practice" in names()
    assert "tampered" not in names()
    tamper()


@pytest.mark.every_postgres
@pytest.mark.parametrize("turn", [1, 2])
def test_it_points_django_and_raw_connections_at_the_installation(installation, turn):
    assert installation.dsn == settings.DATABASE_URL
    assert "tampered" not in names()
    tamper()
    with installation.connect() as raw:
        assert raw.execute("SELECT count(*) FROM django_content_type WHERE model = 'tampered'").fetchone() == (1,)
        assert raw.info.server_version // 10_000 == installation.postgres_major


def test_it_points_other_threads_there_too(installation):
    def look() -> str:
        try:
            return connection.settings_dict["NAME"] + str("practice" in names())
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as pool:
        assert pool.submit(look).result() == installation.dsn.split("@/")[1].split("?")[0] + "True"
