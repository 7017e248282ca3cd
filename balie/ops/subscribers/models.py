"""Who wants to hear of outages, and everything that went to them."""

from typing import Final

from django.db import models
from django.db.models import Q

from balie.ops.incidents.models import Update
from balie.ops.oncall.models import Delivery

GONE: Final = Q(left_at__isnull=False)


class Subscriber(models.Model):
    """One address by one channel. It counts once somebody who reads there has `confirmed_at`.

    `components` are the functions that they want to hear of; empty: all. Whoever left is a number without an address.
    """

    class Channel(models.TextChoices):
        MAIL = "mail"
        WEBHOOK = "webhook"
        POST = "post"

    channel = models.TextField(choices=Channel)
    address = models.TextField()
    language = models.TextField()
    components = models.JSONField(default=list)
    secret = models.TextField(default="", help_text="by which a webhook knows that it is us")
    asked_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "ops_subscriber"
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address"],
                condition=Q(confirmed_at__isnull=False, left_at=None),
                name="ops_one_subscriber_at_an_address",
            ),
            models.CheckConstraint(condition=~GONE | Q(address="", secret=""), name="ops_who_left_has_no_address"),
        ]


class Spread(models.Model):
    """That an update has been written down for all who should have it."""

    update_told = models.OneToOneField(Update, on_delete=models.PROTECT, related_name="spread")

    class Meta:
        db_table = "ops_spread"


class Sending(Delivery):
    """One message to a subscriber: an update, or (none) the question whether they meant to subscribe."""

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="sendings")
    update_told = models.ForeignKey(Update, on_delete=models.PROTECT, null=True, related_name="sendings")

    class Meta:
        db_table = "ops_sending"
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "update_told"], name="ops_one_sending_of_an_update"),
            models.UniqueConstraint(
                fields=["subscriber"], condition=Q(update_told=None), name="ops_one_question_of_a_subscriber"
            ),
        ]
