"""Whom a practice's own record system means, which knows patients by their BSN."""

from django.db import transaction

from balie.patients.bsn import clean_bsn, find_by_bsn
from balie.practices.models import Person, Practice
from balie.practices.services import record


@transaction.atomic
def recognise(*, practice: Practice, bsn: str, actor: Person) -> Person | None:
    """Who logs in as the patient of this practice who has this BSN; None when nobody does. That it was asked is noted,
    without the number. Raises ValidationError when it is none.
    """
    found = [each for each in find_by_bsn(clean_bsn(bsn)) if each.practice_id == practice.pk]
    subject = f"patient:{found[0].pk}" if found else f"practice:{practice.pk}"
    record(actor=actor, practice=practice, action="bsn.recognised", subject=subject)
    return found[0].person if found else None
