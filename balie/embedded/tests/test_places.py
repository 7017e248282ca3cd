"""Where the demo keeps its data, and that two do not share a folder."""

import os
import tempfile
from pathlib import Path

import pytest

from balie.embedded import places
from balie.embedded.places import InUseError, alone_in, data_folder, fingerprint_of_tables


def test_in_a_checkout_it_stays_in_the_checkout():
    assert data_folder("demo") == places.PACKAGE.parent / ".balie" / "demo"


@pytest.mark.parametrize(
    ("environment", "expected"),
    [
        ({"XDG_DATA_HOME": "/data"}, Path("/data/balie/demo")),
        ({"HOME": ""}, Path(tempfile.gettempdir()) / f"balie-{os.getuid()}" / "demo"),
        ({"HOME": "/nowhere/at/all"}, Path(tempfile.gettempdir()) / f"balie-{os.getuid()}" / "demo"),
        ({}, Path(tempfile.gettempdir()) / f"balie-{os.getuid()}" / "demo"),
    ],
)
def test_from_a_wheel_it_finds_a_home(monkeypatch, tmp_path, environment, expected):
    monkeypatch.setattr(places, "PACKAGE", tmp_path / "site-packages" / "balie")
    for name in ("HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert data_folder("demo") == expected


def test_from_a_wheel_it_lives_with_the_users_data(monkeypatch, tmp_path):
    monkeypatch.setattr(places, "PACKAGE", tmp_path / "site-packages" / "balie")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    assert data_folder("demo") == tmp_path / ".local" / "share" / "balie" / "demo"


def test_only_one_has_a_folder(tmp_path):
    folder = tmp_path / "demo"
    with alone_in(folder), pytest.raises(InUseError, match="in use by another demo"), alone_in(folder):
        pass
    with alone_in(folder):
        pass


def test_the_fingerprint_changes_with_the_tables(monkeypatch, tmp_path):
    monkeypatch.setattr(places, "PACKAGE", tmp_path)
    migration = tmp_path / "ordering" / "migrations" / "0001_tables.py"
    migration.parent.mkdir(parents=True)
    seen = {fingerprint_of_tables()}
    for content in ("tables", "other tables"):
        migration.write_text(content)
        seen.add(fingerprint_of_tables())
    assert len(seen) == 3
