"""A migrated cluster is made once for each PostgreSQL and each state of the migrations, and again when they change."""

import pytest

from balie.embedded import migrated, places
from balie.embedded.binaries import bundled
from balie.embedded.migrated import MigrationsFailError, migrated_cluster


@pytest.fixture
def makings(monkeypatch, tmp_path):
    """Clusters that took no time to make."""
    made = []

    def make(bindir, target):
        target.mkdir()
        made.append(target)

    monkeypatch.setattr(migrated, "data_folder", lambda name: tmp_path / name)
    monkeypatch.setattr(migrated, "_make", make)
    return made


def test_it_is_made_once(makings):
    first = migrated_cluster(bundled())
    assert migrated_cluster(bundled()) == first
    assert makings == [first]
    assert migrated_cluster(bundled(16)) != first


def test_it_is_made_anew_when_migrations_changed_and_old_ones_go(makings, monkeypatch):
    for content in map(str, range(migrated._KEPT + 3)):
        monkeypatch.setattr(migrated, "fingerprint_of_tables", lambda content=content: content)
        migrated_cluster(bundled())
    assert len(makings) == migrated._KEPT + 3
    assert sum(made.exists() for made in makings) == migrated._KEPT
    assert makings[-1].exists()


def test_migrations_that_fail_leave_nothing_and_say_why(monkeypatch, tmp_path):
    monkeypatch.setattr(migrated, "data_folder", lambda name: tmp_path / name)
    monkeypatch.setattr(migrated.sys, "executable", "/bin/false")
    monkeypatch.setattr(migrated, "Postgres", NoServer)
    with pytest.raises(MigrationsFailError):
        migrated_cluster(bundled())
    assert list((tmp_path / "clusters").iterdir()) == []


class NoServer:
    def __init__(self, *_args, **_options) -> None: ...

    def __enter__(self):
        return self

    def __exit__(self, *_) -> None: ...

    def create_database(self, name: str) -> str:
        return name


def test_a_change_of_what_migrates_counts(monkeypatch):
    before = places.fingerprint_of_tables()
    monkeypatch.setattr(places, "version", lambda _package: "99")
    assert places.fingerprint_of_tables() != before
