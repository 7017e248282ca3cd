# ruff: noqa: INP001 - a folder for PYTHONPATH, no package
"""On PYTHONPATH of the processes that clock-skew is meant for: their wall clock is off by what a file says.

Python imports a module of this name at every start. BALIE_REHEARSE_SKEW names the file; it holds seconds, may change at
any time, and the clock then jumps. Monotonic time goes on as it was.
"""

import os
import threading
import time
from datetime import timedelta
from pathlib import Path

import time_machine

LOOK_EVERY_S = 0.2
FILE = Path(os.environ["BALIE_REHEARSE_SKEW"])


class Skew:
    """How wrong this process's wall clock is, and what makes it so."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self.travel: time_machine.travel | None = None

    def look(self) -> None:
        wanted = float(FILE.read_bytes() or 0)
        if wanted == self.seconds:
            return
        if self.travel is not None:
            self.travel.stop()
        self.travel = time_machine.travel(timedelta(seconds=wanted), tick=True) if wanted else None
        if self.travel is not None:
            self.travel.start()
        self.seconds = wanted

    def follow(self) -> None:
        """In a thread of its own. Threads do not survive a fork, and granian forks its workers."""

        def run() -> None:
            while True:
                time.sleep(LOOK_EVERY_S)
                self.look()

        threading.Thread(target=run, name="skew", daemon=True).start()


skew = Skew()
skew.look()
os.register_at_fork(after_in_child=skew.follow)
skew.follow()
