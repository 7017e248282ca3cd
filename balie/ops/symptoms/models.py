"""What users told us, word for word, for as long as it is of use."""

from typing import Final

from django.db import models

from balie.ops.incidents.models import Incident
from balie.ops.maintenance.models import Maintenance

UNEXPLAINED: Final = models.Q(incident=None, maintenance=None)


class Symptom(models.Model):
    """Somebody says that something does not work.

    `reference` is new for each, so that one that is sent twice is one. `practice` is whose person it was, if they were
    logged in; `source` tells others apart: a person, or a network. `what` is a function, or empty. It belongs to the
    `incident` that explains it, once that is known, or to the `maintenance` that went on when it came.
    """

    reference = models.TextField(unique=True)
    at = models.DateTimeField()
    source = models.TextField()
    practice = models.BigIntegerField(null=True)
    what = models.TextField(default="")
    since = models.DateTimeField()
    text = models.TextField()
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="symptoms")
    maintenance = models.ForeignKey(Maintenance, on_delete=models.PROTECT, null=True, related_name="symptoms")

    class Meta:
        db_table = "ops_symptom"
        indexes = [models.Index(fields=["at"], condition=UNEXPLAINED, name="ops_symptom_unexplained")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(incident=None) | models.Q(maintenance=None), name="ops_symptom_belongs_to_one"
            )
        ]

    @property
    def number(self) -> str:
        """What people call it."""
        return f"M-{self.pk:03}"
