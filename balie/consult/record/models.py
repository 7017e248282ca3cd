"""Which practices keep a conversation, for how long, what is held, and what was destroyed."""

from django.db import models
from django.db.models import Q

from balie.consult.lengths import NAME

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


class Erasure(models.Model):
    """That a practice destroys a conversation: one person asks, another decides. On the ground of `patient` it is their
    request (art. 7:455 BW), which may be refused for what the law names; what is past its term needs no request.
    """

    class Ground(models.TextChoices):
        TERM = "term"
        PATIENT = "patient"

    class Outcome(models.TextChoices):
        OPEN = ""
        GRANTED = "granted"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    class Refusal(models.TextChoices):
        """Art. 7:455 lid 2 BW; the empty one is none."""

        NONE = ""
        OTHER = "other"
        LAW = "law"

    group = models.ForeignKey("consult.Group", on_delete=models.PROTECT, related_name="erasures")
    practice = models.ForeignKey("practices.Practice", on_delete=models.PROTECT, related_name="erasures")
    ground = models.CharField(max_length=8, choices=Ground)
    received_on = models.DateField(help_text="of a patient's request; else when it was proposed")
    asked_by = models.ForeignKey("practices.Person", on_delete=models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    reason = models.CharField(max_length=300)
    outcome = models.CharField(max_length=10, choices=Outcome, default="", db_default="", blank=True)
    refused_for = models.CharField(max_length=8, choices=Refusal, default="", db_default="", blank=True)
    decided_by = models.ForeignKey("practices.Person", null=True, on_delete=models.PROTECT, related_name="+")
    decided_at = models.DateTimeField(null=True)
    decided_why = models.CharField(max_length=300, default="", db_default="")
    told_at = models.DateTimeField(null=True, help_text="when who may decide was mailed that it must be decided soon")

    class Meta:
        db_table = "consult_erasure"
        constraints = [
            models.UniqueConstraint(
                fields=["group", "practice"], condition=Q(outcome__in=["", "granted"]), name="consult_erasure_once"
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="consult_erasure_has_a_reason"),
            models.CheckConstraint(condition=Q(ground__in=["term", "patient"]), name="consult_erasure_ground"),
            models.CheckConstraint(
                condition=Q(outcome="", decided_by__isnull=True, decided_at__isnull=True)
                | Q(outcome="granted", decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(decided_by=models.F("asked_by"))
                | Q(outcome__in=["refused", "withdrawn"], decided_by__isnull=False, decided_at__isnull=False)
                & ~Q(decided_why=""),
                name="consult_erasure_decided_by_another",
            ),
            models.CheckConstraint(
                condition=Q(outcome="refused", ground="patient", refused_for__in=["other", "law"])
                | Q(refused_for="") & ~Q(outcome="refused"),
                name="consult_erasure_refused_as_the_law_says",
            ),
        ]


class Destruction(models.Model):
    """A conversation of which the keys and all that they opened are gone. The certificate says so, signed."""

    group = models.OneToOneField("consult.Group", on_delete=models.PROTECT, related_name="destruction")
    at = models.DateTimeField()
    certificate = models.TextField(help_text="a JWS, compact")
    listed = models.TextField(help_text="what was destroyed, by id and hash: the text that the certificate names")

    class Meta:
        db_table = "consult_destruction"


class Witness(models.Model):
    """Who could read a conversation when it was destroyed: they read its log, and their clients forget it."""

    destruction = models.ForeignKey(Destruction, on_delete=models.PROTECT, related_name="witnesses")
    identity = models.ForeignKey("consult.Identity", on_delete=models.PROTECT, related_name="witnessed")

    class Meta:
        db_table = "consult_witness"
        constraints = [models.UniqueConstraint(fields=["identity", "destruction"], name="consult_witness_once")]


class CertificateKey(models.Model):
    """A public key under which this installation signed certificates, now or before."""

    kid = models.CharField(primary_key=True, max_length=NAME)
    public = models.CharField(max_length=NAME)
    since = models.DateTimeField()

    class Meta:
        db_table = "consult_certificate_key"
