"""Patients of practices, and their BSN, which is kept apart from all else that is known of them."""

from datetime import date, timedelta

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Length, Lower, Now
from django.db.models.lookups import Exact

from balie.practices.models import Person, Practice

FINGERPRINT_BYTES = 32
SEALED_BSN_BYTES = 12 + 9 + 16  # nonce, digits, tag
EARLIEST_BIRTH = date(1900, 1, 1)
INVITATION_LIVES = timedelta(days=7)
TRIES_MOST = 5
RELATION_KINDS = ("mother", "father", "guardian")


class Patient(models.Model):
    """Somebody whom a practice treats. `person` is who logs in as them, once they accepted; a child may have none.

    One human is a patient once for each practice that treats them. A row stays when the practice ends it.
    """

    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="patients")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, null=True, related_name="patient_of")
    name = models.CharField(max_length=200)
    birth_date = models.DateField()
    email = models.EmailField(blank=True, default="", help_text="where the practice writes to; empty: nowhere")
    registered_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "patients_patient"
        constraints = [
            models.UniqueConstraint(
                fields=["practice", "person"], condition=Q(ended_at=None), name="patients_patient_once_a_practice"
            ),
            models.UniqueConstraint(
                fields=["practice", "email"],
                condition=Q(ended_at=None) & ~Q(email=""),
                name="patients_patient_email_once",
            ),
            models.CheckConstraint(condition=Q(email=Lower("email")), name="patients_patient_email_lower_case"),
            models.CheckConstraint(
                condition=Q(birth_date__gte=EARLIEST_BIRTH), name="patients_patient_born_in_our_times"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class SealedBsn(models.Model):
    """The BSN of a patient: sealed, and beside it a keyed fingerprint to find it by.

    Only `balie/patients/bsn.py` opens it. The database sees no digits, so of a number it can only promise its length,
    and that it is there once.
    """

    patient = models.OneToOneField(Patient, on_delete=models.PROTECT, primary_key=True, related_name="+")
    practice = models.ForeignKey(Practice, on_delete=models.PROTECT, related_name="+")
    fingerprint = models.BinaryField(max_length=FINGERPRINT_BYTES)
    sealed = models.BinaryField(max_length=SEALED_BSN_BYTES)
    key_id = models.CharField(
        max_length=8, default="", db_default="", help_text="which key sealed it; empty: before there were several"
    )
    kept_at = models.DateTimeField(db_default=Now())

    class Meta:
        db_table = "patients_bsn"
        constraints = [
            models.UniqueConstraint(fields=["practice", "fingerprint"], name="patients_bsn_once_a_practice"),
            models.CheckConstraint(
                condition=Exact(Length("fingerprint"), FINGERPRINT_BYTES), name="patients_bsn_fingerprint_is_whole"
            ),
            models.CheckConstraint(condition=Exact(Length("sealed"), SEALED_BSN_BYTES), name="patients_bsn_is_sealed"),
        ]
        indexes = [models.Index(fields=["fingerprint"], name="patients_bsn_fingerprint")]


class Invitation(models.Model):
    """A link by which a patient gets an account, good once. Only the hash of its secret is kept.

    `closed_at`: accepted, withdrawn, or replaced by a later one. `tries` counts dates of birth that were shown with it.
    """

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="invitations")
    token_hash = models.CharField(max_length=64, unique=True)
    invited_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    accepted_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "patients_invitation"
        constraints = [
            models.UniqueConstraint(
                fields=["patient"], condition=Q(closed_at=None), name="patients_invitation_one_open"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__lte=F("sent_at") + INVITATION_LIVES), name="patients_invitation_is_short"
            ),
            models.CheckConstraint(condition=Q(tries__lte=TRIES_MOST), name="patients_invitation_few_tries"),
            models.CheckConstraint(
                condition=Q(accepted_at=None)
                | Q(accepted_at=F("closed_at"), closed_at__isnull=False, accepted_at__lt=F("expires_at")),
                name="patients_invitation_accepted_in_time",
            ),
        ]


class Relation(models.Model):
    """An adult acts for a child, by the word of the practice that treats both; from `ends_on` on no more.

    `child_agrees`: from 12 on nobody acts for a child without that.
    """

    class Kind(models.TextChoices):
        MOTHER = "mother"
        FATHER = "father"
        GUARDIAN = "guardian"

    patient = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="acted_for_by")
    representative = models.ForeignKey(Patient, on_delete=models.PROTECT, related_name="acts_for")
    kind = models.CharField(max_length=20, choices=Kind.choices)
    child_agrees = models.BooleanField(default=False)
    began_at = models.DateTimeField(db_default=Now())
    ends_on = models.DateField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "patients_relation"
        constraints = [
            models.CheckConstraint(
                condition=~Q(patient=F("representative")), name="patients_relation_with_somebody_else"
            ),
            models.CheckConstraint(condition=Q(kind__in=RELATION_KINDS), name="patients_relation_kind_is_known"),
            models.UniqueConstraint(
                fields=["patient", "representative"], condition=Q(ended_at=None), name="patients_relation_once"
            ),
        ]
