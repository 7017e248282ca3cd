"""From words to a message that any mail server takes: headers, envelope and bytes.

The same row gives the same Message-ID and Date however often it is sent, so that whoever receives a copy can tell that
it is one; the envelope sender differs by round only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

import structlog
from django.conf import settings
from django.utils import timezone

from balie.mail.bounce_address import Round, bounce_address

log = structlog.get_logger()

# With its base64 well below the ten million bytes that some mail servers still hold to.
MOST_ATTACHED = 5 * 2**20


class BadAddressError(ValueError):
    """No mail can go there, today or ever; the text says so as a mail server would, with its code (RFC 3463)."""


@dataclass(frozen=True)
class Attachment:
    """A file that goes with a mail, e.g. of `application/pdf`; `details` are further words of its type."""

    name: str
    media_type: str
    content: bytes = field(repr=False)
    details: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Rendered:
    """The words of one mail. `html` is a whole document, or empty for a mail of text only."""

    subject: str
    text: str
    html: str
    language: str = "nl"
    attachments: Sequence[Attachment] = ()


@dataclass(frozen=True)
class Parcel:
    """What goes over the wire: the two addresses of the envelope, and the content with CRLF line ends, in ASCII."""

    sender: str
    recipient: str
    content: bytes


def pack(rendered: Rendered, *, sent: Round, message_id: str, recipient: str, written_at: datetime) -> Parcel:
    """The parcel for one row of the outbox. Raises BadAddressError, and ValueError for a line end in the subject."""
    message = compose(rendered, message_id=message_id, recipient=recipient, written_at=written_at)
    return Parcel(bounce_address(sent), ascii_address(recipient), message.as_bytes())


def compose(rendered: Rendered, *, message_id: str, recipient: str, written_at: datetime) -> EmailMessage:
    """The message as people see it, whichever way it travels. Raises as `pack` does."""
    message = EmailMessage(policy=SMTP)
    message["Message-ID"] = f"<{message_id}>"
    message["Date"] = timezone.localtime(written_at)
    message["From"] = settings.MAIL_FROM
    message["To"] = Address(addr_spec=ascii_address(recipient))
    message["Subject"] = rendered.subject
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: no out-of-office replies, please
    # Quoted-printable keeps every line short and in ASCII, so no server on the way has to be asked what it can do.
    message.set_content(rendered.text, charset="utf-8", cte="quoted-printable")
    if rendered.html:
        message.add_alternative(rendered.html, subtype="html", charset="utf-8", cte="quoted-printable")
    for file in _bearable(rendered.attachments, message_id):
        maintype, _, subtype = file.media_type.partition("/")
        message.add_attachment(file.content, maintype, subtype, filename=file.name, params=dict(file.details))
    message["Content-Language"] = rendered.language  # last: each new content takes the Content-… headers with it
    return message


def _bearable(files: Sequence[Attachment], message_id: str) -> Sequence[Attachment]:
    """The files, or none where they are so large that a mail server would refuse the words with them."""
    size = sum(len(file.content) for file in files)
    if size <= MOST_ATTACHED:
        return files
    log.error("mail_attachments_too_large", message=message_id, bytes=size)
    return ()


def ascii_address(address: str) -> str:
    """The address with its domain as DNS knows it; BadAddressError, also when its local part would need SMTPUTF8."""
    local, _, domain = address.rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode('ascii')}"
        plain.encode("ascii")
        return Address(addr_spec=plain).addr_spec
    except (ValueError, IndexError, MessageError) as error:
        words = f"5.1.3 {address!r} is not an e-mail address that every mail server takes."
        raise BadAddressError(words) from error
