"""People and their accounts, as the organiser sees them. Each act is one transaction, and audited."""

from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from balie.practices.contact import NUL, clean_email
from balie.practices.letters import write_letter
from balie.practices.models import OrganiserRole, Person
from balie.practices.office import lock_for_admin
from balie.practices.services import clean_reason, end_sessions, record

LONGEST_NAME = 200
MOST_FOUND = 20


def find_people(words: str) -> list[Person]:
    """Whose e-mail address or name has these words in it, or who works for the practice with this AGB code."""
    words = words.strip()
    if not words or NUL in words:
        return []
    about = Q(email__icontains=words) | Q(name__icontains=words) | Q(practices__agb_code=words)
    found = Person.objects.filter(about).distinct().order_by("name", "pk")
    return list(found.prefetch_related("memberships__practice")[:MOST_FOUND])


def organisers() -> list[Person]:
    """The organiser's staff, by name."""
    return list(Person.objects.filter(is_organiser=True).order_by("name", "pk"))


def distributors() -> list[Person]:
    """Who sees what the lorries bring, by name."""
    return list(Person.objects.filter(is_distributor=True).order_by("name", "pk"))


@transaction.atomic
def add_organiser(
    *, email: str, name: str, actor: Person | None = None, role: OrganiserRole = OrganiserRole.ADMIN
) -> Person:
    """Someone of the organiser; a mail tells them how to choose a password. Raises ValidationError, by field.

    Somebody who has an account already is not made organiser here: practices would gain a say over its staff.
    """
    return _add_officer(email, name, actor, office="organiser", organiser_role=role)


@transaction.atomic
def add_distributor(*, email: str, name: str, actor: Person | None = None) -> Person:
    """Someone of the distributor's staff, as above."""
    return _add_officer(email, name, actor, office="distributor")


def _add_officer(email: str, name: str, actor: Person | None, *, office: str, organiser_role: str = "") -> Person:
    errors: dict[str, ValidationError] = {}
    fields = {f"is_{office}": True, "organiser_role": organiser_role}
    person, is_new = find_or_add_person(email=email, name=clean_name(name, errors), errors=errors, fields=fields)
    if not is_new:
        message = _("%(email)s heeft al een account. Gebruik een ander adres.") % {"email": person.email}
        raise ValidationError({"email": ValidationError(message, code="twice")})
    detail = {office: True, "role": organiser_role} if organiser_role else {office: True}
    record(actor=actor, practice=None, action="person.added", subject=f"person:{person.pk}", detail=detail)
    write_letter(f"{office}_added", person, {})
    return person


@transaction.atomic
def deactivate_person(*, person: Person, actor: Person, reason: str) -> None:
    """Close a person's account: sessions and passes end at once, everywhere.

    Raises ValidationError without a reason, and for oneself; of the organiser and the distributor only an admin may.
    """
    reason = clean_reason(reason)
    if person == actor:
        raise ValidationError(_("Uw eigen account kan alleen een collega sluiten."), code="oneself")
    if person.needs_two_factors:
        lock_for_admin(actor=actor, person=person)
    person.is_active = False
    person.save(update_fields=["is_active"])
    end_sessions(person=person)
    record(actor=actor, practice=None, action="person.deactivated", subject=f"person:{person.pk}", reason=reason)


@transaction.atomic
def reactivate_person(*, person: Person, actor: Person, reason: str) -> None:
    """Open a closed account again; its password and second step are as they were. Raises as `deactivate_person`."""
    reason = clean_reason(reason)
    if person.needs_two_factors:
        lock_for_admin(actor=actor, person=person)
    person.is_active = True
    person.save(update_fields=["is_active"])
    record(actor=actor, practice=None, action="person.reactivated", subject=f"person:{person.pk}", reason=reason)


def find_or_add_person(
    *,
    email: str,
    name: str,
    errors: dict[str, ValidationError],
    fields: Mapping[str, object] | None = None,
) -> tuple[Person, bool]:
    """Who has this address, and whether they are new here. New ones have no password yet, and these `fields`.

    Raises ValidationError with what is in `errors`, and with what is wrong with the address.
    """
    try:
        email = clean_email(email).lower()
    except ValidationError as error:
        errors["email"] = error
    if errors:
        raise ValidationError(errors)
    unusable = Person(email=email, name=name)
    unusable.set_unusable_password()
    defaults = {"name": name, "password": unusable.password, **(fields or {})}
    return Person.objects.get_or_create(email=email, defaults=defaults)


def clean_name(name: str, errors: dict[str, ValidationError]) -> str:
    """The name in single spaces; what is wrong with it goes into `errors`."""
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or NUL in name:
        errors["name"] = ValidationError(_("Vul de naam in, hooguit 200 tekens."), code="name")
    return name
