"""What practices ask of the organiser about an order when the free limit is past."""

from typing import Final

from django.contrib.postgres.fields import ArrayField
from django.db import models

from balie.ordering.models.campaigns import Campaign
from balie.practices.models import Person, Practice

# The kind of mail that says no; its reference is `request:` and the request's id.
REQUEST_REFUSED: Final = "request_refused"


class LateRequest(models.Model):
    """Somebody of a practice asks for what is no longer free, at a fee that they saw; the organiser decides.

    open       nobody has decided yet
    granted    done, in the transaction that granted it
    refused    `answer` says why
    withdrawn  by the practice
    overtaken  the order was cancelled, or changed, in another way meanwhile

    Who asks for a change says what the order should be: `revision` of it and the lines, in parallel arrays.
    """

    class Kind(models.TextChoices):
        CANCEL = "cancel"
        CHANGE = "change"

    class State(models.TextChoices):
        OPEN = "open"
        GRANTED = "granted"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"
        OVERTAKEN = "overtaken"

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="late_requests")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="late_requests")
    number = models.TextField(help_text="of the order that it is about, which may be cancelled by now")
    kind = models.TextField(choices=Kind.choices)
    fee_cents = models.PositiveIntegerField(help_text="as it was shown to who asked")
    reason = models.TextField(help_text="why the practice asks")
    asked_at = models.DateTimeField()
    asked_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.TextField(choices=State.choices, default=State.OPEN)
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="+", db_index=False)
    answer = models.TextField(blank=True, default="", help_text="what the organiser says to the practice")
    revision = models.PositiveIntegerField(default=0, db_default=0, help_text="of the order, when they asked")
    line_day = ArrayField(models.DateField(), default=list, db_default=[])
    line_product = ArrayField(models.BigIntegerField(), default=list, db_default=[])
    line_doses = ArrayField(models.IntegerField(), default=list, db_default=[])
    line_location = ArrayField(models.BigIntegerField(), default=list, db_default=[])

    class Meta:
        db_table = "ordering_late_request"
        constraints = [
            models.UniqueConstraint(
                fields=["number"], condition=models.Q(state="open"), name="ordering_late_request_one_open"
            ),
            models.CheckConstraint(
                condition=models.Q(state="open", decided_at__isnull=True)
                | (
                    models.Q(state__in=["granted", "refused", "withdrawn", "overtaken"])
                    & models.Q(decided_at__isnull=False)
                ),
                name="ordering_late_request_decided_has_its_time",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="cancel") | models.Q(kind="change", line_day__len__gt=0),
                name="ordering_late_request_change_says_what",
            ),
        ]
