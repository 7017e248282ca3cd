"""Where a practice wants to be told, and each telling."""

import uuid
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

MOST: Final = 5  # of one practice


class Webhook(models.Model):
    """An address that is told of what happens to the practice's orders. One that has ended stays, for its log.

    Its secret can be read here: whoever signs must have it. After a rotation the old one signs beside it until
    `old_until`.
    """

    practice = models.ForeignKey("practices.Practice", on_delete=models.PROTECT, related_name="webhooks")
    url = models.TextField()
    secret = models.TextField()
    old_secret = models.TextField(default="", db_default="")
    old_until = models.DateTimeField(null=True)
    made_at = models.DateTimeField(db_default=Now())
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "practices_webhook"
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "url"], condition=models.Q(ended_at=None), name="practices_webhook_once"
            )
        ]


class DeliveryState(models.TextChoices):
    """`sent`: it was taken with a 2xx."""

    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"


class WebhookDelivery(models.Model):
    """One telling, written by a trigger in the transaction of what it tells (`sql/webhooks_v1.sql`).

    `message` is the same however often it is sent. What happened is an act of the log: `kind` is its action.
    """

    webhook = models.ForeignKey(Webhook, on_delete=models.PROTECT, related_name="deliveries", db_index=False)
    message = models.UUIDField(default=uuid.uuid4, db_default=models.Func(function="gen_random_uuid"))
    kind = models.TextField()
    subject = models.TextField(help_text="the order's number")
    at = models.DateTimeField()
    state = models.TextField(choices=DeliveryState.choices, db_default=DeliveryState.QUEUED)
    attempts = models.IntegerField(db_default=0, help_text="how often it was taken; the fence of one attempt")
    next_attempt_at = models.DateTimeField(db_default=Now())
    taken_until = models.DateTimeField(null=True)
    taken_by = models.TextField(db_default="")
    settled_at = models.DateTimeField(null=True)
    answer = models.TextField(db_default="", help_text="what was last heard, for people")

    class Meta:
        db_table = "practices_webhook_delivery"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="queued", settled_at__isnull=True)
                | models.Q(state__in=["sent", "failed"], settled_at__isnull=False),
                name="practices_webhook_delivery_settled_has_its_time",
            ),
        ]
        indexes = [
            models.Index(fields=["webhook", "-id"], name="practices_webhook_log"),
            models.Index(fields=["next_attempt_at"], condition=models.Q(state="queued"), name="practices_webhook_due"),
        ]
