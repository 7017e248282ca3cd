"""Having the key log cosigned: what is new is proved to every key server, and published once two have cosigned it.

Nobody who states keys waits for this. With two key servers away the log goes on, and clients take no new keys.
"""

import asyncio
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Final

import msgspec
import structlog

from balie.consult.client.transport import Transport, UnreachableError
from balie.consult.keylog.log import LATEST, KeyLog, hashes
from balie.consult.keyservers import KeyServerAt, cosigners
from balie.consult.protocol.encoding import b64
from balie.consult.protocol.keylog import THRESHOLD, Checkpoint, accept_checkpoint, note_of
from balie.consult.protocol.reasons import Reason, Rejected
from balie.consult.tokens import Issuer
from balie.runtime.hot import Connection

log = structlog.get_logger()

INTERVAL_S: Final = 0.5
LEASE_S: Final = 10.0
ROUTE_WITHIN_S: Final = 1.5
RENEW_AFTER: Final = timedelta(hours=1)
KEEP: Final = """
insert into consult_key_log_checkpoint as c (origin, size, note, cosigned_at) values (%s, %s, %s, to_timestamp(%s))
on conflict (origin, size) do update set note = excluded.note, cosigned_at = excluded.cosigned_at
 where c.cosigned_at < excluded.cosigned_at
"""
AGE: Final = "select clock_timestamp() - %s::timestamptz > %s"
SIZE: Final = "select size from consult_key_log"


class _Lines(msgspec.Struct):
    lines: str


class _Behind(msgspec.Struct):
    size: int


class Cosigning:
    """The duty of whoever leads it. `transport` brings requests to key servers; `clock` gives seconds since 1970."""

    def __init__(
        self,
        key_log: KeyLog,
        servers: Sequence[KeyServerAt],
        issuer: Issuer,
        transport: Transport,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._log, self._servers, self._issuer = key_log, tuple(servers), issuer
        self._transport, self._clock = transport, clock
        self._seen: dict[str, int] = {}

    async def act(self, conn: Connection, _fence: int) -> None:
        """Publish what is new, or was cosigned long ago."""
        if await self._is_due(conn):
            await self._log.catch_up(conn)
            checkpoint = self._log.checkpoint()
            lines = await asyncio.gather(*(self._ask(each, checkpoint) for each in self._servers))
            await self._publish(conn, checkpoint, [each for each in lines if each])

    async def _is_due(self, conn: Connection) -> bool:
        latest = await (await conn.execute(LATEST, (self._log.origin,))).fetchone()
        found = await (await conn.execute(SIZE)).fetchone()
        if found is None or found[0] == 0:
            return False
        if latest is None or found[0] > latest[0]:
            return True
        due = await (await conn.execute(AGE, (latest[2], RENEW_AFTER))).fetchone()
        return bool(due and due[0])

    async def _publish(self, conn: Connection, checkpoint: Checkpoint, lines: Sequence[str]) -> None:
        note = note_of(checkpoint, *lines)
        try:
            found = accept_checkpoint(note, origin=checkpoint.origin, cosigners=cosigners(self._servers))
        except Rejected as rejected:
            if len(lines) >= THRESHOLD:
                log.warning("key_log_not_cosigned", size=checkpoint.size, reason=rejected.reason)
            return
        await conn.execute(KEEP, (checkpoint.origin, checkpoint.size, note, found.at))

    async def _ask(self, server: KeyServerAt, checkpoint: Checkpoint) -> str:
        """Its lines; empty when it does not answer, or refuses."""
        for _ in range(2):  # the second time from where it says that it is
            since = min(self._seen.get(server.server, 0), checkpoint.size)
            status, body = await self._through(server, checkpoint, since)
            if status == 200:
                self._seen[server.server] = checkpoint.size
                return msgspec.json.decode(body, type=_Lines).lines
            if status != 409:
                return ""
            self._seen[server.server] = behind = msgspec.json.decode(body, type=_Behind).size
            if behind > checkpoint.size:
                log.error("key_log_shorter", server=server.server, size=checkpoint.size, cosigned=behind)
                return ""
        return ""

    async def _through(self, server: KeyServerAt, checkpoint: Checkpoint, since: int) -> tuple[int, bytes]:
        """What the first of its routes that works says; no status when none does."""
        asked = {
            "v": 1,
            "origin": checkpoint.origin,
            "size": checkpoint.size,
            "root": b64(checkpoint.root),
            "since": since,
            "proof": hashes(self._log.tree.consistency(since, checkpoint.size)),
        }
        token = self._issuer.own_token(server, int(self._clock()))
        headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
        for route in server.routes:
            try:
                async with asyncio.timeout(ROUTE_WITHIN_S):
                    response = await self._transport("POST", f"{route}/v1/cosign", msgspec.json.encode(asked), headers)
            except (UnreachableError, TimeoutError):
                continue
            if response.status in (200, 409):
                return response.status, response.body
            if response.status == 400 and str(Reason.FORKED).encode() in response.body:
                log.error("key_log_forked", server=server.server, size=checkpoint.size)
                return response.status, b""
        return 0, b""
