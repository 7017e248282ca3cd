"""The front door of the outbox: write a mail in your own transaction, and see what became of it."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F, QuerySet
from django.db.models.functions import Now

from balie.lib.numbers import ASKED
from balie.mail.models import ACCOUNT_MESSAGE, MailState, OutboxMail
from balie.mail.rendering import Rendered
from balie.mail.troubles import Trouble, is_delay, trouble_of

__all__ = [
    "ACCOUNT_MESSAGE",
    "MailState",
    "MailStatus",
    "Trouble",
    "enqueue",
    "lock_mails",
    "mail_states",
    "mails_in_trouble",
    "send_again",
]

_WORDS = ("subject", "text", "html", "language")


@dataclass(frozen=True)
class MailStatus:
    """One mail as its sender sees it. `answer` is the last mail server's, word for word.

    `trouble` is why it will not arrive, where it will not; `delayed`: the server that took it has it still.
    """

    id: int
    kind: str
    reference: str
    recipient: str
    state: MailState
    attempts: int
    round: int
    created_at: datetime
    requested_at: datetime
    next_attempt_at: datetime
    sent_at: datetime | None
    undelivered_at: datetime | None
    answer: str

    @property
    def trouble(self) -> Trouble | None:
        return trouble_of(self.answer) if self.undelivered_at else None

    @property
    def delayed(self) -> bool:
        return self.state is MailState.SENT and is_delay(self.answer)


def enqueue(
    *, kind: str, reference: str, recipient: str, message_id: str | None = None, body: Rendered | None = None
) -> str:
    """Write one mail to one recipient in the caller's transaction; it leaves only after that commits.

    The same `message_id` to the same recipient is one mail, however often it is enqueued. Returns the message id.
    Only an ACCOUNT_MESSAGE has a `body`, of words alone; any other kind is rendered from its reference when it is sent.
    """
    if (kind == ACCOUNT_MESSAGE) != (body is not None):
        raise ValueError(f"A body belongs to {ACCOUNT_MESSAGE}, and to nothing else; this is {kind}.")
    message_id = message_id or f"{uuid.uuid4()}@{settings.MAIL_DOMAIN}"
    mail = OutboxMail(
        kind=kind,
        reference=reference,
        recipient=recipient,
        message_id=message_id,
        body={name: getattr(body, name) for name in _WORDS} if body else None,
        trace=ASKED.get().trace,
    )
    OutboxMail.objects.bulk_create([mail], ignore_conflicts=True)
    return message_id


def mail_states(*, reference: str) -> list[MailStatus]:
    """Every mail about `reference`, oldest first."""
    return _statuses(OutboxMail.objects.filter(reference=reference).order_by("id"))


def mails_in_trouble(*, kind: str) -> list[MailStatus]:
    """Every mail of one kind about whatever has at least one of them that failed or came back."""
    ours = OutboxMail.objects.filter(kind=kind)
    about = ours.filter(undelivered_at__isnull=False).values("reference")
    return _statuses(ours.filter(reference__in=about).order_by("id"))


def lock_mails(*, reference: str) -> list[MailStatus]:
    """As `mail_states`; until the caller's transaction ends, nobody else changes these mails or sees them so."""
    return _statuses(OutboxMail.objects.filter(reference=reference).order_by("id").select_for_update(no_key=True))


def send_again(*, reference: str, recipient: str) -> bool:
    """Queue a mail that has left or failed once more, in the caller's transaction; false when there is none such.

    It is the same message to the same recipient, so it keeps its Message-ID: a mailbox that has it already may show it
    once. A bounce of the round before counts no longer.
    """
    again = OutboxMail.objects.filter(reference=reference, recipient=recipient)
    again = again.exclude(state=MailState.QUEUED).exclude(kind=ACCOUNT_MESSAGE)  # whose words are forgotten
    changed = again.update(
        state=MailState.QUEUED,
        round=F("round") + 1,
        requested_at=Now(),
        next_attempt_at=Now(),
        sent_at=None,
        undelivered_at=None,
        answer="",
        trace=ASKED.get().trace,
    )
    return changed > 0


def _statuses(rows: QuerySet[OutboxMail]) -> list[MailStatus]:
    return [
        MailStatus(
            id=row.id,
            kind=row.kind,
            reference=row.reference,
            recipient=row.recipient,
            state=MailState(row.state),
            attempts=row.attempts,
            round=row.round,
            created_at=row.created_at,
            requested_at=row.requested_at,
            next_attempt_at=row.next_attempt_at,
            sent_at=row.sent_at,
            undelivered_at=row.undelivered_at,
            answer=row.answer,
        )
        for row in rows
    ]
