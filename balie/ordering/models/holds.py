"""The permanent hold rows of a practice in a campaign: its lock, and what it has in its window now; and the log."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from balie.ordering.models.campaigns import Campaign
from balie.practices.models import Practice


class Hold(models.Model):
    """What a practice holds for one order. The lines stand in parallel arrays, one entry a line.

    There is a row for each of its orders, see `Order.slot`. That of the first is the lock of the practice: who changes
    any of its orders has it.

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

    pk = models.CompositePrimaryKey("campaign_id", "practice_id", "slot")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, db_index=False)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, db_index=False)
    slot = models.SmallIntegerField(default=0, db_default=0)
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
    blocked = models.BooleanField(default=False, db_default=False, help_text="the organiser lets it order nothing")

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


class HoldLog(models.Model):
    """What practices asked of their holds and heard, one row a batch, the practices in parallel arrays.

    Written by the hold SQL in the transaction it tells of, and never changed. It costs one insert per batch: there is
    no check of the campaign and no index on the practices. Who asks what one practice went through reads all rows of
    the campaign, some ten thousand after a night.
    """

    class Act(models.TextChoices):
        HOLD = "hold"
        CONFIRM = "confirm"
        RELEASE = "release"
        LAPSE = "lapse"
        EXTEND = "extend"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    act = models.TextField(choices=Act.choices)
    at = models.DateTimeField(help_text="wall time at which the batch was settled")
    service_at = models.DateTimeField(help_text="the service clock at that moment")
    practices = ArrayField(models.BigIntegerField())
    keys = ArrayField(models.UUIDField(), null=True, help_text="hold, confirm: what was asked for")
    actors = ArrayField(models.BigIntegerField(null=True), null=True, help_text="hold, confirm: who asked")
    elapsed_ms = ArrayField(models.IntegerField(), null=True, help_text="hold, confirm: since the request reached us")
    outcomes = ArrayField(models.TextField(), null=True, help_text="hold, confirm: as in docs/spec/live.md")
    ends = ArrayField(models.DateTimeField(null=True), null=True, help_text="of the windows, by the service clock")
    details = ArrayField(
        models.JSONField(null=True), null=True, help_text="hold: the days that are held or were full, or what was wrong"
    )

    class Meta:
        db_table = "ordering_hold_log"
