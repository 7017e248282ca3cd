"""The front door of the outbox: write a mail in your own transaction, and see what became of it."""

import uuid
from dataclasses import asdict, dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection

from balie.lib.sqlfiles import read_sql
from balie.mail.models import ACCOUNT_MESSAGE, MailState, OutboxMail
from balie.mail.rendering import Rendered

__all__ = ["ACCOUNT_MESSAGE", "Backlog", "MailState", "MailStatus", "backlog", "enqueue", "mail_states"]


@dataclass(frozen=True)
class MailStatus:
    """One mail as its sender sees it. `answer` is the mail server's last one, word for word."""

    kind: str
    recipient: str
    state: MailState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    sent_at: datetime | None
    answer: str


@dataclass(frozen=True)
class Backlog:
    """Counts of mails; `oldest_s` is how many seconds the oldest of the waiting ones waits, 0 when none does."""

    expected: int
    accepted: int
    waiting: int
    failed: int
    oldest_s: float


def enqueue(
    *, kind: str, reference: str, recipient: str, message_id: str | None = None, body: Rendered | None = None
) -> str:
    """Write one mail to one recipient in the caller's transaction; it leaves only after that commits.

    The same `message_id` to the same recipient is one mail, however often it is enqueued. Returns the message id.
    Only an ACCOUNT_MESSAGE has a `body`; every other kind is rendered from its reference when it is sent.
    """
    if (kind == ACCOUNT_MESSAGE) != (body is not None):
        raise ValueError(f"A body belongs to {ACCOUNT_MESSAGE}, and to nothing else; this is {kind}.")
    message_id = message_id or f"{uuid.uuid4()}@{settings.MAIL_DOMAIN}"
    mail = OutboxMail(
        kind=kind,
        reference=reference,
        recipient=recipient,
        message_id=message_id,
        body=asdict(body) if body else None,
    )
    OutboxMail.objects.bulk_create([mail], ignore_conflicts=True)
    return message_id


def mail_states(*, reference: str) -> list[MailStatus]:
    """Every mail about `reference`, oldest first."""
    rows = OutboxMail.objects.filter(reference=reference).order_by("id")
    return [
        MailStatus(
            kind=row.kind,
            recipient=row.recipient,
            state=MailState(row.state),
            attempts=row.attempts,
            created_at=row.created_at,
            next_attempt_at=row.next_attempt_at,
            sent_at=row.sent_at,
            answer=row.answer,
        )
        for row in rows
    ]


def backlog(*, kind: str, since: datetime) -> Backlog:
    """How the mails of one kind that were written since a moment stand."""
    with connection.cursor() as cursor:
        cursor.execute(read_sql("mail", "backlog"), {"kind": kind, "since": since})
        expected, accepted, waiting, failed, oldest_s = cursor.fetchone()
    return Backlog(expected, accepted, waiting, failed, oldest_s)
