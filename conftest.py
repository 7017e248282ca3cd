"""Fixtures for every test: a real PostgreSQL, migrated once, cloned for whoever needs a database of its own.

* `db`, `transactional_db`, `@pytest.mark.django_db`: as in pytest-django, on the newest PostgreSQL. After a
  transactional test the database is cloned anew, so it holds exactly what migrations put there.
  `settings.DATABASE_URL` leads to it.
* `installation`: a database of the test's own, with Django, `settings.DATABASE_URL` and the environment pointing to it;
  for whatever commits on several connections or starts processes. Tests in `tests/races`, and those marked
  `every_postgres`, run on the oldest and the newest PostgreSQL at hand; on the oldest they are slow, and races are so
  on both.
"""

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import pytest
import structlog
from pytest_django import DjangoDbBlocker

from balie.embedded.testing import DJANGO_DATABASE, Programs, TestServer, at_hand, newest_server, session_home

_AT_HAND = at_hand()
_RACES = Path(__file__).parent / "tests" / "races"


@dataclass(frozen=True)
class Installation:
    """A migrated database of one test."""

    dsn: str
    postgres_major: int

    def connect(self, *, autocommit: bool = True) -> psycopg.Connection:
        """One more connection; the caller closes it (`with`)."""
        return psycopg.connect(self.dsn, autocommit=autocommit)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--screenshots", type=Path, metavar="DIR", help="keep pictures for the documentation")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "every_postgres: on the oldest and the newest PostgreSQL at hand")
    # Faults that tests provoke are logged. Painting one, with all values of all frames, takes longer than most tests.
    *before, _painter = structlog.get_config()["processors"]
    plain = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    structlog.configure(processors=[*before, plain])


def pytest_itemcollected(item: pytest.Item) -> None:
    if _RACES in item.path.parents:
        item.add_marker(pytest.mark.slow)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What may take longest begins first, on three of four workers; the fourth computes while those wait.

    Begun last, a long one would be what all the others wait for. Each worker of xdist starts with an equal part of the
    list, and takes from the ends of others' parts once its own is done.
    """

    def patience(item: pytest.Item) -> float:
        marker = item.get_closest_marker("timeout")
        return float(marker.args[0]) if marker else 0.0

    workers = int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1"))
    patient = sorted(filter(patience, items), key=patience, reverse=True)
    others = [item for item in items if not patience(item)]
    lanes = max(1, workers * 3 // 4)
    parts = [patient[lane::lanes] if lane < lanes else [] for lane in range(workers)]
    for part in parts:
        room = max(0, -(-len(items) // workers) - len(part))
        part.extend(others[:room])
        del others[:room]
    items[:] = [item for part in [*parts, others] for item in part]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    everywhere = metafunc.definition.get_closest_marker("every_postgres") or _RACES in metafunc.definition.path.parents
    if "postgres" in metafunc.fixturenames and everywhere:
        oldest, newest = _AT_HAND[0], _AT_HAND[-1]
        versions = [
            pytest.param(oldest, id=f"pg{oldest.major}", marks=pytest.mark.slow),  # shown twice
            pytest.param(newest, id=f"pg{newest.major}"),
        ]
        metafunc.parametrize("postgres", versions, indirect=True)


@pytest.fixture(autouse=True)
def _forced_logins_are_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """`force_login` stands for everything that logging in asks, of the staff who need one a second factor too."""
    from django.test import Client

    password_only = Client.force_login

    def force_login(client: Client, person: Any, backend: str | None = None) -> None:
        from balie.practices.testing import confirm_second_factor

        password_only(client, person, backend)
        if person.is_organiser or person.is_distributor:
            confirm_second_factor(client, person)

    monkeypatch.setattr(Client, "force_login", force_login)


@pytest.fixture(scope="session")
def servers() -> Iterator[Callable[[Programs], TestServer]]:
    """Servers by version, each started when first asked for."""
    known = {newest_server().programs: newest_server()}

    def running(programs: Programs) -> TestServer:
        server = known.setdefault(programs, TestServer(session_home(), programs))
        server.start()
        return server

    yield running
    for server in known.values():
        server.stop()


@pytest.fixture
def postgres(request: pytest.FixtureRequest, servers: Callable[[Programs], TestServer]) -> TestServer:
    return servers(getattr(request, "param", _AT_HAND[-1]))


@pytest.fixture(scope="session")
def django_db_setup(
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    servers: Callable[[Programs], TestServer],
) -> Iterator[None]:
    """Instead of pytest-django's: a clone of the template, also again after each transactional test."""
    from django.db import connections
    from django.test import TransactionTestCase

    server = servers(_AT_HAND[-1])
    server.create(DJANGO_DATABASE)

    def clone_anew(_test: TransactionTestCase) -> None:
        connections.close_all()
        server.drop(DJANGO_DATABASE)
        server.create(DJANGO_DATABASE)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", clone_anew)
        yield
    with django_db_blocker.unblock():
        connections.close_all()


@pytest.fixture
def installation(
    postgres: TestServer,
    django_test_environment: None,
    django_db_blocker: DjangoDbBlocker,
    monkeypatch: pytest.MonkeyPatch,
) -> Iterator[Installation]:
    """A database of the test's own, as migrations leave it; afterwards whoever is still connected is cut."""
    from django.conf import settings
    from django.db import connections

    from balie.settings import database

    name = postgres.lend()
    found = Installation(dsn=postgres.dsn(name), postgres_major=postgres.programs.major)
    monkeypatch.setenv("DATABASE_URL", found.dsn)
    monkeypatch.setattr(settings, "DATABASE_URL", found.dsn)
    with django_db_blocker.unblock():
        connections.close_all()
        for key, value in database(found.dsn).items():
            monkeypatch.setitem(connections.settings["default"], key, value)
        yield found
        connections.close_all()
    postgres.take_back(name)
