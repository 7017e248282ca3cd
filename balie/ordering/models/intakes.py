"""What a practice found when a delivery came."""

from django.db import models
from django.db.models import F, Q

from balie.ordering.models.campaigns import Product
from balie.ordering.models.consignments import Consignment
from balie.practices.models import Person


class Intake(models.Model):
    """What somebody of the practice says of one consignment, once; `revision` counts corrections, which the log keeps.

    whole      everything is there and in order
    differs    something is short, too much or damaged; the lines say what
    not_come   nothing came; it is offered again on the next working day

    `cold` is how the cold chain was judged, by the rules of `rules_version` of the campaign; who reports after `due_at`
    says why.
    """

    class Outcome(models.TextChoices):
        WHOLE = "whole"
        DIFFERS = "differs"
        NOT_COME = "not_come"

    class Cold(models.TextChoices):
        KEPT = "kept"
        BROKEN = "broken"
        NONE = "none"

    class Indicator(models.TextChoices):
        GOOD = "good"
        TRIPPED = "tripped"
        ABSENT = "absent"

    consignment = models.OneToOneField(Consignment, on_delete=models.CASCADE, related_name="intake")
    rules_version = models.PositiveIntegerField()
    outcome = models.TextField(choices=Outcome.choices)
    cold = models.TextField(choices=Cold.choices)
    indicator = models.TextField(choices=Indicator.choices, blank=True, default="")
    temperature = models.DecimalField(
        max_digits=4, decimal_places=1, null=True, help_text="°C, the furthest from right"
    )
    warm_minutes = models.PositiveIntegerField(null=True, help_text="how long it was warm")
    fridge_minutes = models.PositiveIntegerField(null=True, help_text="from the lorry into the fridge")
    story = models.TextField(blank=True, default="", help_text="how the cold chain was broken")
    reach = models.TextField(blank=True, default="", help_text="whom to phone about that, and where")
    set_apart = models.BooleanField(default=False, help_text="the doses lie apart and are not used")
    reason = models.TextField(blank=True, default="", help_text="why it was said late")
    due_at = models.DateTimeField(help_text="until then it is said in time")
    said_at = models.DateTimeField()
    said_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    revision = models.PositiveIntegerField(default=0)
    changed_at = models.DateTimeField(null=True)
    changed_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)

    class Meta:
        db_table = "ordering_intake"
        constraints = [
            models.CheckConstraint(
                condition=Q(outcome="not_come", cold="none")
                | Q(outcome__in=["whole", "differs"], cold__in=["kept", "broken"]),
                name="ordering_intake_judges_what_came",
            ),
            models.CheckConstraint(
                condition=~Q(cold="broken") | (~Q(story="") & ~Q(reach="") & Q(set_apart=True)),
                name="ordering_intake_broken_is_told",
            ),
            models.CheckConstraint(
                condition=Q(reason__gt="")
                | Q(said_at__lte=F("due_at"), changed_at__isnull=True)
                | Q(said_at__lte=F("due_at"), changed_at__lte=F("due_at")),
                name="ordering_intake_late_has_a_reason",
            ),
            models.CheckConstraint(
                condition=Q(revision=0, changed_at__isnull=True) | Q(revision__gt=0, changed_at__isnull=False),
                name="ordering_intake_change_has_its_time",
            ),
        ]


class IntakeLine(models.Model):
    """Doses of a product in a consignment: how many should have come, how many did, how many of those are damaged."""

    intake = models.ForeignKey(Intake, on_delete=models.CASCADE, related_name="lines", db_index=False)
    product = models.ForeignKey(Product, on_delete=models.PROTECT, db_index=False, related_name="+")
    expected = models.PositiveIntegerField()
    received = models.PositiveIntegerField()
    damaged = models.PositiveIntegerField(default=0)
    batch_no = models.TextField(blank=True, default="")

    class Meta:
        db_table = "ordering_intake_line"
        ordering = ["product__position"]
        constraints = [
            models.UniqueConstraint(fields=["intake", "product"], name="ordering_intake_line_once"),
            models.CheckConstraint(
                condition=Q(damaged__lte=F("received")), name="ordering_intake_line_damage_was_received"
            ),
        ]

    @property
    def usable(self) -> int:
        """Doses that came in one piece."""
        return self.received - self.damaged
