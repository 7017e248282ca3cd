"""Delivery days and what is taken of them. The hot SQL writes these rows; Python only reads them."""

from django.db import models

from balie.ordering.models.campaigns import Campaign


class DeliveryDay(models.Model):
    """A day on which lorries drive, with its two limits. Taken counts holds and orders alike, in one number each.

    The row is the lock of everything that is taken of the day, `Stop` included.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="days", db_index=False)
    day = models.DateField()
    doses_limit = models.IntegerField()
    addresses_limit = models.IntegerField()
    doses_taken = models.IntegerField(default=0)
    addresses_taken = models.IntegerField(default=0)

    class Meta:
        db_table = "ordering_delivery_day"
        ordering = ["day"]
        constraints = [
            models.UniqueConstraint(fields=["campaign", "day"], name="ordering_delivery_day_once"),
            models.CheckConstraint(
                condition=models.Q(doses_taken__gte=0, doses_taken__lte=models.F("doses_limit")),
                name="ordering_delivery_day_doses_within_limit",
            ),
            models.CheckConstraint(
                condition=models.Q(addresses_taken__gte=0, addresses_taken__lte=models.F("addresses_limit")),
                name="ordering_delivery_day_addresses_within_limit",
            ),
        ]


class Stop(models.Model):
    """How many held and ordered lines go to one address on one day; the lorry stops there while it is above zero.

    No constraint to the campaign: it would cost a check per line on the hot path, and the day's row is there already.
    """

    pk = models.CompositePrimaryKey("campaign_id", "location_id", "day")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    location_id = models.BigIntegerField()
    day = models.DateField()
    uses = models.IntegerField()

    class Meta:
        db_table = "ordering_stop"
        constraints = [models.CheckConstraint(condition=models.Q(uses__gte=0), name="ordering_stop_uses_not_negative")]
