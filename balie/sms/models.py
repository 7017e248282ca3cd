"""The outbox of text messages: a row is written in the transaction that causes one; `balie work` sends it later."""

from django.db import models
from django.db.models.functions import Now


class TextState(models.TextChoices):
    """What is known about one text message; `sent` means that the gateway took it. None says that a phone got it."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class OutboxText(models.Model):
    """One text message to one number. As with mails, nothing here judges: it must not undo what caused it."""

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField(help_text="which renderer writes it, e.g. order_placed")
    reference = models.TextField(help_text="what it is about, e.g. an order number")
    once = models.TextField(help_text="the occasion, of which there is one text, e.g. order_placed:B27-01198")
    recipient = models.TextField(help_text="as E.164 writes it: +31612345678")
    state = models.TextField(choices=TextState.choices, default=TextState.QUEUED, db_default=TextState.QUEUED)
    attempts = models.IntegerField(
        default=0, db_default=0, help_text="how often it was taken; the fence of one attempt"
    )
    next_attempt_at = models.DateTimeField(db_default=Now())
    taken_until = models.DateTimeField(null=True, help_text="a worker is sending it; after this another may")
    taken_by = models.TextField(blank=True, default="", db_default="")
    created_at = models.DateTimeField(db_default=Now())
    settled_at = models.DateTimeField(null=True, help_text="when it was sent or given up")
    answer = models.TextField(blank=True, default="", db_default="", help_text="what the gateway said, for people")

    class Meta:
        db_table = "sms_outbox"
        constraints = [
            models.UniqueConstraint(fields=["once"], name="sms_outbox_once"),
            models.CheckConstraint(condition=models.Q(state__in=TextState.values), name="sms_outbox_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(state="queued", settled_at__isnull=True)
                | models.Q(state__in=["sent", "failed"], settled_at__isnull=False),
                name="sms_outbox_settled_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(taken_until__isnull=True, taken_by="")
                | (models.Q(state="queued", taken_until__isnull=False) & ~models.Q(taken_by="")),
                name="sms_outbox_taken_only_while_queued",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="queued"), name="sms_outbox_due"),
            models.Index(fields=["reference"], name="sms_outbox_reference"),
        ]
