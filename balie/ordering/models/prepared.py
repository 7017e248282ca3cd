"""What a practice puts ready before the night."""

from django.db import models

from balie.ordering.models.campaigns import Campaign, Product
from balie.practices.models import Location, Person, Practice


class PreparedOrder(models.Model):
    """Doses per product and address, and the days a practice would like, best first."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="prepared")
    practice = models.ForeignKey(Practice, on_delete=models.CASCADE, related_name="prepared")
    saved_at = models.DateTimeField(auto_now=True)
    saved_by = models.ForeignKey(Person, on_delete=models.SET_NULL, null=True)

    class Meta:
        db_table = "ordering_prepared_order"
        constraints = [models.UniqueConstraint(fields=["campaign", "practice"], name="ordering_prepared_order_once")]


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
