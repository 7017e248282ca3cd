"""What the key log says of the connector itself: a key or device in its name that it did not make is told by `/health`,
until somebody looked into it.
"""

from pathlib import Path
from typing import Final

import structlog

from balie.connector.passes import ClosedError
from balie.consult.client.application import ProblemError
from balie.consult.client.device import write_private
from balie.consult.client.keylog import FollowedLog
from balie.consult.client.keyrings import Keyring
from balie.consult.client.transport import UnreachableError
from balie.consult.protocol.reasons import Reason, Rejected

log = structlog.get_logger()

EVERY_S: Final = 3600.0
FOREIGN: Final = "foreign_key"
OTHER_LOG: Final = "other_key_log"
REWRITTEN: Final = "rewritten_log"


class OwnEntries:
    """`cleared` is a file with the names of statements that somebody looked into. `why` is empty as long as all is as
    it should be; what was found stays until a look finds otherwise.
    """

    def __init__(self, followed: FollowedLog, keyring: Keyring, cleared: Path) -> None:
        self._followed, self._keyring, self._cleared = followed, keyring, cleared
        self.why = ""

    async def look(self) -> None:
        """Read on in the key log. When Balie is away, the next look sees."""
        try:
            found = await self.foreign()
        except Rejected as rejected:
            self.why = REWRITTEN if rejected.reason == Reason.LOG_REWRITTEN else OTHER_LOG
            log.critical(self.why, reason=rejected.reason)
        except (UnreachableError, ClosedError, ProblemError) as fault:
            log.warning("key_log_not_read", why=type(fault).__name__)
        else:
            self.why = FOREIGN if found else ""
            if found:
                log.critical(self.why, statements=found)

    async def foreign(self) -> list[str]:
        """Statements that no key of ours made, and that nobody looked into. Raises Rejected, UnreachableError,
        ClosedError, ProblemError.
        """
        known = self._read_cleared()
        return [each for each in await self._followed.audit(self._keyring) if each not in known]

    async def clear(self, device: str, note: str) -> list[str]:
        """Write down what somebody found: in Balie's log first, then here. Returns which statements it was about.
        Raises as `foreign` does.
        """
        found = await self.foreign()
        for each in found:
            await self._followed.application.tell_cleared(each, device, note)
            write_private(self._cleared, "\n".join([*self._read_cleared(), each]).encode())
        return found

    def _read_cleared(self) -> list[str]:
        return self._cleared.read_text(encoding="utf-8").split() if self._cleared.exists() else []
