"""The sending worker's side of the outbox table: take, keep, settle."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from balie.mail.models import MailState
from balie.mail.statements import Statements

_LONGEST_ANSWER = 1000


@dataclass(frozen=True)
class TakenMail:
    """A row that this worker may send until its lease ends. `attempt` is the fence."""

    id: int
    kind: str
    reference: str
    recipient: str
    message_id: str
    body: dict[str, str] | None
    attempt: int
    round: int
    created_at: datetime
    trace: str


@dataclass(frozen=True)
class Settlement:
    """What becomes of one taken mail: sent, failed, or queued again after `wait_s` seconds."""

    mail: TakenMail
    state: MailState
    answer: str
    wait_s: float = 0.0


class Outbox:
    """One worker's side. Every call raises OutboxAwayError; the mails in hand are still in hand then."""

    def __init__(self, dsn: str, *, worker: str, kinds: Sequence[str], lease_s: float, give_up_s: float) -> None:
        self._statements = Statements(dsn, name="mail")
        self._worker = worker
        self._kinds = list(kinds)
        self._lease_s = lease_s
        self._give_up_s = give_up_s

    async def take(self, *, room: int) -> list[TakenMail]:
        """Up to `room` due mails of our kinds, the longest waiting first; a kind we do not know waits for who does."""
        params = {"worker": self._worker, "kinds": self._kinds, "room": room, "lease_s": self._lease_s}
        return await self._statements.run("take", params, TakenMail)

    async def renew(self, mails: Sequence[TakenMail]) -> None:
        """Keep these for another lease."""
        ids = [mail.id for mail in mails]
        await self._statements.run("renew", {"worker": self._worker, "lease_s": self._lease_s, "ids": ids})

    async def settle(self, settlements: Sequence[Settlement]) -> list[int]:
        """Write what became of mails; returns the ids that were still ours, whoever is missing was taken by another."""
        params = {
            "worker": self._worker,
            "give_up_s": self._give_up_s,
            "ids": [each.mail.id for each in settlements],
            "attempts": [each.mail.attempt for each in settlements],
            "states": [each.state.value for each in settlements],
            "waits_s": [each.wait_s for each in settlements],
            "answers": [_storable(each.answer) for each in settlements],
        }
        return [row[0] for row in await self._statements.run("settle", params)]

    async def close(self) -> None:
        """Let the connection go."""
        await self._statements.close()


def _storable(answer: str) -> str:
    """Servers answer what they like: undecodable bytes, NULs, novels."""
    return answer.encode("utf-8", "replace").decode().replace("\0", "")[:_LONGEST_ANSWER]
