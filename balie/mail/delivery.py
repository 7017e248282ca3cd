"""One attempt to hand one mail to the mail server, and what came of it.

Before the final dot every step has a short timeout: nothing is lost by trying again. After it the server may already
have taken the mail, so hanging up early makes copies: RFC 5321 (4.5.3.2.6) asks for ten minutes of patience there.
"""

import asyncio
import re
import ssl
from dataclasses import dataclass, field
from enum import Enum, auto
from urllib.parse import unquote, urlsplit

from aiosmtplib import SMTP, SMTPException, SMTPRecipientRefused, SMTPResponseException, SMTPServerDisconnected

from balie.mail.rendering import Parcel

_GO_AHEAD = 354
# Answers about us or about the server itself, wherever they come: closing down, or it wants other credentials.
_NOT_ABOUT_THE_MAIL = {421, 530, 534, 535, 538}


class Verdict(Enum):
    """What is known after an attempt."""

    ACCEPTED = auto()  # the server took responsibility
    REFUSED = auto()  # it never will (5xx)
    DEFERRED = auto()  # not now (4xx)
    UNREACHED = auto()  # the server did not get as far as judging this mail
    UNKNOWN = auto()  # the content was there, the answer did not come: it may have been accepted


@dataclass(frozen=True)
class Outcome:
    """`answer` is for people: the server's words, or ours when there are none."""

    verdict: Verdict
    answer: str


@dataclass(frozen=True)
class Server:
    """The mail server that takes everything from us."""

    hostname: str
    port: int | None
    username: str | None
    password: str | None = field(repr=False)
    tls: bool

    @classmethod
    def from_url(cls, url: str) -> "Server":
        """From `smtp://user:password@host:port`; `smtps://` speaks TLS from the first byte."""
        parts = urlsplit(url)
        if parts.scheme not in {"smtp", "smtps"} or not parts.hostname:
            raise ValueError("BALIE_SMTP_URL must look like smtp://host:port or smtps://user:password@host:port.")
        username = unquote(parts.username) if parts.username else None
        password = unquote(parts.password) if parts.password else None
        return cls(parts.hostname, parts.port, username, password, tls=parts.scheme == "smtps")

    def context(self) -> ssl.SSLContext:
        """How its certificate is judged. Made once: reading the list of authorities takes tens of milliseconds."""
        context = ssl.create_default_context()
        if not self.tls and self.username is None:
            # TLS that the server offers and we did not ask for: unverified, it is still better than none (RFC 7435).
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        return context

    def client(self, *, context: ssl.SSLContext, our_name: str, timeout_s: float) -> SMTP:
        """A client that is not connected yet. A password never travels in the clear: STARTTLS is a must with one."""
        return SMTP(
            hostname=self.hostname,
            port=self.port,
            username=self.username,
            password=self.password,
            local_hostname=our_name,
            timeout=timeout_s,
            use_tls=self.tls,
            start_tls=False if self.tls else (True if self.username else None),
            tls_context=context,
        )


class Delivery:
    """One attempt. `dot` is done as soon as the content with its final dot has been handed over."""

    def __init__(self, client: SMTP, parcel: Parcel, *, answer_s: float) -> None:
        self.dot: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._client = client
        self._parcel = parcel
        self._answer_s = answer_s

    async def attempt(self) -> Outcome:
        """Go through the whole dialogue; never raises for what a server or a network may do."""
        try:
            await self._until_dot()
            code, text = await self._answer()
        except SMTPRecipientRefused as error:
            return self._judged(error.code, error.message)
        except (SMTPException, OSError) as error:
            return self._cut_short(_words(error))
        finally:
            self.hang_up()
        return self._judged(code, text)

    def overdue(self) -> Outcome:
        """The outcome for who stops waiting for this attempt."""
        return self._cut_short("no answer in time")

    def hang_up(self) -> None:
        """Let go of the connection at once, whatever state it is in."""
        transport = self._client.transport
        self._client.close()
        if isinstance(transport, asyncio.WriteTransport) and transport.get_write_buffer_size():
            transport.abort()  # closing alone would wait for a server that does not read

    async def _until_dot(self) -> None:
        client, parcel = self._client, self._parcel
        await client.connect()
        await client.mail(parcel.sender)
        await client.rcpt(parcel.recipient)
        code, text = await client.execute_command(b"DATA")
        if code != _GO_AHEAD:
            raise SMTPRecipientRefused(code, text, parcel.recipient)
        if client.protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        # `client.data()` has one timeout for the go-ahead, the content and the answer; ours differ.
        client.protocol.write(_stuffed(parcel.content))
        self.dot.set_result(None)

    async def _answer(self) -> tuple[int, str]:
        protocol = self._client.protocol
        if protocol is None:
            raise SMTPServerDisconnected("Connection lost")
        code, text = await protocol.read_response(timeout=self._answer_s)
        if protocol.is_connected:
            protocol.write(b"QUIT\r\n")  # polite; its answer is not worth waiting for
        return code, text

    def _judged(self, code: int, text: str) -> Outcome:
        """From the server's answer to the recipient or to the content."""
        answer = f"{code} {' '.join(text.split())}"
        if code in _NOT_ABOUT_THE_MAIL:
            return Outcome(Verdict.UNREACHED, answer)
        by_class = {2: Verdict.ACCEPTED, 4: Verdict.DEFERRED, 5: Verdict.REFUSED}
        verdict = by_class.get(code // 100)
        return Outcome(verdict, answer) if verdict else self._cut_short(answer)

    def _cut_short(self, words: str) -> Outcome:
        return Outcome(Verdict.UNKNOWN if self.dot.done() else Verdict.UNREACHED, words)


def _stuffed(content: bytes) -> bytes:
    """The content with leading dots doubled and the final dot (RFC 5321, 4.5.2); its line ends are CRLF already."""
    end = b"" if content.endswith(b"\r\n") else b"\r\n"
    return re.sub(rb"(?m)^\.", b"..", content) + end + b".\r\n"


def _words(error: Exception) -> str:
    if isinstance(error, SMTPResponseException):
        return f"{error.code} {' '.join(error.message.split())}"
    return str(error) or type(error).__name__
