"""Standing back at the processor, so that whoever matters more goes first."""

import os
import time
from pathlib import Path

# Many kernels of Linux first share processors evenly between sessions, and heed niceness within each only; a service
# has a session of its own. This is the niceness of a whole session, where there is such a thing.
OF_THE_SESSION = Path("/proc/self/autogroup")
TRIES, PAUSE_S = 20, 0.1  # whoever is not root is sent away while somebody else just did the same


def sessions_share() -> bool:
    """Whether this process shares by session; in a container with a share of its own the file is there, and empty."""
    try:
        return bool(OF_THE_SESSION.read_bytes())
    except OSError:
        return False


def stand_back(niceness: int) -> None:
    """Let others go first, by so much: this process and what it starts later; its session too, if that is its own."""
    os.nice(niceness)
    if os.getsid(0) != os.getpid() or not sessions_share():
        return
    for _ in range(TRIES):
        with OF_THE_SESSION.open("wb", buffering=0) as group:
            if group.write(b"%d" % niceness):
                return
        time.sleep(PAUSE_S)
