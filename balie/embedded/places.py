"""Where the embedded parts keep what they keep."""

import contextlib
import fcntl
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path

PACKAGE = Path(__file__).resolve().parents[1]
_ROOM = 2 * 1024**3


class InUseError(Exception):
    """Another process of ours works in that folder."""


def data_folder(name: str) -> Path:
    """In a checkout `.balie/NAME`; elsewhere the user's folder for data, or one of our own when there is no home."""
    checkout = PACKAGE.parent
    if (checkout / "pyproject.toml").exists():
        return checkout / ".balie" / name
    if shared := os.environ.get("XDG_DATA_HOME"):
        return Path(shared) / "balie" / name
    home = Path(os.environ.get("HOME") or "/nonexistent")
    if os.access(home, os.W_OK):
        return home / ".local" / "share" / "balie" / name
    return Path(tempfile.gettempdir()) / f"balie-{os.getuid()}" / name


@contextlib.contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Make `folder` and keep it to ourselves. Raises InUseError."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() not in {0, folder.stat().st_uid}:  # in /tmp anybody can be first
        raise InUseError(f"{folder} belongs to somebody else; give --data another folder.")
    with (folder / "lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise InUseError(
                f"{folder} is in use by another demo; stop that one, or give --data another folder."
            ) from None
        yield


def temporary_home() -> Path:
    """A new folder with a short name that `nobody` may enter; in memory where there is room, ten times as quick."""
    memory = Path("/dev/shm")  # noqa: S108 - what we make in it has a name that nobody can guess
    roomy = os.access(memory, os.W_OK | os.X_OK) and shutil.disk_usage(memory).free > _ROOM
    parent = memory if roomy else Path("/tmp")  # noqa: S108
    for left in parent.glob("balie-test-*-*"):  # by a session that was killed
        if not _alive(int(left.name.split("-")[2])):
            shutil.rmtree(left, ignore_errors=True)
    home = Path(tempfile.mkdtemp(prefix=f"balie-test-{os.getpid()}-", dir=parent))
    home.chmod(0o711)
    return home


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def fingerprint_of_tables() -> str:
    """Changes when the tables, or what is seeded into them, may have changed."""
    digest = hashlib.sha256(f"{version('django')} {version('django-allauth')}".encode())
    patterns = ("*/migrations/*.py", "*/sql/**/*.sql", "*/models.py", "*/models/*.py", "embedded/*.py", "settings.py")
    for path in sorted(path for pattern in patterns for path in PACKAGE.glob(pattern)):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]
