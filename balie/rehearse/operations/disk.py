"""A small disk for the watch, and filling it to the last byte.

Root gets a tmpfs of our own. Anybody else names a folder on a small filesystem that they may fill (`disk-full=FOLDER`):
one made by an administrator, a loop device, a quota. Limits of a process will not do: what is full must be full for
`statvfs` and for everything that writes.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

OWN: Final = "tmpfs"
SIZE_MB: Final = 48
LARGEST_MB: Final = 1024  # of a disk that somebody names: what has more room is not meant to be filled
FILLER: Final = "filler"


class DiskError(Exception):
    """There is no disk that may be filled; the text says what would do."""


@contextlib.contextmanager
def small_disk(place: str, folder: Path) -> Iterator[Path]:
    """A folder that may be filled: on a tmpfs at `folder`, or below the folder that `place` names. Raises DiskError."""
    if place != OWN:
        yield from _beside(Path(place))
        return
    folder.mkdir()
    size = f"size={SIZE_MB}m,mode=0711"
    if _system("mount", "-t", "tmpfs", "-o", size, "tmpfs", str(folder)):
        raise DiskError("Only root may make a small disk: name a folder on one that may be filled, disk-full=FOLDER.")
    try:
        yield folder
    finally:
        _system("umount", "--lazy", str(folder))


def _system(*words: str) -> int:
    """The exit status of a command of the system; what it says, we say in our own words."""
    return subprocess.run(words, capture_output=True, check=False).returncode


def _beside(place: Path) -> Iterator[Path]:
    if not place.is_dir():
        raise DiskError(f"disk-full: there is no folder {place}.")
    free_mb = shutil.disk_usage(place).free // 2**20
    if not SIZE_MB // 2 <= free_mb <= LARGEST_MB:
        limits = f"{SIZE_MB // 2} to {LARGEST_MB} MB"
        raise DiskError(f"disk-full: {place} has {free_mb} MB free; what may be filled has {limits}.")
    with tempfile.TemporaryDirectory(prefix="balie-rehearse-", dir=place) as folder:
        yield Path(folder)


def fill(folder: Path) -> Callable[[], None]:
    """Leave not a byte on the disk that `folder` is on. What is returned gives the room back."""
    filler = folder / FILLER
    with filler.open("ab", buffering=0) as file:
        for size in (2**20, 2**12, 1):
            block = bytes(size)
            with contextlib.suppress(OSError):
                while file.write(block) == size:
                    pass
        with contextlib.suppress(OSError):
            os.fsync(file.fileno())
    return filler.unlink
