"""The reserve of a team as the server has it: who holds the parts, sealed copies of the team's keys, and drills."""

from django.db import models
from django.db.models import Q

from balie.consult.lengths import ID, NAME

HOLDERS = 3
CALLED_MOST = 80
NOTE_MOST = 200


class Reserve(models.Model):
    """One that was stated; the newest of a team counts, and the others say what was."""

    group = models.ForeignKey("consult.Group", on_delete=models.PROTECT, related_name="reserves")
    set = models.CharField(max_length=ID, unique=True)
    statement = models.OneToOneField("consult.Statement", on_delete=models.PROTECT, related_name="reserve")
    kem = models.CharField(max_length=NAME, help_text="name of its KEM key")
    sign = models.CharField(max_length=NAME, help_text="its signing key, which vouches for members")
    made_by = models.ForeignKey("consult.Identity", on_delete=models.PROTECT, related_name="reserves")
    made_at = models.DateTimeField()
    replaced_at = models.DateTimeField(null=True)
    used_at = models.DateTimeField(null=True, help_text="it vouched for somebody since: a new one is due")
    chased_at = models.DateTimeField(null=True, help_text="when somebody was last told that a drill is due")

    class Meta:
        db_table = "consult_reserve"
        constraints = [
            models.UniqueConstraint(
                fields=["group"], condition=Q(replaced_at__isnull=True), name="consult_reserve_once"
            )
        ]


class ReserveHolder(models.Model):
    """Who has a part on paper, by name and by what they are; they need no account."""

    reserve = models.ForeignKey(Reserve, on_delete=models.PROTECT, related_name="holders")
    number = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=CALLED_MOST)
    role = models.CharField(max_length=CALLED_MOST)

    class Meta:
        db_table = "consult_reserve_holder"
        constraints = [
            models.UniqueConstraint(fields=["reserve", "number"], name="consult_reserve_holder_once"),
            models.UniqueConstraint(fields=["reserve", "name"], name="consult_reserve_holders_differ"),
            models.CheckConstraint(
                condition=Q(number__gte=1, number__lte=HOLDERS), name="consult_reserve_holder_is_one_of_three"
            ),
            models.CheckConstraint(condition=~Q(name="") & ~Q(role=""), name="consult_reserve_holder_is_called"),
        ]


class ReserveCopy(models.Model):
    """A key of the team, sealed to the reserve. The server cannot see whether it opens."""

    reserve = models.ForeignKey(Reserve, on_delete=models.PROTECT, related_name="copies")
    key = models.ForeignKey("consult.GroupKey", on_delete=models.PROTECT, related_name="reserve_copies")
    identity = models.ForeignKey("consult.Identity", on_delete=models.PROTECT, related_name="reserve_copies")
    sealed = models.TextField()

    class Meta:
        db_table = "consult_reserve_copy"
        constraints = [models.UniqueConstraint(fields=["reserve", "key"], name="consult_reserve_copy_once")]


class ReserveDrill(models.Model):
    """Two parts were read, and gave what they should; or a part was gone, or no good, and `note` says so."""

    reserve = models.ForeignKey(Reserve, on_delete=models.PROTECT, related_name="drills")
    identity = models.ForeignKey("consult.Identity", on_delete=models.PROTECT, related_name="reserve_drills")
    at = models.DateTimeField()
    passed = models.BooleanField()
    parts = models.CharField(max_length=8, help_text="numbers of the parts it is about, ascending")
    note = models.CharField(max_length=NOTE_MOST, default="", db_default="", blank=True)

    class Meta:
        db_table = "consult_reserve_drill"
        constraints = [
            models.CheckConstraint(
                condition=Q(passed=True, parts__in=["12", "13", "23", "123"])
                | Q(passed=False, parts__in=["1", "2", "3", "12", "13", "23", "123"]) & ~Q(note=""),
                name="consult_reserve_drill_of_two_or_says_why",
            )
        ]
