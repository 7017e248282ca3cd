"""The one door to consulting: people of practices and patients, now or formerly, for themselves."""

from django.http import Http404, HttpRequest

from balie.patients.access import has_been_patient
from balie.practices.access import access_practice, access_staff
from balie.practices.models import Person, Practice
from balie.practices.standing import standing_of


def access_econsult_choices(request: HttpRequest) -> Practice:
    """The practice whose choices for e-consults these are, for who works for it. Raises as the figures do."""
    return access_consultation_figures(request)


def access_consultation_figures(request: HttpRequest) -> Practice:
    """The practice whose figures these are, for who works for it. Raises Http404, or what `access_practice` does."""
    practice, standing = access_practice(request), standing_of(request)
    if standing is None or standing.mandate:
        raise Http404
    return practice


def access_record(request: HttpRequest) -> tuple[Practice, Person]:
    """The practice whose record it is, and the GP or manager of it who asks. Raises PermissionDenied for colleagues,
    Http404, or what `access_practice` does.
    """
    access_consultation_figures(request)
    return access_staff(request)


def access_own_keys(request: HttpRequest) -> Person:
    """The person who asks, if they work for a practice now, or are or were a patient. Who orders for one by phone does
    not talk for it. Raises Http404, or what `access_practice` does.
    """
    standing = standing_of(request)
    if standing and not standing.memberships and has_been_patient(standing.person):
        return standing.person
    access_practice(request)
    if standing is None or standing.mandate:
        raise Http404
    return standing.person
