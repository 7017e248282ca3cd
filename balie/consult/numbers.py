"""The BSN of whoever is in a conversation as a patient, for a record that leaves the practice which treats them."""

from balie.consult.models import Former, Member
from balie.patients.taking_out import numbers_of
from balie.practices.models import Person, Practice


def bsns_in(*, group: str, practice: Practice, actor: Person, reason: str) -> dict[str, str] | None:
    """By the id of the person; of those whose BSN this practice has. None where `actor` is not in that conversation, or
    there is none. Raises ValidationError.
    """
    here = Member.objects.filter(group__name=group, group__kind="conversation")
    own = here.filter(identity__person=actor) | here.filter(team__members__identity__person=actor)
    if not own.exists():
        return None
    ids = dict(here.exclude(identity=None).values_list("identity__person_id", "identity_id"))
    ids |= dict(Former.objects.filter(group__name=group).values_list("identity__person_id", "identity_id"))
    found = numbers_of(practice=practice, persons=set(ids), actor=actor, reason=reason)
    return {ids[person]: bsn for person, bsn in found.items()}
