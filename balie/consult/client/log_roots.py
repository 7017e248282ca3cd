"""Roots of the log of who did what, as one client follows them: they are those in the key log, in their order, and
one's own book is under them as it is shown now (`docs/spec/consult/keylog.md`, "Roots of the log").
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from balie.consult.client.application import Application, LogLine
from balie.consult.protocol.encoding import unb64
from balie.consult.protocol.logs import entry_hash, head_hash, root_name
from balie.consult.protocol.reasons import Reason, reject

SETTLED: Final = timedelta(
    minutes=5
)  # what was written so long before a root is in it, whatever its transaction waited for


@dataclass
class FollowedRoots:
    """`names`: of the roots that were read, in order. `under`: the last entry of one's own book that was under one."""

    names: list[str] = field(default_factory=list)
    under: tuple[int, str] = (0, "")
    _last: int = 0

    async def check(self, application: Application, in_key_log: Sequence[str], person: str) -> None:
        """Read on. Raises Rejected (`log-rewritten`), ProblemError, UnreachableError."""
        if not in_key_log:
            return
        new = await self._read_on(application)
        if list(in_key_log) != self.names[: len(in_key_log)]:
            reject(Reason.LOG_REWRITTEN, "roots")
        lines = await application.log(None)
        check_chain(person, lines)
        number, hashed = self.under
        if number and (len(lines) < number or lines[number - 1].hash != hashed):
            reject(Reason.LOG_REWRITTEN, "one's own book")
        for at, heads in new:
            self._check_under(person, lines, at, heads)

    async def _read_on(self, application: Application) -> list[tuple[datetime, set[bytes]]]:
        """When roots since the last time were made, and over what."""
        found: list[tuple[datetime, set[bytes]]] = []
        more = True
        while more:
            page = await application.log_roots(after=self._last)
            for each in page.roots:
                heads = {unb64(head) for head in each.heads}
                self.names.append(root_name(self.names[-1] if self.names else "", each.at, heads))
                self._last = each.number
                found.append((datetime.fromisoformat(each.at), heads))
            more = page.more
        return found

    def _check_under(self, person: str, lines: Sequence[LogLine], at: datetime, heads: set[bytes]) -> None:
        """Whatever was written well before a root is in it, up to the last that is."""
        for line in lines[self.under[0] :]:
            if head_hash(person, line.number, line.hash) in heads:
                self.under = (line.number, line.hash)
        if any(datetime.fromisoformat(each.at) < at - SETTLED for each in lines[self.under[0] :]):
            reject(Reason.LOG_REWRITTEN, "one's own book")


def check_chain(book: str, lines: Sequence[LogLine]) -> None:
    """That every entry has its hash, and names that of the one before. Raises Rejected (`log-rewritten`)."""
    previous = ""
    for number, each in enumerate(lines, 1):
        said = (each.number, each.previous)
        hashed = entry_hash(
            book=book,
            number=number,
            at=each.at,
            what=each.what,
            person=each.person,
            detail=each.detail,
            previous=previous,
        )
        if said != (number, previous) or each.hash != hashed:
            reject(Reason.LOG_REWRITTEN, book)
        previous = hashed
