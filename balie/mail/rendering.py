"""From words to a message that any mail server takes: headers, envelope and bytes.

The same row gives the same Message-ID, Date and envelope sender however often it is sent, so that whoever receives a
copy can tell that it is one.
"""

from dataclasses import dataclass
from datetime import datetime
from email.errors import MessageError
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP

from django.conf import settings
from django.utils import timezone
from django.utils.crypto import salted_hmac

_TAG_LETTERS = 16


class BadAddressError(ValueError):
    """No mail can go there, today or ever; the text says so for people."""


@dataclass(frozen=True)
class Rendered:
    """The words of one mail. `html` is a whole document, or empty for a mail of text only."""

    subject: str
    text: str
    html: str
    language: str = "nl"


@dataclass(frozen=True)
class Parcel:
    """What goes over the wire: the two addresses of the envelope, and the content with CRLF line ends, in ASCII."""

    sender: str
    recipient: str
    content: bytes


def pack(rendered: Rendered, *, mail_id: int, message_id: str, recipient: str, written_at: datetime) -> Parcel:
    """The parcel for one row of the outbox. Raises BadAddressError, and ValueError for a line end in the subject."""
    message = compose(rendered, message_id=message_id, recipient=recipient, written_at=written_at)
    return Parcel(envelope_sender(mail_id), ascii_address(recipient), message.as_bytes())


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
    message["Content-Language"] = rendered.language  # last: each new content takes the Content-… headers with it
    return message


def envelope_sender(mail_id: int) -> str:
    """Where a bounce of this very mail goes (VERP): `bounces+<row>-<tag>@domain`, in lower case and digits only.

    The tag keeps strangers from inventing bounces.
    """
    tag = salted_hmac("balie.mail.verp", str(mail_id), algorithm="sha256").hexdigest()[:_TAG_LETTERS]
    return f"bounces+{mail_id}-{tag}@{settings.MAIL_DOMAIN}"


def ascii_address(address: str) -> str:
    """The address with its domain as DNS knows it; BadAddressError, also when its local part would need SMTPUTF8."""
    local, _, domain = address.rpartition("@")
    try:
        plain = f"{local}@{domain.encode('idna').decode('ascii')}"
        plain.encode("ascii")
        return Address(addr_spec=plain).addr_spec
    except (ValueError, IndexError, MessageError) as error:
        raise BadAddressError(f"{address!r} is not an e-mail address that every mail server takes.") from error
