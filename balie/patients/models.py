"""Patients of practices, and their BSN, which is kept apart from all else that is known of them."""

from datetime import date

from django.db import models
from django.db.models import Q
from django.db.models.functions import Length, Lower, Now
from django.db.models.lookups import Exact

from balie.practices.models import Person, Practice

FINGERPRINT_BYTES = 32
SEALED_BSN_BYTES = 12 + 9 + 16  # nonce, digits, tag
EARLIEST_BIRTH = date(1900, 1, 1)


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
