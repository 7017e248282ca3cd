"""The one door to what belongs to a practice or to the organiser.

Whoever is not entitled to a thing cannot tell it from a thing that does not exist: both are 404. Put
``@login_required`` before a view that comes through here, so that somebody who is not logged in is sent to the login
page for every address, whether something lives there or not.
"""

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest

from balie.practices.connections import connection_by_code, note_use
from balie.practices.models import Connection, ImportJob, Membership, Person, Practice, Webhook, WebhookDelivery
from balie.practices.staff import DECIDES
from balie.practices.standing import MANDATE_KEY, Standing, standing_of
from balie.practices.tokens import Token, code_in, no_token

LONGEST_KEY = 18  # digits
READS = frozenset({"GET", "HEAD", "OPTIONS"})


class NoPracticeError(Exception):
    """The person works for no practice and is no organiser: there is nothing here for them yet."""


class PracticeNotChosenError(Exception):
    """The person works for several practices and has not said for which one now."""


class MandateOverError(Exception):
    """The session ordered for a practice by phone, and its time for that is over."""


class OtherPracticeError(Exception):
    """The page was made for another practice than the one the person works for now: two tabs, two practices."""


class SecondFactorNeededError(Exception):
    """Staff of the organiser or the distributor without a confirmed second factor; the middleware leads them to one."""


def access_practice(request: HttpRequest, *, named: int | None = None) -> Practice:
    """The practice this person works for now.

    `named` is the practice that the page or the body says it is about, where it says so; for a form it is the field
    ``practice``, which is looked at unasked. Raises Http404, or one of the errors above, which the middleware turns
    into a page.
    """
    standing = standing_of(request)
    if standing is None:
        raise Http404
    practice = standing.mandate.practice if standing.mandate else _practice_of_member(request, standing)
    if named is not None and named != practice.pk:
        raise OtherPracticeError
    if request.POST.get("practice") not in {None, str(practice.pk)}:
        raise OtherPracticeError
    return practice


def _practice_of_member(request: HttpRequest, standing: Standing) -> Practice:
    if standing.person.is_organiser and MANDATE_KEY in request.session:
        raise MandateOverError
    if not standing.memberships and standing.person.needs_two_factors:
        raise Http404
    if not standing.memberships:
        raise NoPracticeError
    if standing.practice is None:
        raise PracticeNotChosenError
    return standing.practice


def access_connection(request: HttpRequest) -> tuple[Connection, Token]:
    """The connection whose code a program came with, and what that may; the connection knows its practice.

    Raises Problem (`no_token`): who has none learns of nothing.
    """
    code = code_in(request.headers.get("Authorization", ""))
    found = connection_by_code(code) if code else None
    if found is None:
        raise no_token()
    note_use(found)
    return found, Token(found.person_id, found.practice_id, frozenset(found.scopes))


def access_own_practice(request: HttpRequest, practice: str) -> Practice:
    """The practice with this key, if the person works for it, whether or not it is the one they work for now."""
    standing = standing_of(request)
    if standing is None:
        raise Http404
    for membership in standing.memberships:
        if str(membership.practice_id) == practice:
            return membership.practice
    raise Http404


def access_organiser(request: HttpRequest) -> Person:
    """The person who asks, if they are of the organiser. Raises SecondFactorNeededError, and PermissionDenied where
    the request would change something and they only read.
    """
    standing = standing_of(request)
    if standing is None:
        raise Http404
    if not standing.person.is_organiser:
        raise Http404
    if not standing.organiser:
        raise SecondFactorNeededError
    _refuse_who_reads(request, standing.person)
    return standing.person


def access_admin(request: HttpRequest, *, to_look: bool = False) -> Person:
    """As `access_organiser`, where only admins change anything: rules, and roles of people. With `to_look` the page
    itself is theirs alone, because there is nothing on it but what to change.
    """
    person = access_organiser(request)
    if (to_look or request.method not in READS) and not person.is_admin:
        raise PermissionDenied
    return person


def _refuse_who_reads(request: HttpRequest, person: Person) -> None:
    if request.method not in READS and person.is_organiser and not person.decides:
        raise PermissionDenied


def access_deliveries(request: HttpRequest) -> Person:
    """The person who asks, if they are of the organiser or of the distributor's staff. Raises as `access_organiser`."""
    standing = standing_of(request)
    if standing is None or not standing.person.needs_two_factors:
        raise Http404
    if not standing.two_factors:
        raise SecondFactorNeededError
    _refuse_who_reads(request, standing.person)
    return standing.person


def access_import(request: HttpRequest, pk: int) -> ImportJob:
    """An uploaded file of practices, without its content, for the organiser's staff."""
    access_organiser(request)
    try:
        return ImportJob.objects.select_related("uploaded_by", "confirmed_by").defer("content").get(pk=pk)
    except ImportJob.DoesNotExist:
        raise Http404 from None


def access_any_practice(request: HttpRequest, agb_code: str) -> Practice:
    """The practice with this code, for the organiser's staff."""
    access_organiser(request)
    if not agb_code.isdecimal():  # an address may hold anything, even what the database refuses to look for
        raise Http404
    try:
        return Practice.objects.get(agb_code=agb_code)
    except Practice.DoesNotExist:
        raise Http404 from None


def access_staff(request: HttpRequest) -> tuple[Practice, Person]:
    """The practice, and the person who asks, if they may say who works there. Else PermissionDenied."""
    practice = access_practice(request)
    standing = standing_of(request)
    assert standing is not None
    if standing.role not in DECIDES:
        raise PermissionDenied
    return practice, standing.person


def access_colleague(practice: Practice, membership: str) -> Membership:
    """The membership with this key, if it is of this practice."""
    return _access_membership(membership, practice=practice)


def access_webhook(practice: Practice, key: str) -> Webhook:
    """An address that is told of this practice's orders."""
    if not key.isdecimal() or len(key) > LONGEST_KEY:
        raise Http404
    try:
        return Webhook.objects.select_related("practice").get(pk=key, practice=practice, ended_at=None)
    except Webhook.DoesNotExist:
        raise Http404 from None


def access_delivery(practice: Practice, key: str) -> WebhookDelivery:
    """What such an address of this practice was told."""
    if not key.isdecimal() or len(key) > LONGEST_KEY:
        raise Http404
    try:
        return WebhookDelivery.objects.select_related("webhook__practice").get(pk=key, webhook__practice=practice)
    except WebhookDelivery.DoesNotExist:
        raise Http404 from None


def access_person(key: int) -> Person:
    """Anybody; for whoever came through `access_organiser`."""
    try:
        return Person.objects.prefetch_related("memberships__practice").get(pk=key)
    except Person.DoesNotExist:
        raise Http404 from None


def access_membership_of(person: Person, membership: str) -> Membership:
    """The membership with this key, if it is this person's; for whoever came through `access_organiser`."""
    return _access_membership(membership, person=person)


def _access_membership(key: str, **whose: Person | Practice) -> Membership:
    if not key.isdecimal() or len(key) > LONGEST_KEY:
        raise Http404
    try:
        return Membership.objects.select_related("person", "practice").get(pk=key, **whose)
    except Membership.DoesNotExist:
        raise Http404 from None
