"""The sender of text messages: takes due ones, hands them to the gateway, writes down what came of it. Part of
`balie work`, and nothing waits for it.

1. Take a few rows for a lease that outlasts an attempt. After a dead worker the lease ends and another sends.
2. Write the words in a thread that may use the ORM; hand them over within a deadline (`gateway.py`).
3. Settle: sent; or queued again, for later; or failed, once that was often or long enough (`Limits`).

A gateway knows no message ids, so whatever cuts an attempt short, a kill or a silence, may cost one more copy of the
same words. That is why attempts are few. A gateway that is ill opens the breaker, which spares them.
"""

import asyncio
import secrets
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

import structlog
from django.db import close_old_connections, connections

from balie.mail.breaker import Breaker, pause
from balie.mail.statements import OutboxAwayError, Statements
from balie.sms.gateway import Gateway, Outcome, Verdict
from balie.sms.models import TextState

log = structlog.get_logger()

Renderer = Callable[[str], str]
_LONGEST_ANSWER = 500


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many texts at once, how often, how long. Durations in seconds; pauses are the first and the longest."""

    at_once: int = 4
    most_lingering: int = 8
    rendering_s: float = 15
    answer_s: float = 20
    lease_s: float = 60  # more than a text takes to be written and answered
    poll_s: float = 1
    grace_s: float = 5
    most_attempts: int = 10
    give_up_s: float = 12 * 3600  # nobody needs to be told any more
    pause_s: tuple[float, float] = (15, 3600)
    breaker_threshold: int = 5
    breaker_pause_s: tuple[float, float] = (5, 60)


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True)
class TakenText:
    """A row that this worker may send until its lease ends. `attempt` is the fence."""

    id: int
    kind: str
    reference: str
    recipient: str
    attempt: int
    too_late: bool


async def run_texter(
    *,
    dsn: str,
    url: str,
    renderers: Mapping[str, Renderer],
    stop: asyncio.Event,
    limits: Limits = DEFAULT_LIMITS,
) -> None:
    """Send what is due until `stop`; nothing at all without a `url`, or with one that is none.

    `renderers` writes each kind of text from its reference; they are called in a thread and may use the ORM.
    """
    if not url:
        return
    try:
        gateway = await asyncio.to_thread(Gateway, url, answer_s=limits.answer_s)
    except Exception:  # whatever it is, only texts are late
        log.exception("sms_off")
        return
    while not stop.is_set():
        try:
            await Texter(dsn=dsn, gateway=gateway, renderers=renderers, stop=stop, limits=limits).run()
        except Exception:
            log.exception("sms_sender_failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(limits.lease_s):
                    await stop.wait()


class Texter:
    """One worker. Only its main loop talks to the database about the outbox."""

    def __init__(
        self, *, dsn: str, gateway: Gateway, renderers: Mapping[str, Renderer], stop: asyncio.Event, limits: Limits
    ) -> None:
        self._limits = limits
        self._stop = stop
        self._gateway = gateway
        self._renderers = renderers
        self._statements = Statements(dsn, name="sms", context="sms")
        self._worker = secrets.token_hex(8)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="sms-writer")
        first_s, longest_s = limits.breaker_pause_s
        self._breaker = Breaker(threshold=limits.breaker_threshold, first_pause_s=first_s, longest_pause_s=longest_s)
        self._flights: set[asyncio.Task[None]] = set()
        self._settlements: list[dict[str, object]] = []
        self._wake = asyncio.Event()
        self._away = False

    async def run(self) -> None:
        """See `run_texter`."""
        stopping = asyncio.create_task(self._stop.wait())
        stopping.add_done_callback(lambda _: self._wake.set())
        try:
            while not self._stop.is_set():
                await self._turn(taking=True)
                await self._rest()
            end = _now() + self._limits.grace_s
            while (self._flights or self._settlements) and _now() < end:
                await self._rest()
                await self._turn(taking=False)
        finally:
            stopping.cancel()
            for flight in self._flights:
                flight.cancel()  # its lease ends by itself
            self._thread.submit(connections.close_all)
            self._thread.shutdown(wait=False)
            await self._statements.close()

    async def _turn(self, *, taking: bool) -> None:
        """All work on the database. When it is away, everything stays for the next turn."""
        try:
            while self._settlements:
                if not await self._statements.run("settle", self._settlements[0]):
                    log.warning("sms_settled_too_late", text=self._settlements[0]["id"])
                del self._settlements[0]
            if taking:
                await self._take()
        except OutboxAwayError as error:
            if not self._away:
                log.warning("sms_outbox_away", error=str(error))
            self._away = True
        else:
            self._away = False

    async def _rest(self) -> None:
        """Until something happened, or it is time to look again."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.poll_s):
                await self._wake.wait()
        self._wake.clear()

    async def _take(self) -> None:
        limits, allowed = self._limits, self._breaker.room(_now())
        room = min(limits.at_once - len(self._flights), limits.most_lingering - self._gateway.lingering)
        if allowed is not None:
            room = min(room, allowed)
        if room <= 0:
            return
        params = {
            "worker": self._worker,
            "kinds": list(self._renderers),
            "room": room,
            "lease_s": limits.lease_s,
            "most_attempts": limits.most_attempts,
            "give_up_s": limits.give_up_s,
        }
        for text in await self._statements.run("take", params, TakenText):
            if allowed is not None:
                self._breaker.probe()
            flight = asyncio.create_task(self._fly(text, probe=allowed is not None))
            self._flights.add(flight)
            flight.add_done_callback(self._landed)

    def _landed(self, flight: asyncio.Task[None]) -> None:
        self._flights.discard(flight)
        self._wake.set()

    async def _fly(self, text: TakenText, *, probe: bool) -> None:
        if text.too_late:
            self._breaker.said_nothing(probe=probe)
            self._settle(text, TextState.FAILED, "not sent in time")
            return
        try:
            words = await self._write(text)
            outcome = await self._gateway.hand_over(recipient=text.recipient, words=words)
        except Exception as error:  # whatever it is, it is the trouble of its own text only
            log.exception("sms_not_written", text=text.id, kind=text.kind)
            self._breaker.said_nothing(probe=probe)
            self._later(text, f"not sent: {error!r}")
            return
        self._tell_breaker(outcome, probe=probe)
        if outcome.verdict is Verdict.ACCEPTED:
            self._settle(text, TextState.SENT, outcome.answer)
        else:
            self._later(text, outcome.answer)

    async def _write(self, text: TakenText) -> str:
        loop = asyncio.get_running_loop()
        async with asyncio.timeout(self._limits.rendering_s):
            return await loop.run_in_executor(self._thread, self._render, text)

    def _render(self, text: TakenText) -> str:
        close_old_connections()
        return self._renderers[text.kind](text.reference)

    def _tell_breaker(self, outcome: Outcome, *, probe: bool) -> None:
        if outcome.verdict is Verdict.ACCEPTED:
            if self._breaker.succeeded(probe=probe):
                log.warning("sms_gateway_well_again")
        elif self._breaker.failed(_now(), probe=probe):
            log.warning("sms_gateway_ill", answer=outcome.answer)

    def _later(self, text: TakenText, answer: str) -> None:
        """Once more after a while, unless that was the last time."""
        if text.attempt >= self._limits.most_attempts:
            log.warning("sms_failed", text=text.id, reference=text.reference)
            self._settle(text, TextState.FAILED, answer)
            return
        first_s, longest_s = self._limits.pause_s
        wait_s = pause(first_s=first_s, longest_s=longest_s, failures=text.attempt)
        self._settle(text, TextState.QUEUED, answer, wait_s)

    def _settle(self, text: TakenText, state: TextState, answer: str, wait_s: float = 0.0) -> None:
        self._settlements.append(
            {
                "id": text.id,
                "attempt": text.attempt,
                "worker": self._worker,
                "state": state.value,
                "answer": answer.replace("\0", "")[:_LONGEST_ANSWER],
                "wait_s": wait_s,
            }
        )


def _now() -> float:
    return asyncio.get_running_loop().time()
