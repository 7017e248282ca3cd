"""What a verdict closes, and opens again: the functions that are stopped, said to the database until it has them so.

The database remembers what rules keep closed, and a verdict has the same number after a restart; so whoever died in
between, what is closed because of a verdict is compared with what is stopped, and the difference is said. It may be
said any number of times.
"""

import asyncio
from dataclasses import dataclass
from typing import Final

import psycopg
import structlog
from django.conf import settings
from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from balie.ops.engine import Engine
from balie.ops.ledger import Switched
from balie.ops.probes.database import Database
from balie.ops.states import FAILING, State
from balie.ops.verdicts import Verdict

log = structlog.get_logger()

EVERY_S: Final = 0.5
RETRY_S: Final = 2.0
STABLE_S: Final = 60.0  # a function stays closed so much longer than its outage
CONNECT_WITHIN_S: Final = 2
ILL: Final = FAILING | {State.RECOVERING}
# Ordering is not among them (docs/decisions/0008-no-verdict-closes-ordering.md).
CLOSED_BY_VERDICTS: Final = frozenset({"conversations", "econsult"})

OUTAGE: Final = "storing nr. "

STANDING: Final = "select function, culprit from practices_rule_closings_v1()"
SWITCH: Final = "select practices_switch_by_rule_v1(%s, %s, %s, null, %s, %s)"


@dataclass(frozen=True)
class Closing:
    """A function that is closed for everybody, and because of which outage; people read that."""

    function: str
    culprit: str

    @property
    def verdict(self) -> int:
        """The number of that outage."""
        return int(self.culprit.removeprefix(OUTAGE))


def closings_of(verdict: Verdict) -> set[Closing]:
    """What it stops, of what verdicts may close."""
    stopped = {name for name, effect in verdict.finding.functions.items() if effect == "stopped"}
    return {Closing(function, f"{OUTAGE}{verdict.id}") for function in stopped & CLOSED_BY_VERDICTS}


class Switching:
    """Beside an engine, for as long as it judges."""

    def __init__(self, engine: Engine, *, dsn: str = "", stable_s: float = STABLE_S) -> None:
        self._engine, self._dsn, self._stable_s = engine, dsn or settings.WATCH_DSN, stable_s
        self._away = False
        self._databases = {name for (name, _), probe in engine.graph.probes.items() if isinstance(probe, Database)}

    async def run(self) -> None:
        """Until cancelled. A database that is away is asked again; the watch itself waits for nothing here."""
        while True:
            try:
                conn = await AsyncConnection.connect(self._dsn, autocommit=True, connect_timeout=CONNECT_WITHIN_S)
                async with conn:
                    await self._keep(conn)
            except psycopg.Error as fault:
                if not self._away:
                    log.warning("switching_without_database", fault=" ".join(str(fault).split()))
                self._away = True
            await asyncio.sleep(RETRY_S)

    async def _keep(self, conn: AsyncConnection[TupleRow]) -> None:
        standing = {Closing(*row) for row in await (await conn.execute(STANDING)).fetchall()}
        self._away = False
        while True:
            wanted = {closing for verdict in self._engine.verdicts for closing in closings_of(verdict)}
            for closing in (self._may_begin() & wanted) - standing:
                await self._say(conn, closing, closed=True)
                standing.add(closing)
            for closing in set(standing) - wanted:
                await self._say(conn, closing, closed=False)
                standing.remove(closing)
            await asyncio.sleep(EVERY_S)

    def _may_begin(self) -> set[Closing]:
        """Of outages that go on. Where the database itself was away, what it can be told now is over already; and what
        it is told while it stands still it does when it is well again.
        """
        if any(self._engine.nodes[name].state in ILL for name in self._databases):
            return set()
        going_on = [
            verdict
            for verdict in self._engine.verdicts
            if any(self._engine.nodes[name].state in FAILING for name in verdict.finding.culprits or verdict.members)
        ]
        return {closing for verdict in going_on for closing in closings_of(verdict)}

    async def _say(self, conn: AsyncConnection[TupleRow], closing: Closing, *, closed: bool) -> None:
        values = (closing.function, closed, closing.culprit, self._stable_s, settings.MAIL_DOMAIN)
        await conn.execute(SWITCH, values)
        self._engine.note(Switched(self._engine.clock.wall(), closing.verdict, closing.function, closed))
        log.info("function_switched", function=closing.function, closed=closed, culprit=closing.culprit)
