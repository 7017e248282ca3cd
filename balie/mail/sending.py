"""The sender: takes due mails, hands them to the mail server, writes down what came of it. Part of `balie work`.

1. Take a few rows for a lease (`outbox.py`). A living worker renews; after a dead one the lease ends and another sends.
2. Write the mail, connect, address it: few at a time (`connecting`), each step with a short timeout.
3. After the final dot the mail waits for its answer in one of many slots (`in_flight`), so that a server that stalls
   there neither gets copies nor holds up the other mails.
4. Settle: sent; failed for good (5xx); else queued again, for later, with the same Message-ID.

A server that cannot be reached opens the breaker (`breaker.py`): then one mail at a time probes. Whoever is past its
deadline is abandoned, never waited for: a cancelled task may wait for the very stall that made it late.
"""

import asyncio
import secrets
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError

from balie.lib.numbers import ASKED, Asked
from balie.mail.breaker import Breaker, pause
from balie.mail.delivery import Delivery, Outcome, Server, Verdict
from balie.mail.models import MailState
from balie.mail.outbox import Outbox, Settlement, TakenMail
from balie.mail.rendering import BadAddressError
from balie.mail.statements import OutboxAwayError
from balie.mail.writing import Renderer, Writer
from balie.runtime.metrics import MAILS
from balie.runtime.spans import OpenSpan, no_span

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Limits:
    """How many mails at once and how much patience. Durations in seconds; pauses are the first and the longest."""

    connecting: int = 20
    in_flight: int = 200
    rendering_s: float = 30
    command_s: float = 15
    before_dot_s: float = 60
    answer_s: float = 600
    lease_s: float = 30
    poll_s: float = 0.5
    grace_s: float = 5
    give_up_s: float = 5 * 24 * 3600  # RFC 5321, 4.5.4.1
    address_pause_s: tuple[float, float] = (60, 900)
    server_pause_s: tuple[float, float] = (2, 30)
    unknown_pause_s: tuple[float, float] = (10, 300)  # each try may be a copy
    breaker_threshold: int = 5
    breaker_pause_s: tuple[float, float] = (1, 10)
    probe_s: float = 5  # a probe that waits this long for its last answer has shown enough


DEFAULT_LIMITS = Limits()


@dataclass(eq=False)
class _Flight:
    """One mail on its way."""

    mail: TakenMail
    probe: bool
    past_dot: bool = False


async def run_sender(
    *,
    dsn: str,
    smtp_url: str,
    renderers: Mapping[str, Renderer],
    stop: asyncio.Event,
    limits: Limits = DEFAULT_LIMITS,
    open_span: OpenSpan = no_span,
) -> None:
    """Send what is due until `stop`; then finish what is on its way, and give back what takes longer than `grace_s`.

    `renderers` writes each kind of mail from its reference; they are called in a thread and may use the ORM.
    A fault of ours ends one sender and not its neighbours in the process: another takes its place, and its mails.
    Raises ValueError for an `smtp_url` that is none.
    """
    server = Server.from_url(smtp_url)
    while not stop.is_set():
        try:
            sender = Sender(dsn=dsn, server=server, renderers=renderers, stop=stop, limits=limits, open_span=open_span)
            await sender.run()
        except Exception:
            log.exception("mail_sender_failed")
            with suppress(TimeoutError):
                async with asyncio.timeout(limits.lease_s):
                    await stop.wait()


class Sender:
    """One worker. Only its main loop talks to the database; mails on their way leave their results in a list."""

    def __init__(
        self,
        *,
        dsn: str,
        server: Server,
        renderers: Mapping[str, Renderer],
        stop: asyncio.Event,
        limits: Limits,
        open_span: OpenSpan,
    ) -> None:
        self._limits = limits
        self._span = open_span
        self._stop = stop
        self._server = server
        self._tls = self._server.context()
        self._writer = Writer(renderers, patience_s=limits.rendering_s)
        self._outbox = Outbox(
            dsn,
            worker=secrets.token_hex(8),
            kinds=self._writer.kinds,
            lease_s=limits.lease_s,
            give_up_s=limits.give_up_s,
        )
        first_s, longest_s = limits.breaker_pause_s
        self._breaker = Breaker(threshold=limits.breaker_threshold, first_pause_s=first_s, longest_pause_s=longest_s)
        self._flights: dict[_Flight, asyncio.Task[None]] = {}
        self._abandoned: set[asyncio.Task[Outcome]] = set()
        self._settlements: list[Settlement] = []
        self._wake = asyncio.Event()
        self._renewed_at = 0.0
        self._away = False

    async def run(self) -> None:
        """See `run_sender`."""
        stopping = asyncio.create_task(self._stop.wait())
        stopping.add_done_callback(lambda _: self._wake.set())
        try:
            while not self._stop.is_set():
                await self._turn(taking=True)
                await self._rest()
            await self._finish()
        finally:
            stopping.cancel()
            for task in self._flights.values():
                task.cancel()
            self._writer.close()
            await self._outbox.close()

    async def _finish(self) -> None:
        end = _now() + self._limits.grace_s
        while (self._flights or self._settlements) and _now() < end:
            await self._turn(taking=False)
            if self._flights or self._settlements:
                await self._rest()
        for flight, task in self._flights.items():
            task.cancel()
            self._settlements.append(Settlement(flight.mail, MailState.QUEUED, "given back by a worker that stopped"))
        self._flights.clear()
        await self._turn(taking=False)

    async def _turn(self, *, taking: bool) -> None:
        """All work on the database: settle, renew, take. When it is away, everything stays for the next turn."""
        try:
            await self._settle()
            await self._renew()
            if taking:
                await self._take()
        except OutboxAwayError as error:
            if not self._away:
                log.warning("mail_outbox_away", error=str(error))
            self._away = True
        else:
            self._away = False

    async def _rest(self) -> None:
        """Until something happened, or it is time to look again."""
        if self._away:
            await asyncio.sleep(self._limits.poll_s)
        with suppress(TimeoutError):
            async with asyncio.timeout(self._limits.poll_s):
                await self._wake.wait()
        self._wake.clear()

    async def _settle(self) -> None:
        if not self._settlements:
            return
        ready = self._settlements[:]
        ours = set(await self._outbox.settle(ready))
        del self._settlements[: len(ready)]
        for each in ready:
            if each.mail.id not in ours:
                log.warning("mail_settled_too_late", mail=each.mail.id, state=each.state.value)
            elif each.state is MailState.FAILED:
                log.warning("mail_failed", mail=each.mail.id, reference=each.mail.reference, answer=each.answer)

    async def _renew(self) -> None:
        if self._flights and _now() >= self._renewed_at + self._limits.lease_s / 3:
            await self._outbox.renew([flight.mail for flight in self._flights])
            self._renewed_at = _now()

    async def _take(self) -> None:
        connecting = sum(not flight.past_dot for flight in self._flights)
        room = min(self._limits.connecting - connecting, self._limits.in_flight - len(self._flights))
        allowed = self._breaker.room(_now())
        if allowed is not None:
            room = min(room, allowed)
        if room <= 0:
            return
        probing = allowed is not None
        for mail in await self._outbox.take(room=room):
            flight = _Flight(mail, probe=probing)
            if probing:
                self._breaker.probe()
            self._flights[flight] = asyncio.create_task(self._fly(flight))

    async def _fly(self, flight: _Flight) -> None:
        mail = flight.mail
        ASKED.set(Asked(trace=mail.trace))  # of this task alone; its lines in the log name the trace
        try:
            with self._span("mail", parent=mail.trace, mail_kind=mail.kind, mail_attempt=mail.attempt) as span:
                settlement = await self._send(flight, span)
        except BadAddressError as error:
            self._breaker.said_nothing(probe=flight.probe)
            settlement = Settlement(flight.mail, MailState.FAILED, str(error))
        except Exception as error:  # whatever a renderer raises is the trouble of its own mail only
            log.exception("mail_not_written", mail=flight.mail.id, kind=flight.mail.kind)
            self._breaker.said_nothing(probe=flight.probe)
            database = isinstance(error, OperationalError | InterfaceError)
            span = self._limits.server_pause_s if database else self._limits.address_pause_s
            settlement = self._later(flight.mail, f"not written: {error!r}", span)
        del self._flights[flight]
        self._settlements.append(settlement)
        self._wake.set()

    async def _send(self, flight: _Flight, span: Any) -> Settlement:
        with self._span("mail write"):
            parcel = await self._writer.write(flight.mail)
        limits = self._limits
        client = self._server.client(context=self._tls, our_name=settings.MAIL_DOMAIN, timeout_s=limits.command_s)
        with self._span("mail deliver"):
            outcome = await self._bounded(flight, Delivery(client, parcel, answer_s=limits.answer_s))
        if span:
            span.set_attribute("balie.mail.verdict", outcome.verdict.name.lower())
        self._tell_breaker(flight, outcome)
        MAILS.labels(outcome.verdict.name.lower()).inc()
        mail, answer = flight.mail, outcome.answer
        match outcome.verdict:
            case Verdict.ACCEPTED:
                return Settlement(mail, MailState.SENT, answer)
            case Verdict.REFUSED:
                return Settlement(mail, MailState.FAILED, answer)
            case Verdict.DEFERRED:
                return self._later(mail, answer, limits.address_pause_s)
            case Verdict.UNREACHED:
                return self._later(mail, answer, limits.server_pause_s)
            case Verdict.UNKNOWN:
                return self._later(mail, answer, limits.unknown_pause_s)

    async def _bounded(self, flight: _Flight, delivery: Delivery) -> Outcome:
        """The attempt's outcome, or that it is overdue; either way in time, although the attempt may linger."""
        attempt = asyncio.create_task(delivery.attempt())
        try:
            either: set[asyncio.Future[Any]] = {attempt, delivery.dot}
            await asyncio.wait(either, timeout=self._limits.before_dot_s, return_when=asyncio.FIRST_COMPLETED)
            if delivery.dot.done():
                flight.past_dot = True
                self._wake.set()
                await asyncio.wait({attempt}, timeout=self._limits.probe_s)
                if flight.probe and not attempt.done():
                    self._server_is_well(flight)
                await asyncio.wait({attempt}, timeout=self._limits.answer_s)
            return attempt.result() if attempt.done() else delivery.overdue()
        finally:
            if not attempt.done():
                self._abandon(attempt, delivery)

    def _abandon(self, attempt: asyncio.Task[Outcome], delivery: Delivery) -> None:
        delivery.hang_up()
        attempt.cancel()
        self._abandoned.add(attempt)  # the loop itself keeps no task alive
        attempt.add_done_callback(self._abandoned.discard)

    def _tell_breaker(self, flight: _Flight, outcome: Outcome) -> None:
        if outcome.verdict not in {Verdict.UNREACHED, Verdict.UNKNOWN}:
            self._server_is_well(flight)
        elif self._breaker.failed(_now(), probe=flight.probe):
            log.warning("mail_server_ill", answer=outcome.answer)

    def _server_is_well(self, flight: _Flight) -> None:
        if self._breaker.succeeded(probe=flight.probe):
            log.warning("mail_server_well_again")

    def _later(self, mail: TakenMail, answer: str, span: tuple[float, float]) -> Settlement:
        first_s, longest_s = span
        wait_s = pause(first_s=first_s, longest_s=longest_s, failures=mail.attempt)
        return Settlement(mail, MailState.QUEUED, answer, wait_s)


def _now() -> float:
    return asyncio.get_running_loop().time()
