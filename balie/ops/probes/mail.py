"""A mail's journey: handed over stage by stage, and seen where it arrives.

A mail server that takes mail and delivers none looks well to whoever only hands over, so arrival is looked at too.
Both know a mail by its subject alone, which says when it left: there is nothing to remember between two looks.
"""

import asyncio
import email.policy
import re
import ssl
import time
from contextlib import suppress
from email.message import EmailMessage
from email.utils import format_datetime, localtime, make_msgid, parseaddr
from functools import cache
from pathlib import Path
from typing import ClassVar, Final

from aiosmtplib import SMTP, SMTPException
from django.conf import settings

from balie.mail.delivery import Server
from balie.ops.lacking import NotSetUpError
from balie.ops.probes.looking import Probe, Seconds, Steps, Unwell

SUBJECT: Final = re.compile(rb"(?mi)^subject: Balie watch, (\d+\.\d+)\r?$")
HEADERS_MOST: Final = 8 * 1024
ARRIVAL_LIMIT_S: Final = 30.0
_REMEMBERED: Final = 10  # times the limit: how far back a mailbox is read

_looks_since: dict["Arrival", float] = {}


class Mail(Probe, frozen=True):
    """Hands one mail to `server`, which is the installation's own unless said otherwise, for the watch's own mailbox
    `to`. Well when the server took it.
    """

    kind: ClassVar[str] = "mail"
    faults: ClassVar[tuple[type[Exception], ...]] = (OSError, SMTPException)

    to: str = ""
    server: str = ""

    async def walk(self, steps: Steps) -> str:
        to = self.to or settings.WATCH_MAILBOX
        if not to:
            raise NotSetUpError("BALIE_WATCH_MAILBOX names no mailbox")
        server = Server.from_url(self.server or settings.SMTP_URL)
        client = server.client(context=_tls(server), our_name=settings.MAIL_DOMAIN, timeout_s=self.within_s * 2)
        try:
            where = f"{server.hostname}:{server.port or client.port}"
            await steps.take(f"connecting to {where} and its greeting", client.connect())
            await steps.take("EHLO", client.ehlo())
            await steps.take("MAIL FROM", client.mail(parseaddr(settings.MAIL_FROM)[1]))
            await steps.take("RCPT TO", client.rcpt(to))
            answer = await steps.take("DATA", client.data(write_mail(to)))
        finally:
            hang_up(client)
        return f"{where} took a mail in {steps.took_ms} ms: {answer.code} {answer.message}"


class Arrival(Probe, frozen=True):
    """Does what was handed over arrive in `folder`, a Maildir? `age_s`: how long ago the latest that did may have left.

    What it has seen it takes away: the mailbox is the watch's own, and stays small.
    """

    kind: ClassVar[str] = "arrival"

    folder: str = ""
    age_s: Seconds = ARRIVAL_LIMIT_S

    async def walk(self, steps: Steps) -> str:
        folder = self.folder or settings.WATCH_MAILDIR
        if not folder:
            raise NotSetUpError("BALIE_WATCH_MAILDIR names no mailbox")
        since = _looks_since.setdefault(self, time.time())
        looking = asyncio.to_thread(collect, Path(folder), since=time.time() - _REMEMBERED * self.age_s)
        left = await steps.take("looking into the mailbox", looking)
        late_s = time.time() - (left or since)
        said = f"the latest mail that arrived left {late_s:.0f} s ago" if left else "no mail has arrived"
        if late_s > self.age_s:
            raise Unwell(f"{said}; {self.age_s:g} s are allowed")
        return said


def write_mail(to: str) -> bytes:
    """A mail that says when it left, asks for no answer, and looks like nothing else of ours."""
    message = EmailMessage(policy=email.policy.SMTP)
    message["From"], message["To"] = settings.MAIL_FROM, to
    message["Subject"] = f"Balie watch, {time.time():.3f}"
    message["Date"] = format_datetime(localtime())
    message["Message-ID"] = make_msgid("watch", domain=settings.MAIL_DOMAIN)
    message["Auto-Submitted"] = "auto-generated"
    message.set_content("A mail of the watch to itself, to see that mail arrives.\n")
    return message.as_bytes()


def hang_up(client: SMTP) -> None:
    """At once, whatever state the connection is in: a good-bye would wait for the very stall that made us leave."""
    transport = client.transport
    client.close()
    if isinstance(transport, asyncio.WriteTransport):
        transport.abort()


def collect(folder: Path, *, since: float) -> float | None:
    """When the latest mail of the watch in this Maildir left, of those that came after `since`; both in seconds since
    1970. Older ones are taken away.
    """
    seen: dict[Path, float] = {}
    for path in [*folder.glob("new/*"), *folder.glob("cur/*")]:
        with suppress(FileNotFoundError):  # whoever reads this mailbox may move its mails
            if _came_at(path) >= since and (found := SUBJECT.search(_beginning(path))):
                seen[path] = float(found[1])
    latest = max(seen.values(), default=None)
    for path, left in seen.items():
        if left != latest:
            path.unlink(missing_ok=True)
    return latest


def _came_at(path: Path) -> float:
    """Names in a Maildir begin with the second at which they were given."""
    second = path.name.partition(".")[0]
    return float(second) if second.isdecimal() else path.stat().st_mtime


def _beginning(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEADERS_MOST)


@cache
def _tls(server: Server) -> ssl.SSLContext:
    return server.context()
