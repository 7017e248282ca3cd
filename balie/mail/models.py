"""The outbox: a row is written in the transaction that causes the mail; `balie work` sends it afterwards."""

from typing import Final

from django.db import models
from django.db.models.functions import Now

ACCOUNT_MESSAGE: Final = "account_message"


class MailState(models.TextChoices):
    """What is known about one mail; `sent` means that a mail server took responsibility for it."""

    QUEUED = "queued"
    SENT = "sent"
    BOUNCED = "bounced"
    FAILED = "failed"


class OutboxMail(models.Model):
    """One mail to one recipient. Copies of one message share `message_id`, whoever they go to and however often.

    Nothing here judges the address or the words: the row is written inside other people's transactions, an order's
    above all, and a mail must never undo those. What cannot be sent fails later, alone, in the worker.
    """

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField(help_text="which renderer writes it, e.g. order_confirmation")
    reference = models.TextField(help_text="what it is about, e.g. an order number")
    recipient = models.TextField()
    message_id = models.TextField(help_text="without angle brackets")
    body = models.JSONField(
        null=True,
        help_text="subject, text and html of an account_message, which no renderer can make again; may hold a secret "
        "link, so it is there only until the mail has left",
    )
    state = models.TextField(choices=MailState.choices, default=MailState.QUEUED, db_default=MailState.QUEUED)
    attempts = models.IntegerField(
        default=0, db_default=0, help_text="how often it was taken; the fence of one attempt"
    )
    next_attempt_at = models.DateTimeField(db_default=Now())
    taken_until = models.DateTimeField(null=True, help_text="a worker is sending it; after this another may")
    taken_by = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())
    round = models.PositiveSmallIntegerField(
        default=1, db_default=1, help_text="how often somebody asked for it; a bounce counts for its own round only"
    )
    requested_at = models.DateTimeField(db_default=Now(), help_text="when this round was asked for")
    sent_at = models.DateTimeField(null=True)
    undelivered_at = models.DateTimeField(null=True, help_text="when we learnt that it will not arrive")
    answer = models.TextField(
        blank=True, default="", db_default="", help_text="the mail server's last answer, for people"
    )
    trace = models.TextField(
        blank=True, default="", db_default="", help_text="the request that asked for it, in a trace (a traceparent)"
    )

    class Meta:
        db_table = "mail_outbox"
        constraints = [
            models.UniqueConstraint(fields=["message_id", "recipient"], name="mail_outbox_once_per_recipient"),
            models.CheckConstraint(condition=models.Q(state__in=MailState.values), name="mail_outbox_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(state__in=["sent", "bounced"], sent_at__isnull=False)
                | models.Q(state__in=["queued", "failed"], sent_at__isnull=True),
                name="mail_outbox_sent_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["failed", "bounced"], undelivered_at__isnull=False)
                | models.Q(state__in=["queued", "sent"], undelivered_at__isnull=True),
                name="mail_outbox_undelivered_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(taken_until__isnull=True, taken_by="")
                | (models.Q(state="queued", taken_until__isnull=False) & ~models.Q(taken_by="")),
                name="mail_outbox_taken_only_while_queued",
            ),
            models.CheckConstraint(
                condition=models.Q(
                    kind=ACCOUNT_MESSAGE,
                    state="queued",
                    body__isnull=False,
                    body__has_keys=["subject", "text", "html"],
                )
                | (models.Q(body__isnull=True) & ~models.Q(kind=ACCOUNT_MESSAGE, state="queued")),
                name="mail_outbox_body_while_account_message_waits",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="queued"), name="mail_outbox_due"),
            models.Index(fields=["reference"], name="mail_outbox_reference"),
            models.Index(
                fields=["undelivered_at"],
                condition=models.Q(undelivered_at__isnull=False),
                name="mail_outbox_undelivered",
            ),
        ]
