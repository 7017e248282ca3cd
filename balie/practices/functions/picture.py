"""What one process knows of closed functions: all of it, in memory. No query per request."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from psycopg.rows import class_row

from balie.lib.asgi import moment, moment_or_none
from balie.lib.problems import Problem
from balie.practices.functions.words import say_closed
from balie.runtime.hot import Connection

READ = """
select id, function, practice_id as practice, campaign, closed, decided_by, reason, text, phone, since, until, version
  from practices_switch where closed or decided_by = 'hand' order by id
"""
STRENGTH = {"hand": 1, "rule": 2, "schedule": 3}


@dataclass(frozen=True)
class SwitchRow:
    """A switch that says something, as in `models.Switch`."""

    id: int
    function: str
    practice: int | None
    campaign: int | None
    closed: bool
    decided_by: str
    reason: str
    text: str
    phone: str
    since: datetime
    until: datetime | None
    version: int

    def content(self) -> dict[str, Any]:
        """As `docs/spec/live.md` has it; for the language that is active."""
        return {
            "function": self.function,
            "reason": self.reason,
            "say": say_closed(self.function, self.reason, self.text),
            "phone": self.phone,
            "since": moment(self.since),
            "until": moment_or_none(self.until),
        }


class Strong(Protocol):
    """What says something, or its row."""

    @property
    def id(self) -> int: ...
    @property
    def closed(self) -> bool: ...
    @property
    def decided_by(self) -> str: ...


def strength(switch: Strong) -> tuple[int, int]:
    """Which of several counts, the lowest: as `practices_function_closed_v1` says."""
    return (0 if switch.closed and switch.decided_by == "hand" else STRENGTH[switch.decided_by], switch.id)


class Functions:
    """The picture of one process."""

    def __init__(self) -> None:
        self._rows: list[SwitchRow] = []
        self._after_change: list[Callable[[], None]] = []
        self.version = 0  # grows with every change that was read

    def after_change(self, tell: Callable[[], None]) -> None:
        """Call `tell` whenever something else was read than before."""
        self._after_change.append(tell)

    async def read(self, conn: Connection) -> None:
        """Read again: at the start, when a change is heard, and with every other picture."""
        async with conn.cursor(row_factory=class_row(SwitchRow)) as cursor:
            self.learn(await (await cursor.execute(READ)).fetchall())

    def learn(self, rows: list[SwitchRow]) -> None:
        if rows != self._rows:
            self._rows = rows
            self.version += 1
            for tell in self._after_change:
                tell()

    def closed(self, function: str, *, practice: int | None = None, campaign: int | None = None) -> SwitchRow | None:
        """What keeps it closed for them; None when it is open."""
        found = None
        for row in self._rows:
            concerns = (
                row.function == function and row.practice in {None, practice} and row.campaign in {None, campaign}
            )
            if concerns and (found is None or strength(row) < strength(found)):
                found = row
        return found if found and found.closed else None

    def any_closed(self, function: str) -> bool:
        """Whether it is closed for anybody."""
        return any(row.closed and row.function == function for row in self._rows)

    def problem(self, switch: int) -> Problem:
        """What to say where this switch keeps something closed."""
        row = next((each for each in self._rows if each.id == switch and each.closed), None)
        return Problem("function_closed", closed=row.content) if row else Problem("function_closed")

    def check(self, function: str, *, practice: int | None = None, campaign: int | None = None) -> None:
        """Raises Problem (`function_closed`) where it is closed."""
        row = self.closed(function, practice=practice, campaign=campaign)
        if row is not None:
            raise Problem("function_closed", closed=row.content)
