"""The duty of `balie work` that tells webhooks. Nobody waits for it, and one that is ill delays no other.

1. Settle what came back; take what is due, one telling of each webhook, for a lease that outlasts an attempt.
2. Post each in a task of its own, signed, within a deadline.
3. What was not taken goes again after a pause that grows, for three days. 410 ends the webhook.

Whatever cuts an attempt short may cost one more of the same message: its id tells.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final
from uuid import UUID

import msgspec
import structlog

from balie.lib.asgi import moment
from balie.lib.sqlfiles import read_sql
from balie.lib.webhooks import InsideError, post, signed_headers
from balie.practices.webhooks.models import DeliveryState
from balie.runtime.hot import Connection

log = structlog.get_logger()

INTERVAL_S: Final = 1.0
AT_ONCE: Final = 20
LEASE_S: Final = 60.0  # more than an attempt takes
# After the first attempt, the second, and so on; where the last pause has passed it has failed.
PAUSES_S: Final = (10, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 24 * 3600, 24 * 3600)
GONE: Final = 410
ANSWER_MOST: Final = 300
AGENT: Final = "Balie"
END: Final = "update practices_webhook set ended_at = now() where id = %s and ended_at is null"


@dataclass(frozen=True)
class Taken:
    """A telling that this worker may send until its lease ends."""

    id: int
    message: UUID
    kind: str
    subject: str
    at: datetime
    attempt: int
    webhook: int
    url: str
    secret: str
    old_secret: str
    agb_code: str

    @property
    def body(self) -> bytes:
        """Thin, as Standard Webhooks advises: the API tells the rest, to who may know it."""
        data = {"practice": self.agb_code, "order": self.subject}
        return msgspec.json.encode({"type": self.kind, "timestamp": moment(self.at), "data": data})


@dataclass(frozen=True)
class Settled:
    taken: Taken
    state: DeliveryState
    answer: str
    wait_s: float = 0.0
    gone: bool = False


class Postman:
    """One worker."""

    def __init__(self, worker: str) -> None:
        self._worker = worker
        self._flights: set[asyncio.Task[None]] = set()
        self._settled: list[Settled] = []

    async def act(self, conn: Connection) -> None:
        """Once a second, on a connection of the duty."""
        while self._settled:
            await self._settle(conn, self._settled[0])
            del self._settled[0]
        room = AT_ONCE - len(self._flights)
        if room <= 0:
            return
        asked = {"worker": self._worker, "room": room, "lease_s": LEASE_S}
        rows = await (await conn.execute(read_sql("practices", "webhook_take").encode(), asked)).fetchall()
        for row in rows:
            flight = asyncio.create_task(self._fly(Taken(*row)))
            self._flights.add(flight)
            flight.add_done_callback(self._flights.discard)

    async def landed(self) -> bool:
        """Waits for all that is under way; whether there was anything."""
        flights = list(self._flights)
        await asyncio.gather(*flights)
        return bool(flights)

    async def _fly(self, taken: Taken) -> None:
        self._settled.append(await self._attempt(taken))

    async def _attempt(self, taken: Taken) -> Settled:
        secrets = [secret for secret in (taken.secret, taken.old_secret) if secret]
        headers = signed_headers(secrets, f"msg_{taken.message.hex}", datetime.now(UTC), taken.body)
        try:
            status, _answer = await post(taken.url, taken.body, headers, agent=AGENT)
        except TimeoutError:
            return _later(taken, "no answer in time")
        except (InsideError, OSError) as fault:
            return _later(taken, str(fault)[:ANSWER_MOST])
        except Exception as fault:  # whatever it is, it is the trouble of its own webhook only
            log.exception("webhook_not_sent", delivery=taken.id)
            return _later(taken, type(fault).__name__)
        if 200 <= status < 300:
            return Settled(taken, DeliveryState.SENT, str(status))
        if status == GONE:
            return Settled(taken, DeliveryState.FAILED, str(status), gone=True)
        return _later(taken, str(status))

    async def _settle(self, conn: Connection, settled: Settled) -> None:
        taken = settled.taken
        values = {
            "id": taken.id,
            "worker": self._worker,
            "attempt": taken.attempt,
            "state": settled.state.value,
            "answer": settled.answer.replace("\0", ""),
            "wait_s": settled.wait_s,
        }
        await conn.execute(read_sql("practices", "webhook_settle").encode(), values)
        if settled.gone:
            await conn.execute(END, (taken.webhook,))


def _later(taken: Taken, answer: str) -> Settled:
    """Once more after a while, unless that was the last time."""
    if taken.attempt > len(PAUSES_S):
        return Settled(taken, DeliveryState.FAILED, answer)
    return Settled(taken, DeliveryState.QUEUED, answer, PAUSES_S[taken.attempt - 1])
