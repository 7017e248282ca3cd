"""What the server keeps of consultaties: what was agreed, who asked whom, and when."""

from django.db import models
from django.db.models import Q

from balie.consult.lengths import ID

OPEN = Q(concluded_at__isnull=True, withdrawn_at__isnull=True)


class Agreement(models.Model):
    """Within which time a question is answered, as data. A row that questions go by is never changed: there comes
    another, and this one is no longer offered.
    """

    class Kind(models.TextChoices):
        CONSULTATION = "consultation"
        ADVICE_CONSULT = "advice-consult"

    class Unit(models.TextChoices):
        HOUR = "hour"
        WORKING_DAY = "working-day"

    code = models.CharField(primary_key=True, max_length=32)
    kind = models.CharField(max_length=16, choices=Kind)
    unit = models.CharField(max_length=12, choices=Unit)
    within = models.PositiveSmallIntegerField(help_text="hours, or working days after the day of asking")
    warn_before = models.PositiveSmallIntegerField(help_text="in the same unit: when who must answer is told")
    offered = models.BooleanField(default=True, db_default=True)
    place = models.PositiveSmallIntegerField(
        help_text="the first offered of a kind is what one gets unless one chooses"
    )

    class Meta:
        db_table = "consult_agreement"
        constraints = [
            models.CheckConstraint(
                condition=Q(within__gt=models.F("warn_before")), name="consult_agreement_warns_in_time"
            )
        ]


class Consultation(models.Model):
    """A question to a specialist or a team, without its words: those are in the conversation, sealed."""

    id = models.CharField(primary_key=True, max_length=ID, help_text="chosen by who asks; the same when asked again")
    group = models.ForeignKey("consult.Group", on_delete=models.PROTECT, related_name="consultations")
    agreement = models.ForeignKey(Agreement, on_delete=models.PROTECT, related_name="consultations")
    asked_by = models.ForeignKey("consult.Identity", on_delete=models.PROTECT, related_name="consultations")
    practice = models.ForeignKey("practices.Practice", on_delete=models.PROTECT, related_name="consultations")
    team = models.ForeignKey("consult.Group", null=True, on_delete=models.PROTECT, related_name="asked")
    holder = models.ForeignKey(
        "consult.Identity",
        null=True,
        on_delete=models.PROTECT,
        related_name="held",
        help_text="who picked it up and has it now",
    )
    billing_code = models.CharField(max_length=32, default="", db_default="")
    asked_at = models.DateTimeField()
    warn_at = models.DateTimeField()
    due_at = models.DateTimeField()
    picked_up_at = models.DateTimeField(null=True, help_text="the first time")
    concluded_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True, help_text="who asked needs no answer any more")
    warned_at = models.DateTimeField(null=True)
    escalated_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "consult_consultation"
        constraints = [
            models.UniqueConstraint(fields=["group"], condition=OPEN, name="consult_consultation_open_once"),
            models.CheckConstraint(
                condition=Q(concluded_at__isnull=True) | Q(withdrawn_at__isnull=True),
                name="consult_consultation_ended_once",
            ),
            models.CheckConstraint(
                condition=Q(team__isnull=False) | Q(holder__isnull=False), name="consult_consultation_asked_of_somebody"
            ),
            models.CheckConstraint(
                condition=Q(holder__isnull=True) | Q(picked_up_at__isnull=False), name="consult_consultation_held_since"
            ),
            models.CheckConstraint(
                condition=Q(concluded_at__isnull=True) | Q(holder__isnull=False),
                name="consult_consultation_concluded_by",
            ),
        ]
        indexes = [
            models.Index(fields=["practice", "asked_at"], name="consult_consultation_asked"),
            models.Index(fields=["warn_at"], condition=OPEN, name="consult_consultation_warns"),
        ]
