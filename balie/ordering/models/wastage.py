"""Doses that were not given: what the rules say of them, and what practices account for."""

from django.db import models
from django.db.models import F, Q

from balie.ordering.models.campaigns import Campaign, Product
from balie.practices.models import Person, Practice


class WastageAccount(models.Model):
    """What a practice says became of its doses, once a campaign; `revision` counts corrections, which the log keeps.

    Judged by the rules of `rules_version`. `last_on` is the Dutch day of the last word; after `due_on` it has a reason.
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="wastage_accounts", db_index=False)
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="wastage_accounts")
    rules_version = models.PositiveIntegerField()
    due_on = models.DateField()
    last_on = models.DateField()
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    revision = models.PositiveIntegerField(default=0)
    reason = models.TextField(blank=True, default="", help_text="why it was said late")

    class Meta:
        db_table = "ordering_wastage_account"
        constraints = [
            models.UniqueConstraint(fields=["campaign", "practice"], name="ordering_wastage_account_once"),
            models.CheckConstraint(
                condition=Q(last_on__lte=F("due_on")) | ~Q(reason=""), name="ordering_wastage_account_late_has_a_reason"
            ),
        ]


class WastageLine(models.Model):
    """Of one product, in doses: what came in order (`received`) and what lay apart because it was too warm or cold;
    `carried` over from an earlier year; given to people; still there, and how many of those are past their date.

    `wasted` and `charged` follow from these by the rules, at `price_cents` a dose.
    """

    account = models.ForeignKey(WastageAccount, on_delete=models.CASCADE, related_name="lines", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="+", db_index=False)
    received = models.PositiveIntegerField()
    apart = models.PositiveIntegerField(default=0)
    carried = models.PositiveIntegerField(default=0)
    administered = models.PositiveIntegerField()
    left = models.PositiveIntegerField()
    expired = models.PositiveIntegerField(default=0)
    wasted = models.PositiveIntegerField()
    allowed = models.PositiveIntegerField()
    charged = models.PositiveIntegerField()
    price_cents = models.PositiveIntegerField()

    class Meta:
        db_table = "ordering_wastage_line"
        ordering = ["product__position"]
        constraints = [
            models.UniqueConstraint(fields=["account", "product"], name="ordering_wastage_line_once"),
            models.CheckConstraint(
                condition=Q(administered__lte=F("received") + F("apart") + F("carried") - F("left")),
                name="ordering_wastage_line_gives_what_came",
            ),
            models.CheckConstraint(
                condition=Q(expired__lte=F("left"), wasted__lte=F("received") + F("carried")),
                name="ordering_wastage_line_wastes_what_was_there",
            ),
            models.CheckConstraint(
                condition=Q(charged=0) | Q(charged=F("wasted") - F("allowed")),
                name="ordering_wastage_line_charges_what_is_over",
            ),
        ]

    @property
    def cents(self) -> int:
        """What this costs the practice."""
        return self.charged * self.price_cents
