"""Who wants to hear of outages, and everything that went to them."""

from datetime import datetime
from typing import Final

from django.db import models
from django.db.models import Q

from balie.ops.incidents.models import Update
from balie.ops.maintenance.models import MaintenanceAct
from balie.ops.oncall.models import Delivery

GONE: Final = Q(left_at__isnull=False)
QUESTION: Final = Q(update_told=None, act_told=None)


class Subscriber(models.Model):
    """One address by one channel. It counts once somebody who reads there has `confirmed_at`.

    `components` are the functions that they want to hear of; empty: all. Whoever left is a number without an address,
    and so is whose address turned out to be there no longer (`lost`).
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
    lost = models.BooleanField(default=False)

    class Meta:
        db_table = "ops_subscriber"
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "address"],
                condition=Q(confirmed_at__isnull=False, left_at=None),
                name="ops_one_subscriber_at_an_address",
            ),
            models.CheckConstraint(condition=~GONE | Q(address="", secret=""), name="ops_who_left_has_no_address"),
            models.CheckConstraint(condition=Q(lost=False) | GONE, name="ops_who_is_lost_has_left"),
        ]


class Spread(models.Model):
    """That an update, or what was done with planned maintenance, has been written down for all who should have it."""

    update_told = models.OneToOneField(Update, on_delete=models.PROTECT, null=True, related_name="spread")
    act_told = models.OneToOneField(MaintenanceAct, on_delete=models.PROTECT, null=True, related_name="spread")

    class Meta:
        db_table = "ops_spread"
        constraints = [
            models.CheckConstraint(
                condition=Q(update_told__isnull=False, act_told=None) | Q(update_told=None, act_told__isnull=False),
                name="ops_spread_of_one_telling",
            )
        ]


class Sending(Delivery):
    """One message to a subscriber: an update, what was done with planned maintenance, or (neither) the question whether
    they meant to subscribe.
    """

    subscriber = models.ForeignKey(Subscriber, on_delete=models.CASCADE, related_name="sendings")
    update_told = models.ForeignKey(Update, on_delete=models.PROTECT, null=True, related_name="sendings")
    act_told = models.ForeignKey(MaintenanceAct, on_delete=models.PROTECT, null=True, related_name="sendings")

    class Meta:
        db_table = "ops_sending"
        constraints = [
            models.UniqueConstraint(fields=["subscriber", "update_told"], name="ops_one_sending_of_an_update"),
            models.UniqueConstraint(fields=["subscriber", "act_told"], name="ops_one_sending_of_an_act"),
            models.UniqueConstraint(fields=["subscriber"], condition=QUESTION, name="ops_one_question_of_a_subscriber"),
            models.CheckConstraint(
                condition=Q(update_told=None) | Q(act_told=None), name="ops_sending_tells_one_thing"
            ),
        ]

    @property
    def asks(self) -> bool:
        """It is the question."""
        return self.update_told_id is None and self.act_told_id is None

    @property
    def of_at(self) -> datetime:
        """When what it tells was said, or asked."""
        told = self.update_told or self.act_told
        return told.at if told else self.subscriber.asked_at
