"""A small disk, and filling it."""

import errno
import os
import shutil
from types import SimpleNamespace

import pytest

from balie.rehearse.operations.disk import DiskError, fill, small_disk


def test_a_full_disk_is_full_for_whoever_asks_and_whoever_writes(tmp_path):
    try:
        with small_disk("tmpfs", tmp_path / "disk") as folder:
            (folder / "before").write_bytes(b"x")
            make_room = fill(folder)
            assert os.statvfs(folder).f_bavail == 0
            with pytest.raises(OSError) as full:  # noqa: PT011 - its number says which
                (folder / "after").write_bytes(b"x")
            assert full.value.errno == errno.ENOSPC
            make_room()
            (folder / "after").write_bytes(b"x")
    except DiskError:
        pytest.skip("only root may make a small disk")
    assert not any((tmp_path / "disk").iterdir()), "it is gone"


@pytest.mark.parametrize(("free_mb", "says"), [(60, ""), (9, "has 9 MB free"), (4000, "what may be filled has 24 to")])
def test_only_a_small_disk_that_somebody_names_is_filled(tmp_path, monkeypatch, free_mb, says):
    monkeypatch.setattr(shutil, "disk_usage", lambda _place: SimpleNamespace(free=free_mb * 2**20))
    if says:
        with pytest.raises(DiskError, match=says), small_disk(str(tmp_path), tmp_path / "unused"):
            pass
    else:
        with small_disk(str(tmp_path), tmp_path / "unused") as folder:
            assert folder.parent == tmp_path


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(DiskError, match="there is no folder"), small_disk(str(tmp_path / "none"), tmp_path):
        pass
