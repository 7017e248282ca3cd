"""Orders: final, numbered and visible the moment their transaction commits (P1)."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext as _

from balie.ordering.models.campaigns import Campaign, Product
from balie.practices.models import Location, Person, Practice

# The kind of mail that the confirm SQL writes with an order; its reference is the order's number.
ORDER_CONFIRMATION: Final = "order_confirmation"
# The kind of text message about an order that Balie placed; its reference is the same.
ORDER_PLACED: Final = "order_placed"
# The kind of mail that the cancel SQL writes; its reference is the number of the order that was.
ORDER_CANCELLED: Final = "order_cancelled"
# The kind of mail that the change SQL writes; its reference is the order's number, a colon and the revision.
ORDER_CHANGED: Final = "order_changed"


FIRST, PRE_DELIVERY, REORDERS = 0, 1, 2


class Kind(models.TextChoices):
    """Of orders; `sql/slots_v1.sql` says which slot is of which."""

    FIRST = "first"
    PRE_DELIVERY = "pre_delivery"
    REORDER = "reorder"


def kind_of(slot: int) -> Kind:
    """What stands in that slot."""
    return {FIRST: Kind.FIRST, PRE_DELIVERY: Kind.PRE_DELIVERY}.get(slot, Kind.REORDER)


def slot_name(slot: int) -> str:
    """How people call what stands there."""
    if slot < REORDERS:
        return _("Voorlevering") if slot == PRE_DELIVERY else _("Eerste bestelling")
    return _("Nabestelling %(number)s") % {"number": slot - REORDERS + 1}


class Order(models.Model):
    """An established order. Written by the confirm SQL, which makes the number from the id, and by the change SQL.

    A practice has one order in a `slot` of a campaign: 0 is its first order, 1 its pre-delivery, and from 2 on come its
    re-orders. `revision` is how often it was changed; whoever changes names the one that they saw.
    `hold_key` is chosen by a client: it is unique within the practice and promises nothing beyond.
    Every index costs each order of the night; there are no more than the pages need.
    """

    number = models.TextField(help_text="what people say aloud, e.g. B27-01198")
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="orders", db_index=False)
    campaign_version = models.PositiveIntegerField()
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="orders")
    slot = models.SmallIntegerField(default=0, db_default=0)
    hold_key = models.UUIDField()
    placed_at = models.DateTimeField(help_text="wall time of the commit, for people")
    placed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, db_index=False)
    revision = models.PositiveIntegerField(default=0, db_default=0)
    changed_at = models.DateTimeField(null=True, help_text="wall time of the last change, for people")
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")

    class Meta:
        db_table = "ordering_order"
        constraints = [
            models.UniqueConstraint(fields=["number"], name="ordering_order_number_once"),
            models.UniqueConstraint(fields=["campaign", "practice", "slot"], name="ordering_order_once_per_slot"),
            models.CheckConstraint(condition=models.Q(slot__gte=0), name="ordering_order_slot_is_known"),
        ]
        indexes = [models.Index(fields=["campaign", "id"], name="ordering_order_of_campaign")]

    def __str__(self) -> str:
        return self.number

    @property
    def kind(self) -> Kind:
        """What kind of order it is."""
        return kind_of(self.slot)

    @property
    def slot_name(self) -> str:
        """How people call it."""
        return slot_name(self.slot)

    @property
    def mail_kind(self) -> str:
        """Of the mail that says what the order is now."""
        return ORDER_CHANGED if self.revision else ORDER_CONFIRMATION

    @property
    def mail_reference(self) -> str:
        """Of that mail."""
        return f"{self.number}:{self.revision}" if self.revision else self.number


class OrderLine(models.Model):
    """So many doses of one product to one address on one day. The address is a copy: locations may change later."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="lines")
    day = models.DateField()
    product = models.ForeignKey(Product, on_delete=models.PROTECT, db_index=False)
    doses = models.PositiveIntegerField()
    location = models.ForeignKey(Location, on_delete=models.SET_NULL, null=True, db_index=False)
    address = models.TextField()

    class Meta:
        db_table = "ordering_order_line"
        ordering = ["day", "product", "address"]
        indexes = [models.Index(fields=["day"], name="ordering_order_line_day")]


class CancelledOrder(models.Model):
    """An order as it was when it was cancelled, with its lines in parallel arrays. Written by the cancel SQL only.

    It is kept apart: whatever counts, shows or confirms orders sees those that stand and no others (decision 0019).
    """

    number = models.TextField(unique=True)
    campaign = models.ForeignKey(Campaign, on_delete=models.PROTECT, related_name="cancelled_orders", db_index=False)
    campaign_version = models.PositiveIntegerField()
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="cancelled_orders")
    slot = models.SmallIntegerField(default=0, db_default=0)
    hold_key = models.UUIDField()
    placed_at = models.DateTimeField()
    placed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    line_day = ArrayField(models.DateField())
    line_product = ArrayField(models.BigIntegerField())
    line_doses = ArrayField(models.IntegerField())
    line_location = ArrayField(models.BigIntegerField(null=True))
    line_address = ArrayField(models.TextField())
    cancelled_at = models.DateTimeField(help_text="wall time of the commit, for people")
    cancelled_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, db_index=False, related_name="+")
    granted = models.BooleanField(help_text="after the free limit, by the organiser")
    fee_cents = models.PositiveIntegerField()
    reason = models.TextField(blank=True)

    class Meta:
        db_table = "ordering_cancelled_order"

    def __str__(self) -> str:
        return self.number

    @property
    def kind(self) -> Kind:
        """What kind of order it was."""
        return kind_of(self.slot)

    @property
    def slot_name(self) -> str:
        """How people called it."""
        return slot_name(self.slot)
