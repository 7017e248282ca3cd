"""What the server keeps of e-consults: questionnaires, the queue, and what posts chose."""

from django.db import models
from django.db.models import F, Q

from balie.consult.lengths import ID


class Questionnaire(models.Model):
    """What patients are asked before an e-consult, and how urgent each answer is, as data. A version that somebody
    filled in is never changed: there comes another, and this one is no longer offered.
    """

    practice = models.ForeignKey(
        "practices.Practice",
        null=True,
        on_delete=models.PROTECT,
        related_name="questionnaires",
        help_text="null: of every practice that offers none of its own",
    )
    code = models.CharField(max_length=32)
    version = models.PositiveSmallIntegerField()
    body = models.TextField(help_text="JSON, as docs/spec/consult/econsults.md has it")
    offered = models.BooleanField(default=True, db_default=True)

    class Meta:
        db_table = "consult_questionnaire"
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "code", "version"], nulls_distinct=False, name="consult_questionnaire_once"
            ),
            models.UniqueConstraint(
                fields=["practice"],
                condition=Q(offered=True),
                nulls_distinct=False,
                name="consult_questionnaire_offered_once",
            ),
        ]


class Econsult(models.Model):
    """A question of a patient to their practice, without its words: those are in its conversation, sealed."""

    id = models.CharField(primary_key=True, max_length=ID, help_text="chosen by who asks; the same when asked again")
    group = models.OneToOneField("consult.Group", on_delete=models.PROTECT, related_name="econsult")
    practice = models.ForeignKey("practices.Practice", on_delete=models.PROTECT, related_name="econsults")
    team = models.ForeignKey("consult.Group", on_delete=models.PROTECT, related_name="econsults")
    patient = models.ForeignKey("consult.Identity", on_delete=models.PROTECT, related_name="econsults")
    questionnaire = models.ForeignKey(Questionnaire, on_delete=models.PROTECT, related_name="econsults")
    urgency = models.PositiveSmallIntegerField(help_text="3 to 5, as the patient's browser told from the answers")
    number = models.BigIntegerField(help_text="in the order in which they came to the team")
    holder = models.ForeignKey(
        "consult.Identity",
        null=True,
        on_delete=models.PROTECT,
        related_name="econsults_held",
        help_text="who has it now",
    )
    arrived_at = models.DateTimeField()
    due_at = models.DateTimeField()
    picked_up_at = models.DateTimeField(null=True, help_text="the first time")
    closed_at = models.DateTimeField(null=True)
    reminded_at = models.DateTimeField(null=True, help_text="the team was mailed that its time is over")
    moved_at = models.DateTimeField(null=True, help_text="it goes on as another, at the post that took it over")
    instead_of = models.OneToOneField(
        "consult.Econsult",
        null=True,
        on_delete=models.PROTECT,
        related_name="went_on_as",
        help_text="the one that was moved",
    )

    class Meta:
        db_table = "consult_econsult"
        constraints = [
            models.UniqueConstraint(fields=["team", "number"], name="consult_econsult_number_once"),
            models.CheckConstraint(condition=Q(urgency__gte=3, urgency__lte=5), name="consult_econsult_can_wait"),
            models.CheckConstraint(
                condition=Q(holder__isnull=True) | Q(picked_up_at__isnull=False), name="consult_econsult_held_since"
            ),
            models.CheckConstraint(
                condition=Q(closed_at__isnull=True) | Q(holder__isnull=False), name="consult_econsult_closed_by"
            ),
            models.CheckConstraint(
                condition=Q(moved_at__isnull=True) | Q(holder__isnull=True), name="consult_econsult_moved_from_queue"
            ),
        ]
        indexes = [
            models.Index(
                fields=["team", "urgency", "number"],
                condition=Q(holder__isnull=True, closed_at__isnull=True),
                name="consult_econsult_queue",
            ),
            models.Index(fields=["team", "urgency", "picked_up_at"], name="consult_econsult_waits"),
            models.Index(
                fields=["due_at"],
                condition=Q(closed_at__isnull=True, moved_at__isnull=True, reminded_at__isnull=True),
                name="consult_econsult_overdue",
            ),
        ]


class PostChoice(models.Model):
    """What an organisation chose for its e-consults: who takes over when it closes, what it then says, when it is away,
    and where it calls with video.
    """

    practice = models.OneToOneField(
        "practices.Practice", primary_key=True, on_delete=models.PROTECT, related_name="econsult_choice"
    )
    moves_to = models.ForeignKey(
        "practices.Practice",
        null=True,
        on_delete=models.PROTECT,
        related_name="takes_over",
        help_text="where those who wait go on when this one closes; null: they phone",
    )
    agreed_at = models.DateTimeField(null=True, help_text="the other one takes over since; null: not yet")
    say = models.TextField(default="", db_default="", help_text="what they are told when it closes, beside the reason")
    away_from = models.DateField(null=True)
    away_until = models.DateField(null=True, help_text="the last day")
    away_say = models.TextField(default="", db_default="", help_text="what patients read on those days")
    video_link = models.TextField(default="", db_default="", help_text="https; {kamer} becomes another room each time")

    class Meta:
        db_table = "consult_post_choice"
        constraints = [
            models.CheckConstraint(
                condition=Q(moves_to__isnull=True) | ~Q(moves_to=F("practice")), name="consult_post_choice_another"
            ),
            models.CheckConstraint(
                condition=Q(agreed_at__isnull=True) | Q(moves_to__isnull=False), name="consult_post_choice_agreed_to"
            ),
            models.CheckConstraint(
                condition=Q(away_from__isnull=True, away_until__isnull=True, away_say="")
                | Q(away_from__lte=F("away_until")) & ~Q(away_say=""),
                name="consult_post_choice_away_with_words",
            ),
        ]
