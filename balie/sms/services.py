"""The front door of the outbox of text messages: whether there is a gateway, and what became of a text.

Rows are written by whoever causes them, in SQL: `insert into sms_outbox (kind, reference, once, recipient)`.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings

from balie.sms.models import OutboxText, TextState

__all__ = ["TextState", "TextStatus", "has_gateway", "text_states"]


@dataclass(frozen=True)
class TextStatus:
    """One text message as its sender sees it. `answer` is what was last heard of the gateway."""

    kind: str
    recipient: str
    state: TextState
    attempts: int
    created_at: datetime
    next_attempt_at: datetime
    settled_at: datetime | None
    answer: str


def has_gateway() -> bool:
    """Whether this installation sends text messages at all."""
    return bool(settings.SMS_URL)


def text_states(*, kinds: tuple[str, ...], reference: str) -> list[TextStatus]:
    """Every text message of these kinds about `reference`, oldest first."""
    return [
        TextStatus(
            kind=row.kind,
            recipient=row.recipient,
            state=TextState(row.state),
            attempts=row.attempts,
            created_at=row.created_at,
            next_attempt_at=row.next_attempt_at,
            settled_at=row.settled_at,
            answer=row.answer,
        )
        for row in OutboxText.objects.filter(kind__in=kinds, reference=reference).order_by("id")
    ]
