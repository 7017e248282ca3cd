"""Who works for a practice: invited, given another role, gone. Each act is one transaction, and audited."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from balie.practices.connections import close_connection
from balie.practices.letters import write_letter
from balie.practices.models import Membership, Person, Practice
from balie.practices.people import clean_name, find_or_add_person
from balie.practices.services import clean_reason, record, revoke_passes

# Who may say who works there.
DECIDES = frozenset({Membership.Role.GP, Membership.Role.MANAGER})
OF_PEOPLE = (Membership.Role.GP, Membership.Role.ASSISTANT, Membership.Role.MANAGER)


def staff_of(practice: Practice) -> list[Membership]:
    """Everybody who works for the practice, by name."""
    members = Membership.objects.filter(practice=practice).select_related("person__connection")
    return list(members.order_by("person__name", "pk"))


@transaction.atomic
def invite(*, practice: Practice, email: str, name: str, role: str, actor: Person) -> Membership:
    """Let somebody work for the practice; a mail tells them how to get in.

    Somebody who has an account keeps the name that stands there. Raises ValidationError, by field.
    """
    errors: dict[str, ValidationError] = {}
    role = _clean_role(role, errors)
    name = clean_name(name, errors)
    person, is_new = find_or_add_person(email=email, name=name, errors=errors)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(person=person, practice=practice, role=role)
    except IntegrityError:
        message = _("%(email)s werkt al voor deze praktijk.") % {"email": person.email}
        raise ValidationError({"email": ValidationError(message, code="twice")}) from None
    record(
        actor=actor,
        practice=practice,
        action="membership.added",
        subject=f"person:{person.pk}",
        detail={"role": role},
    )
    write_letter("invited", person, {"practice": practice, "actor": actor, "is_new": is_new})
    return membership


@transaction.atomic
def change_role(*, membership: Membership, role: str, actor: Person) -> None:
    """Give somebody another role; their passes say so from now on. Raises ValidationError for one's own role, and for
    a program's.
    """
    errors: dict[str, ValidationError] = {}
    role, before = _clean_role(role, errors), membership.role
    if errors:
        raise ValidationError(errors)
    if before == Membership.Role.SOFTWARE:
        raise ValidationError(_("Een koppeling heeft geen andere rol."), code="software")
    if membership.person_id == actor.pk:
        raise ValidationError(_("Uw eigen rol kan alleen een collega veranderen."), code="oneself")
    if role == before:
        return
    membership.role = role
    membership.save(update_fields=["role"])
    revoke_passes(person=membership.person, practice=membership.practice)
    record(
        actor=actor,
        practice=membership.practice,
        action="membership.role_changed",
        subject=f"person:{membership.person_id}",
        detail={"from": before, "to": role},
    )


@transaction.atomic
def end_membership(*, membership: Membership, actor: Person, reason: str) -> None:
    """`membership.person` works for the practice no longer; their passes for it count no longer, on any device.

    Raises ValidationError without a reason, and for oneself.
    """
    reason = clean_reason(reason)
    if membership.person_id == actor.pk:
        raise ValidationError(_("U kunt uzelf niet verwijderen. Vraag dat een collega."), code="oneself")
    person, practice = membership.person, membership.practice
    membership.delete()
    if membership.role == Membership.Role.SOFTWARE:
        close_connection(person)
    revoke_passes(person=person, practice=practice)
    record(
        actor=actor,
        practice=practice,
        action="membership.ended",
        subject=f"person:{person.pk}",
        reason=reason,
        detail={"from": membership.role},
    )


def _clean_role(role: str, errors: dict[str, ValidationError]) -> str:
    if role not in OF_PEOPLE:
        errors["role"] = ValidationError(_("Kies een rol."), code="role")
    return role
