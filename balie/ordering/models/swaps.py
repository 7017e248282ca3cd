"""Standing swaps: what an order should become as soon as it fits; until then the practice keeps what it has."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models

from balie.ordering.models.campaigns import Campaign
from balie.practices.models import Person, Practice

# The kind of mail that says that a swap came to nothing; its reference is `swap:` and the swap's id.
SWAP_LAPSED: Final = "swap_lapsed"


class Swap(models.Model):
    """What the order with this number should become. Served by `balie work`, in the order of the waiting room.

    open       waits for room
    served     done, by the change SQL
    withdrawn  by the practice
    overtaken  the order was changed or cancelled in another way meanwhile
    lapsed     the free limit passed, or the rules no longer allow it; a mail says so
    """

    class State(models.TextChoices):
        OPEN = "open"
        SERVED = "served"
        WITHDRAWN = "withdrawn"
        OVERTAKEN = "overtaken"
        LAPSED = "lapsed"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="swaps")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="swaps")
    number = models.TextField(help_text="of the order that it is about")
    revision = models.PositiveIntegerField(help_text="of that order, when they asked")
    line_day = ArrayField(models.DateField())
    line_product = ArrayField(models.BigIntegerField())
    line_doses = ArrayField(models.IntegerField())
    line_location = ArrayField(models.BigIntegerField())
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    settled_at = models.DateTimeField(null=True, help_text="wall time, under the locks of what settled it")

    class Meta:
        db_table = "ordering_swap"
        constraints = [
            models.UniqueConstraint(fields=["number"], condition=models.Q(state="open"), name="ordering_swap_one_open"),
            models.CheckConstraint(
                condition=models.Q(state="open", settled_at__isnull=True)
                | (
                    models.Q(state__in=["served", "withdrawn", "overtaken", "lapsed"])
                    & models.Q(settled_at__isnull=False)
                ),
                name="ordering_swap_settled_has_its_time",
            ),
        ]
