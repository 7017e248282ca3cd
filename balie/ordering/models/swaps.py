"""The line of all who wait for room: standing swaps, and wishes of practices that have no order."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models

from balie.ordering.models.campaigns import Campaign
from balie.practices.models import Person, Practice

# Kinds of mails about a swap, with `swap:` and its id as reference: it came to nothing, of an order or of who has none;
# there is an offer; that was not taken in time.
SWAP_LAPSED: Final = "swap_lapsed"
WISH_LAPSED: Final = "wish_lapsed"
WISH_OFFERED: Final = "wish_offered"
OFFER_LAPSED: Final = "offer_lapsed"


class Swap(models.Model):
    """What the order with this number should become; without a number, what a practice that has none would order.

    Served by `balie work`, in the order of the waiting room, as soon as it fits. An order is then changed, and keeps
    what it has until then; who has none is offered it for some time.

    open       waits for room
    offered    what it asks for is taken, and kept for the practice until `offer_ends_at`
    served     done, by the change SQL; or the offer was taken, and the order `placed`
    withdrawn  by the practice, or the offer was refused
    overtaken  the order was changed or cancelled in another way meanwhile; who had none has ordered
    lapsed     the free limit passed, the rules no longer allow it, or the offer was not taken; a mail says so
    """

    class State(models.TextChoices):
        OPEN = "open"
        OFFERED = "offered"
        SERVED = "served"
        WITHDRAWN = "withdrawn"
        OVERTAKEN = "overtaken"
        LAPSED = "lapsed"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="swaps", db_index=False)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="swaps")
    number = models.TextField(help_text="of the order that it is about; empty of who has none")
    revision = models.PositiveIntegerField(help_text="of that order, when they asked")
    line_day = ArrayField(models.DateField())
    line_product = ArrayField(models.BigIntegerField())
    line_doses = ArrayField(models.IntegerField())
    line_location = ArrayField(models.BigIntegerField())
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    settled_at = models.DateTimeField(null=True, help_text="wall time, under the locks of what settled it")
    # Written by the database as the row comes (`sql/swaps_v2.sql`).
    place = models.IntegerField(default=0, db_default=0, help_text="number in the waiting room; the largest: none")
    first_day = models.DateField(null=True, help_text="that would differ; the free limit is judged by it")
    offered_at = models.DateTimeField(null=True)
    offer_ends_at = models.DateTimeField(null=True)
    offer_key = models.UUIDField(null=True, help_text="of the hold that becomes the order")
    placed = models.TextField(default="", db_default="", help_text="number of the order that the offer became")

    class Meta:
        db_table = "ordering_swap"
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=models.Q(state="open") & ~models.Q(number=""),
                name="ordering_swap_one_open",
            ),
            models.UniqueConstraint(
                fields=["campaign", "practice"],
                condition=models.Q(number="", state__in=["open", "offered"]),
                name="ordering_swap_one_wish",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=["open", "offered"], settled_at__isnull=True)
                | (
                    models.Q(state__in=["served", "withdrawn", "overtaken", "lapsed"])
                    & models.Q(settled_at__isnull=False)
                ),
                name="ordering_swap_settled_has_its_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="offered")
                | models.Q(number="", offered_at__isnull=False, offer_ends_at__isnull=False, offer_key__isnull=False),
                name="ordering_swap_offer_has_its_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["campaign", "place", "id"], condition=models.Q(state="open"), name="ordering_swap_line"
            ),
            models.Index(fields=["offer_ends_at"], condition=models.Q(state="offered"), name="ordering_swap_offers"),
        ]


class SwapNeed(models.Model):
    """What an open swap needs more of than its order has, on one of its `days`. Written by the database alone."""

    swap = models.ForeignKey(Swap, on_delete=models.CASCADE, related_name="needs")
    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, db_constraint=False, db_index=False)
    day = models.DateField()
    doses = models.BigIntegerField()
    addresses = models.IntegerField()
    days = models.IntegerField(help_text="on how many days it needs more")

    class Meta:
        db_table = "ordering_swap_need"
        indexes = [models.Index(fields=["campaign", "day", "doses"], name="ordering_swap_need_fits")]
