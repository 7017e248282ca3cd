"""The one permanent hold row of a practice in a campaign: its lock, and what it has in its window now."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from balie.ordering.models.campaigns import Campaign
from balie.practices.models import Practice


class Hold(models.Model):
    """What a practice holds. The lines stand in parallel arrays, one entry a line.

    none      nothing asked yet, or given back
    held      capacity is taken until `expires_at` on the service clock (and until swept)
    lapsed    the sweeper gave the capacity back; the lines stay, so that a click that was in time can take it again
    ordered   the order with this `hold_key` exists
    """

    class State(models.TextChoices):
        NONE = "none"
        HELD = "held"
        LAPSED = "lapsed"
        ORDERED = "ordered"

    pk = models.CompositePrimaryKey("campaign_id", "practice_id")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, db_index=False)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, db_index=False)
    state = models.TextField(choices=State.choices, default=State.NONE)
    hold_key = models.UUIDField(null=True, help_text="chosen by the client, one per request to hold")
    held_at = models.DateTimeField(null=True, help_text="service time at which the request reached us")
    expires_at = models.DateTimeField(null=True, help_text="service time at which the window ends")
    held_by = models.BigIntegerField(null=True, help_text="person")
    line_day = ArrayField(models.DateField(), default=list)
    line_product = ArrayField(models.BigIntegerField(), default=list)
    line_doses = ArrayField(models.IntegerField(), default=list)
    line_location = ArrayField(models.BigIntegerField(), default=list)
    version = models.BigIntegerField(default=0, help_text="grows with every change; other tabs listen to it")

    class Meta:
        db_table = "ordering_hold"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="none") | models.Q(hold_key__isnull=False, expires_at__isnull=False),
                name="ordering_hold_has_key_and_end",
            ),
        ]
        indexes = [
            models.Index(fields=["campaign", "expires_at"], condition=models.Q(state="held"), name="ordering_hold_open")
        ]
