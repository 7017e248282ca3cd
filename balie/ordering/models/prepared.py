"""What a practice puts ready before the night."""

from typing import Final

from django.db import models

from balie.ordering.models.campaigns import Campaign, Product
from balie.practices.models import Location, Person, Practice

# Kinds of mails and of text messages alike; their reference is the prepared order's id.
NOT_PLACED: Final = "prepared_not_placed"
MISSED: Final = "prepared_missed"


class PreparedOrder(models.Model):
    """Doses per product and address, the days a practice would like, best first, and who will place the order.

    `auto` says what Balie does when the practice's number is called, see `sql/place_prepared_v1.sql`:

    off       nothing; the practice orders itself
    one_day   everything on the first day of the ranking that has room for all of it
    parts     the same; if there is no such day, each address, and else each line, on a first day of its own

    The practice's hold row is its lock: who changes `auto` has that row, and so has who places.
    """

    class Auto(models.TextChoices):
        OFF = "off"
        ONE_DAY = "one_day"
        PARTS = "parts"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="prepared")
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="prepared")
    saved_at = models.DateTimeField(auto_now=True)
    saved_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True)
    auto = models.TextField(choices=Auto.choices, default=Auto.OFF, db_default=Auto.OFF)
    auto_set_at = models.DateTimeField(null=True)
    auto_set_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True, related_name="+")
    failed_at = models.DateTimeField(null=True, help_text="when Balie first tried to place it and could not")
    failure = models.TextField(blank=True, default="", db_default="", help_text="why not: the outcome of the hold SQL")
    missed_at = models.DateTimeField(null=True, help_text="when ordering had closed without an order, and it was told")

    class Meta:
        db_table = "ordering_prepared_order"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "practice"], name="ordering_prepared_order_once"),
            models.CheckConstraint(
                condition=models.Q(auto="off") | models.Q(auto__in=["one_day", "parts"], auto_set_at__isnull=False),
                name="ordering_prepared_order_auto_is_known",
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "practice"],
                condition=models.Q(auto__in=["one_day", "parts"]),
                name="ordering_prepared_order_auto",
            )
        ]


class PreparedLine(models.Model):
    """Doses of one product for one address."""

    prepared = models.ForeignKey(PreparedOrder, on_delete=models.CASCADE, related_name="lines")
    product = models.ForeignKey(Product, on_delete=models.CASCADE)
    location = models.ForeignKey(Location, on_delete=models.CASCADE)
    doses = models.PositiveIntegerField()

    class Meta:
        db_table = "ordering_prepared_line"
        constraints = [
            models.UniqueConstraint(fields=["prepared", "product", "location"], name="ordering_prepared_line_once")
        ]


class RankedDay(models.Model):
    """One wish: 1 is the practice's first choice."""

    prepared = models.ForeignKey(PreparedOrder, on_delete=models.CASCADE, related_name="ranking")
    rank = models.PositiveSmallIntegerField()
    day = models.DateField()

    class Meta:
        db_table = "ordering_ranked_day"
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["prepared", "rank"], name="ordering_ranked_day_rank_once"),
            models.UniqueConstraint(fields=["prepared", "day"], name="ordering_ranked_day_day_once"),
        ]
