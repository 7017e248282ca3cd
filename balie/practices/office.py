"""Roles at the organiser: given and taken by admins, one of whom always remains."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.practices.mandates import end_mandate
from balie.practices.models import Mandate, OrganiserRole, Person
from balie.practices.services import clean_reason, record, revoke_passes


@transaction.atomic
def give_role(*, person: Person, role: str, actor: Person, reason: str) -> None:
    """`person` of the organiser has this role from now on: on pages at the next one, on the hot paths as soon as they
    hear it. An order by phone that somebody is busy with ends when they may do that no longer.

    Raises ValidationError without a reason, for oneself, and when `actor` is no admin (any longer).
    """
    reason = clean_reason(reason)
    if role not in OrganiserRole.values or not person.is_organiser:
        raise ValidationError(_("Kies een rol."), code="role")
    if person == actor:
        raise ValidationError(_("Uw eigen rol kan alleen een collega veranderen."), code="oneself")
    lock_for_admin(actor=actor, person=person)
    before = person.organiser_role
    if role == before:
        return
    person.organiser_role = role
    person.save(update_fields=["organiser_role"])
    if not person.decides:
        for mandate in Mandate.objects.filter(person=person, ends_at__gt=timezone.now()).select_related("practice"):
            end_mandate(mandate=mandate)
    revoke_passes(person=person)
    record(
        actor=actor,
        practice=None,
        action="person.role_changed",
        subject=f"person:{person.pk}",
        reason=reason,
        detail={"from": before, "to": role},
    )


def lock_for_admin(*, actor: Person, person: Person) -> None:
    """Both rows, until the caller's transaction ends, and both as they are now.

    Raises ValidationError when `actor` is no admin any longer: of two admins who take each other's role at once, the
    second is refused, so that one always remains.
    """
    both = Person.objects.filter(pk__in=[actor.pk, person.pk]).select_for_update(no_key=True).order_by("pk")
    now = {each.pk: each for each in both}
    person.organiser_role = now[person.pk].organiser_role
    if not (now[actor.pk].is_admin and now[actor.pk].is_active):
        raise ValidationError(_("Dit kan alleen een beheerder."), code="admin")
