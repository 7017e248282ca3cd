"""Runs the parts of an installation as child processes: starts, restarts, and stops them; leaves nothing behind."""

import contextlib
import os
import signal
import subprocess
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType, TracebackType
from typing import Self

from balie.embedded.processes import spawn

_RESTARTS = 5
_RESTARTS_WITHIN_S = 60.0
_RESTART_PAUSE_S = 0.5


@dataclass(frozen=True)
class Part:
    """One process. A part that is not `lasting` may end by itself, if it ends well."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str] = field(default_factory=dict)
    lasting: bool = True
    patience_s: float = 10.0


class Child:
    """A part that was started, perhaps several times."""

    def __init__(self, part: Part, log: Path) -> None:
        self.part = part
        self.log = log
        self.gave_up = False
        self._ends: deque[float] = deque(maxlen=_RESTARTS)
        self._process = self._spawn()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def restarts(self) -> int:
        """How often it was started again, the last few times counted."""
        return len(self._ends)

    def alive(self) -> bool:
        return self._process.poll() is None

    def well(self) -> bool:
        """It runs, or it may end and ended well."""
        return self.alive() or (not self.part.lasting and self._process.returncode == 0)

    def tend(self) -> bool:
        """Start it again if it ended; a part that keeps ending is given up. True when it ran."""
        now = time.monotonic()
        if self.well():
            return True
        if self.gave_up:
            return False
        if not self._ends or self._ends[-1] < now - _RESTART_PAUSE_S:
            self._kill_group()  # what it left: workers of a server that was killed
            self.gave_up = len(self._ends) == _RESTARTS and self._ends[0] > now - _RESTARTS_WITHIN_S
            self._ends.append(now)
            if not self.gave_up:
                self._process = self._spawn()
        return False

    def stop(self) -> None:
        """SIGTERM, and after the part's patience SIGKILL to everything it started."""
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(self.part.patience_s)
        self._kill_group()
        self._process.wait()

    def last_words(self, lines: int = 5) -> str:
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])

    def _spawn(self) -> subprocess.Popen[bytes]:
        with self.log.open("ab") as log:
            environment = {**os.environ, **self.part.environment}
            return spawn(self.part.command, log=log, dies_with=signal.SIGTERM, env=environment)

    def _kill_group(self) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)


class Supervisor:
    """Starts parts in order and stops them in the opposite order. Call everything from the main thread."""

    def __init__(self, logs: Path) -> None:
        logs.mkdir(parents=True, exist_ok=True)
        self.logs = logs
        self.children: list[Child] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, part: Part) -> Child:
        """Start `part`; its log is `<name>.log`, and the one of the time before `<name>.log.1`."""
        log = self.logs / f"{part.name}.log"
        if log.exists():
            log.replace(log.with_name(f"{log.name}.1"))
        child = Child(part, log)
        self.children.append(child)
        return child

    def tend(self) -> list[Child]:
        """Start again whatever ended, and tell what that was; to be called a few times a second."""
        return [child for child in self.children if not child.tend()]

    def unwell(self) -> list[Child]:
        """The parts that do not run although they should."""
        return [child for child in self.children if not child.well()]

    def stop(self) -> None:
        """One after the other, so that no part misses another that it needs to end well."""
        while self.children:
            self.children.pop().stop()


class StopAsked:
    """True once SIGINT or SIGTERM arrived; puts the former handlers back at the end."""

    _WATCHED = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def __init__(self) -> None:
        self._asked = False

    def __bool__(self) -> bool:
        return self._asked

    def __enter__(self) -> Self:
        self._before = {number: signal.signal(number, self._ask) for number in self._WATCHED}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked = True
