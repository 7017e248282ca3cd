"""What the embedded mail server does with mail to mailboxes that are not there: it brings it back, as others do.

An address that begins with `bounce` is one; with `bounce-vol` the mailbox is full. The report (RFC 3464) goes to the
envelope sender, by LMTP, as soon as somebody listens there.
"""

import asyncio
import smtplib
from collections.abc import Mapping
from dataclasses import dataclass
from email.message import EmailMessage, Message
from email.policy import SMTP
from typing import Any

from aiosmtpd.smtp import Envelope

_EVERY_S = 1.0
_TRIES = 120

# Part of the address before the @, its status, and what the mail server says of it.
_TROUBLES = (
    ("bounce-vol", "5.2.2", "552 5.2.2 Mailbox is full"),
    ("bounce", "5.1.1", "550 5.1.1 No such mailbox"),
)


@dataclass(frozen=True)
class Returned:
    """One mail on its way back, about one recipient."""

    recipient: str
    to: str
    status: str
    words: str
    original: bytes

    def report(self) -> bytes:
        """The notification, with the headers of the mail that it is about."""
        message = EmailMessage(policy=SMTP)
        message["From"] = "MAILER-DAEMON@localhost"
        message["To"] = self.to
        message["Subject"] = "Undelivered mail"
        message["Auto-Submitted"] = "auto-replied"
        message.set_content(f"Your mail did not reach {self.recipient}: {self.words}\n")
        message.make_mixed()
        headers, _, _ = self.original.partition(b"\r\n\r\n")
        about = {"Final-Recipient": f"rfc822; {self.recipient}", "Action": "failed", "Status": self.status}
        groups = [{"Reporting-MTA": "dns; localhost"}, {**about, "Diagnostic-Code": f"smtp; {self.words}"}]
        message.attach(_part("message/delivery-status", [_group(fields) for fields in groups]))
        message.attach(_part("text/rfc822-headers", headers.decode("ascii", "replace") + "\r\n"))
        message.replace_header("Content-Type", "multipart/report; report-type=delivery-status")
        return message.as_bytes()


def returned(envelope: Envelope) -> list[Returned]:
    """What of this mail comes back; nothing when it says that nothing may (an empty envelope sender)."""
    sender, original = envelope.mail_from, envelope.original_content or b""
    if not sender or sender == "<>":
        return []
    troubles = ((recipient, trouble) for recipient in envelope.rcpt_tos if (trouble := _trouble(recipient)))
    return [
        Returned(recipient=recipient, to=sender, status=status, words=words, original=original)
        for recipient, (_, status, words) in troubles
    ]


async def bring(returned: Returned, *, host: str, port: int) -> None:
    """Hand it over, again and again until somebody takes or refuses it."""
    for _ in range(_TRIES):
        try:
            await asyncio.to_thread(_hand_over, returned, host, port)
        except (smtplib.SMTPException, OSError):
            await asyncio.sleep(_EVERY_S)
        else:
            return


def _trouble(recipient: str) -> tuple[str, str, str] | None:
    return next((each for each in _TROUBLES if recipient.lower().startswith(each[0])), None)


def _hand_over(returned: Returned, host: str, port: int) -> None:
    with smtplib.LMTP(host, port, local_hostname="localhost") as client:
        client.sendmail("", [returned.to], returned.report())


def _part(media_type: str, content: Any) -> EmailMessage:
    part = EmailMessage(policy=SMTP)
    part["Content-Type"] = media_type
    part.set_payload(content)
    return part


def _group(fields: Mapping[str, str]) -> Message:
    group = Message()
    for name, value in fields.items():
        group[name] = value
    return group
