"""`balie bounces`: the door to which a mail server brings, by LMTP (RFC 2033), whatever came to a bounce address.

A process of its own, because strangers write what it reads: nothing they send can slow the clock or the mail that
leaves. An answer of 2xx is given after the commit only, so that what was not written down comes again.

Each message has one recipient, since each bounce address is of one mail: LMTP's answer per recipient is one answer.
"""

import asyncio
import signal
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session
from django.conf import settings

from balie.mail.bounce_address import Round, read_bounce_address
from balie.mail.reports import Action, Report, read_report
from balie.mail.statements import OutboxAwayError, Statements
from balie.runtime.duties import BEAT_INTERVAL_S, beat_as, process_name, repeat

log = structlog.get_logger()

LARGEST = 2 * 2**20  # a report with the whole mail in it, attachments and all, is half of this
_IDLE_S = 60
_STATEMENTS = {Action.FAILED: "bounce", Action.DELAYED: "delay"}


@dataclass(frozen=True)
class Bind:
    """Where to listen: a host and port, or the path of a socket."""

    host: str = ""
    port: int = 0
    path: Path | None = None

    @classmethod
    def read(cls, text: str) -> "Bind":
        """From `127.0.0.1:2424`, `[::1]:2424` or `/run/balie/bounces.sock`. Raises ValueError."""
        if text.startswith("/"):
            return cls(path=Path(text))
        parts = urlsplit(f"//{text}")
        if not parts.hostname or parts.port is None or parts.netloc != text or "@" in text:
            raise ValueError("BALIE_LMTP_BIND must look like 127.0.0.1:2424 or /run/balie/bounces.sock.")
        return cls(host=parts.hostname, port=parts.port)


class Door:
    """What aiosmtpd calls for each step of a dialogue."""

    def __init__(self, dsn: str) -> None:
        self._statements = Statements(dsn, name="bounces")

    async def handle_RCPT(  # noqa: N802 - aiosmtpd finds its hooks by these names
        self, _server: LMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if read_bounce_address(address) is None:
            return "550 5.1.1 No such mailbox here"
        if envelope.rcpt_tos:
            return "452 4.5.3 One recipient at a time"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 OK"

    async def handle_DATA(self, _server: LMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - as above
        sent = read_bounce_address(envelope.rcpt_tos[0])
        assert sent is not None  # it was asked at RCPT
        report = await asyncio.to_thread(read_report, envelope.original_content or b"")
        if report is None:
            log.info("bounce_address_got_something_else", mail=sent.mail)
            return "250 2.0.0 Read, and nothing to do"
        try:
            noted = await self.note(sent, report)
        except OutboxAwayError as error:
            log.warning("bounce_not_noted", mail=sent.mail, error=str(error))
            return "451 4.3.0 Try again later"
        log.info("mail_bounced", mail=sent.mail, action=report.action.value, answer=report.answer, noted=noted)
        return "250 2.0.0 Noted"

    async def handle_exception(self, error: Exception) -> str:
        """A fault of ours must not lose a bounce; aiosmtpd would answer that it is final."""
        log.error("bounce_door_failed", exc_info=error)
        return "451 4.3.0 Try again later"

    async def note(self, sent: Round, report: Report) -> bool:
        """Write it beside the mail; false when that changes nothing. Raises OutboxAwayError."""
        params = {"mail": sent.mail, "round": sent.round, "answer": report.answer}
        return bool(await self._statements.run(_STATEMENTS[report.action], params))

    async def close(self) -> None:
        """Let the database go."""
        await self._statements.close()


async def listen(door: Door, bind: Bind) -> asyncio.Server:
    """Open the door. Raises OSError where it cannot be done there."""
    loop = asyncio.get_running_loop()
    protocol = partial(
        LMTP, door, hostname=settings.BOUNCE_DOMAIN, ident="Balie", data_size_limit=LARGEST, timeout=_IDLE_S, loop=loop
    )
    if bind.path is None:
        return await loop.create_server(protocol, bind.host, bind.port)
    return await loop.create_unix_server(protocol, bind.path)


async def main(bind: Bind) -> None:
    """Listen until SIGTERM or SIGINT. Raises OSError."""
    stop, dsn, me = asyncio.Event(), settings.DATABASE_URL, process_name("bounces")
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    door = Door(dsn)
    server = await listen(door, bind)
    log.info("bounces_begin", at=[str(each.getsockname()) for each in server.sockets])
    await repeat(dsn=dsn, name="beat", interval_s=BEAT_INTERVAL_S, act=beat_as(me, "bounces"), stop=stop)
    server.close()  # who is in the middle of a sentence gets no answer, and brings it again
    await door.close()
    log.info("bounces_end")
