"""Which practices keep a conversation, for how long, and what is held."""

from django.db import models
from django.db.models import Q

YEARS_LEAST = 20  # art. 7:454 lid 3 BW
YEARS_MOST = 115  # what the Archiefwet asks of university hospitals


class Keeper(models.Model):
    """A practice in whose record a conversation is, since somebody of it or a team of it came in; for good."""

    group = models.ForeignKey("consult.Group", on_delete=models.PROTECT, related_name="keepers")
    practice = models.ForeignKey("practices.Practice", on_delete=models.PROTECT, related_name="conversations_kept")

    class Meta:
        db_table = "consult_keeper"
        constraints = [models.UniqueConstraint(fields=["practice", "group"], name="consult_keeper_once")]


class Retention(models.Model):
    """How long a practice keeps conversations, where it must do so longer than the law asks of everybody."""

    practice = models.OneToOneField(
        "practices.Practice", primary_key=True, on_delete=models.PROTECT, related_name="retention"
    )
    years = models.PositiveSmallIntegerField(help_text="from the last change")

    class Meta:
        db_table = "consult_retention"
        constraints = [
            models.CheckConstraint(
                condition=Q(years__gte=YEARS_LEAST, years__lte=YEARS_MOST), name="consult_retention_as_the_law_asks"
            )
        ]


class Hold(models.Model):
    """A practice keeps a conversation whatever its age, for a complaint or a court case, until it lifts this."""

    group = models.ForeignKey("consult.Group", on_delete=models.PROTECT, related_name="holds")
    practice = models.ForeignKey("practices.Practice", on_delete=models.PROTECT, related_name="conversations_held")
    placed_by = models.ForeignKey("practices.Person", on_delete=models.PROTECT, related_name="+")
    placed_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    lifted_by = models.ForeignKey("practices.Person", null=True, on_delete=models.PROTECT, related_name="+")
    lifted_at = models.DateTimeField(null=True)
    lifted_why = models.CharField(max_length=300, default="", db_default="")

    class Meta:
        db_table = "consult_hold"
        constraints = [
            models.UniqueConstraint(
                fields=["group", "practice"], condition=Q(lifted_at__isnull=True), name="consult_hold_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="consult_hold_has_a_reason"),
            models.CheckConstraint(
                condition=Q(lifted_at__isnull=True, lifted_by__isnull=True, lifted_why="")
                | (Q(lifted_at__isnull=False, lifted_by__isnull=False) & ~Q(lifted_why="")),
                name="consult_hold_lifted_by_somebody_for_a_reason",
            ),
        ]
