"""Child processes that end with us, however we end: the kernel signals them when their parent dies (Linux)."""

import ctypes
import os
import signal
import subprocess
import sys
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO

_PR_SET_PDEATHSIG = 1
_libc = ctypes.PyDLL(None, use_errno=True) if sys.platform == "linux" else None


def spawn(
    command: Sequence[str | Path],
    *,
    log: IO[bytes] | int,
    dies_with: signal.Signals,
    env: Mapping[str, str] | None = None,
    cwd: str | Path = "/",
    user: int | None = None,
    group: int | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own, without standard input, both outputs going to `log`.

    When the *thread* that called this ends, the child gets `dies_with`: call it from the main thread.
    With `user` and `group` it runs under these ids and no further groups.
    """
    parent = os.getpid()

    def tether() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(dies_with))
        if os.getppid() != parent:  # we died before the kernel was told
            os.kill(os.getpid(), signal.SIGKILL)

    with warnings.catch_warnings():
        # Python 3.12 warns of forks in threaded processes; `tether` takes no lock.
        warnings.simplefilter("ignore", DeprecationWarning)
        return subprocess.Popen(  # noqa: S603 - our own commands, no shell
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=cwd,
            user=user,
            group=group,
            extra_groups=None if user is None else [],
            start_new_session=True,
            preexec_fn=tether,  # noqa: PLW1509 - the only moment at which a child can be tethered
        )
