"""What the lorry brings: orders as they were handed to the distributor, day by day, address by address."""

from django.contrib.postgres.fields import ArrayField
from django.db import models

from balie.ordering.models.campaigns import Campaign
from balie.practices.models import Location, Person, Practice


class DayFile(models.Model):
    """A version of a day's file for the distributor, as it was signed and handed out. Rows are only ever added."""

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="day_files", db_index=False)
    day = models.DateField()
    version = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    content = models.TextField(help_text="byte for byte, in UTF-8")
    signature = models.TextField(help_text="a compact JWS")

    class Meta:
        db_table = "ordering_day_file"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "day", "version"], name="ordering_day_file_version_once"),
        ]


class MissedDelivery(models.Model):
    """A day on which the lorry came for a consignment and nobody was there; it is offered again.

    Once a day at most: whoever notes it twice has noted it once.
    """

    consignment = models.ForeignKey("Consignment", on_delete=models.PROTECT, related_name="missed", db_index=False)
    day = models.DateField()
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)

    class Meta:
        db_table = "ordering_missed_delivery"
        constraints = [
            models.UniqueConstraint(fields=["consignment", "day"], name="ordering_missed_delivery_once_a_day"),
        ]


class Consignment(models.Model):
    """What one order brings to one address on one day, as the last file of that day says.

    Its goods are in parallel arrays. It is withdrawn when a later version of the file no longer has it.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="consignments", db_index=False)
    day = models.DateField()
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="consignments")
    number = models.TextField(help_text="of the order, which may be cancelled by now")
    address = models.TextField()
    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, db_index=False)
    line_product = ArrayField(models.BigIntegerField())
    line_doses = ArrayField(models.IntegerField())
    withdrawn = models.BooleanField(default=False)

    class Meta:
        db_table = "ordering_consignment"
        ordering = ["day", "practice__name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["number", "day", "address"], name="ordering_consignment_once"),
        ]
        indexes = [models.Index(fields=["campaign", "day"], name="ordering_consignment_day")]
