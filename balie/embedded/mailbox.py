"""The mails that the embedded mail server took, for the demo's mailbox page. `sink.py` writes the Maildir."""

import mailbox
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from email.parser import BytesHeaderParser, BytesParser
from email.policy import default
from functools import lru_cache
from pathlib import Path


class NoSuchMailError(LookupError):
    """No mail has this key."""


@dataclass(frozen=True)
class Heading:
    """A mail in the list."""

    key: str
    arrived_at: datetime
    recipient: str
    subject: str


@dataclass(frozen=True)
class File:
    """What came with a mail."""

    name: str
    media_type: str
    content: bytes

    @property
    def size(self) -> int:
        return len(self.content)


@dataclass(frozen=True)
class Letter:
    """A mail, opened. `html` is empty for a mail of text only."""

    heading: Heading
    headers: list[tuple[str, str]]
    text: str
    html: str
    files: list[File]


def folder() -> Path:
    """Where the embedded mail server keeps its mails."""
    return Path(os.environ["BALIE_DEMO_MAILDIR"])


def list_mails(folder: Path, *, words: str) -> list[Heading]:
    """Newest first; only those with all the words in their address or subject."""
    headings = [_heading(path) for path in folder.glob("new/*")]
    wanted = words.casefold().split()
    found = [each for each in headings if all(word in f"{each.recipient} {each.subject}".casefold() for word in wanted)]
    return sorted(found, key=lambda each: each.arrived_at, reverse=True)


def open_mail(folder: Path, key: str) -> Letter:
    """One mail. Raises NoSuchMailError."""
    try:
        content = mailbox.Maildir(folder, create=False).get_bytes(key)
    except (KeyError, mailbox.NoSuchMailboxError):
        raise NoSuchMailError(key) from None
    message = BytesParser(policy=default).parsebytes(content)
    return Letter(
        heading=_heading(folder / "new" / key),
        headers=[(name, str(value)) for name, value in message.items()],
        text=_part(message, "plain"),
        html=_part(message, "html"),
        files=[_file(part) for part in message.iter_attachments()],
    )


@lru_cache(maxsize=50_000)
def _heading(path: Path) -> Heading:
    """A mail never changes once it is there, so each is read once."""
    with path.open("rb") as file:
        headers = BytesHeaderParser(policy=default).parse(file)
        arrived_at = datetime.fromtimestamp(os.fstat(file.fileno()).st_mtime, UTC)
    return Heading(path.name, arrived_at, recipient=str(headers["To"] or ""), subject=str(headers["Subject"] or ""))


def _file(part: EmailMessage) -> File:
    content = part.get_payload(decode=True)
    return File(part.get_filename() or "", part.get_content_type(), content if isinstance(content, bytes) else b"")


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()) if part is not None else ""
