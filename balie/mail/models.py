"""The outbox: a row is written in the transaction that causes the mail; `balie work` sends it afterwards."""

from django.db import models


class MailState(models.TextChoices):
    """What is known about one mail; `sent` means that a mail server took responsibility for it."""

    QUEUED = "queued"
    SENT = "sent"
    BOUNCED = "bounced"
    FAILED = "failed"


class OutboxMail(models.Model):
    """One mail to one recipient. Copies of one message share `message_id`, whoever they go to and however often."""

    id = models.BigAutoField(primary_key=True)
    kind = models.TextField(help_text="which renderer writes it, e.g. order_confirmation")
    reference = models.TextField(help_text="what it is about, e.g. an order number")
    recipient = models.TextField()
    message_id = models.TextField()
    state = models.TextField(choices=MailState.choices, default=MailState.QUEUED)
    attempts = models.IntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    taken_until = models.DateTimeField(null=True, help_text="a worker is sending it; after this another may")
    taken_by = models.TextField(blank=True, default="")
    created_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    answer = models.TextField(blank=True, default="", help_text="the mail server's last answer, for people")

    class Meta:
        db_table = "mail_outbox"
        constraints = [
            models.UniqueConstraint(fields=["message_id", "recipient"], name="mail_outbox_once_per_recipient"),
            models.CheckConstraint(condition=models.Q(state__in=MailState.values), name="mail_outbox_state_is_known"),
            models.CheckConstraint(
                condition=models.Q(state="sent", sent_at__isnull=False) | ~models.Q(state="sent"),
                name="mail_outbox_sent_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="queued"), name="mail_outbox_due"),
            models.Index(fields=["reference"], name="mail_outbox_reference"),
        ]
