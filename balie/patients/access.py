"""The one door to patients: for people of the practice that treats them, and for the patients themselves.

Whoever orders for a practice by phone sees none of its patients.
"""

from django.http import Http404, HttpRequest

from balie.patients.models import Patient, Relation
from balie.practices.access import LONGEST_KEY, access_practice
from balie.practices.models import Person, Practice
from balie.practices.standing import standing_of


def access_patients(request: HttpRequest) -> tuple[Practice, Person]:
    """The practice that the person who asks works for now. Raises Http404, or what `access_practice` does."""
    practice = access_practice(request)
    standing = standing_of(request)
    if standing is None or standing.mandate:
        raise Http404
    return practice, standing.person


def access_patient(practice: Practice, key: str) -> Patient:
    """The patient with this key, if this practice treats them now."""
    if not key.isdecimal() or len(key) > LONGEST_KEY:
        raise Http404
    try:
        return Patient.objects.select_related("practice", "person").get(pk=key, practice=practice, ended_at=None)
    except Patient.DoesNotExist:
        raise Http404 from None


def access_relation(practice: Practice, key: str) -> Relation:
    """That somebody acts for a child whom this practice treats."""
    if not key.isdecimal() or len(key) > LONGEST_KEY:
        raise Http404
    try:
        ours = Relation.objects.select_related("patient__practice", "representative")
        return ours.get(pk=key, patient__practice=practice, ended_at=None)
    except Relation.DoesNotExist:
        raise Http404 from None


def access_own_care(request: HttpRequest) -> tuple[Person, list[Patient]]:
    """The person who asks, if they are or were a patient, and as whom they are now: one row for each practice."""
    standing = standing_of(request)
    if standing is None or not has_been_patient(standing.person):
        raise Http404
    return standing.person, treated_as(standing.person)


def has_been_patient(person: Person) -> bool:
    """Whether a practice treats this person, or did: what was written with them stays theirs to read."""
    return Patient.objects.filter(person=person).exists()


def treated_as(person: Person) -> list[Patient]:
    """As whom this person is a patient now, by the names of the practices."""
    now = Patient.objects.filter(person=person, ended_at=None)
    return list(now.select_related("practice").order_by("practice__name", "pk"))
