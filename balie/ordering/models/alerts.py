"""When the lorry comes: the time that a practice is told beforehand."""

from typing import Final

from django.db import models

from balie.ordering.models.consignments import Consignment
from balie.practices.models import Person

# The kind of mail that tells a practice its time; its reference is `alert:`, the consignment's key, `:` and `told`.
PRE_ALERT: Final = "pre_alert"


class PreAlert(models.Model):
    """Between which times of its day a consignment comes, in the Netherlands.

    `revision` counts the times that were given; `told_revision` is the one that was mailed last, the `told`th mail.
    """

    consignment = models.OneToOneField(Consignment, on_delete=models.CASCADE, related_name="pre_alert")
    starts = models.TimeField()
    ends = models.TimeField()
    revision = models.PositiveIntegerField(default=1)
    given_at = models.DateTimeField()
    given_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    told = models.PositiveIntegerField(default=0)
    told_revision = models.PositiveIntegerField(default=0)

    class Meta:
        db_table = "ordering_pre_alert"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(starts__lt=models.F("ends")), name="ordering_pre_alert_starts_before_it_ends"
            ),
            models.CheckConstraint(
                condition=models.Q(told_revision__lte=models.F("revision"), told__lte=models.F("told_revision")),
                name="ordering_pre_alert_tells_what_was_given",
            ),
        ]
        indexes = [
            models.Index(
                fields=["id"],
                condition=models.Q(told_revision__lt=models.F("revision")),
                name="ordering_pre_alert_untold",
            )
        ]
