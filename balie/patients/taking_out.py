"""The BSN of patients, for a record that leaves the practice which treats them."""

from collections.abc import Collection

from balie.patients.bsn import take_out_bsns
from balie.practices.models import Person, Practice


def numbers_of(*, practice: Practice, persons: Collection[int], actor: Person, reason: str) -> dict[int, str]:
    """The digits, by person, of whoever is or was a patient of this practice; each is noted with the reason. Raises
    ValidationError.
    """
    found = take_out_bsns(practice=practice, persons=persons, actor=actor, reason=reason)
    return {person: bsn.digits for person, bsn in found.items()}
