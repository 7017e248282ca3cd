"""What every page may say about who looks at it."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext as _

from balie.practices.advice import advise_factor
from balie.practices.models import Mandate, Membership, OrganiserRole, Person, Practice
from balie.practices.standing import Standing, standing_of

SCHEME_COOKIE = "balie_scheme"
SCHEMES = ("light", "dark")


@dataclass(frozen=True)
class Who:
    """For the header. `practice` is the one worked for now, by `mandate` or as a member; `others` are those one can
    switch to. `is_admin` and `decides` are about the organiser.
    """

    name: str
    role: str
    practice: Practice | None
    others: tuple[Practice, ...]
    is_organiser: bool
    is_admin: bool
    decides: bool
    is_distributor: bool
    mandate: Mandate | None


def role_names() -> dict[str, str]:
    """What people call the roles in a practice."""
    return {
        Membership.Role.GP: _("Huisarts"),
        Membership.Role.ASSISTANT: _("Praktijkassistent"),
        Membership.Role.MANAGER: _("Praktijkmanager"),
        Membership.Role.SOFTWARE: _("Koppeling"),
    }


def organiser_role_names() -> dict[str, str]:
    """What people call the roles at the organiser."""
    return {
        OrganiserRole.ADMIN: _("Beheerder"),
        OrganiserRole.STAFF: _("Organisator"),
        OrganiserRole.AUDITOR: _("Auditor"),
    }


def role_name(standing: Standing) -> str:
    """What people call it; empty when they have none here."""
    if standing.membership and not standing.mandate:
        return role_names()[standing.membership.role]
    if standing.person.is_distributor:
        return _("Distributeur")
    return organiser_role_name(standing.person)


def organiser_role_name(person: Person) -> str:
    """As `role_name`; empty for who is not of the organiser."""
    if not person.is_organiser:
        return ""
    return organiser_role_names()[person.organiser_role or OrganiserRole.AUDITOR]


def _scheme(request: HttpRequest) -> str:
    """Light or dark where somebody chose; empty where their device says."""
    chosen = request.COOKIES.get(SCHEME_COOKIE, "")
    return chosen if chosen in SCHEMES else ""


def who(request: HttpRequest) -> dict[str, Any]:
    """`who` in templates: a `Who`, or false when nobody is logged in. Reads nothing until a template asks. And
    `help_phone`, for where no campaign has its own, `scheme`, which the device decides when it is empty, and
    `advise_factor`, which is read where it is asked too.
    """

    def read() -> Who | None:
        standing = standing_of(request)
        if standing is None:
            return None
        return Who(
            name=standing.person.name,
            role=role_name(standing),
            practice=standing.practice,
            others=tuple(each.practice for each in standing.memberships if each != standing.membership),
            is_organiser=standing.person.is_organiser,
            is_admin=standing.person.is_admin,
            decides=standing.person.decides,
            is_distributor=standing.person.is_distributor,
            mandate=standing.mandate,
        )

    return {
        "who": SimpleLazyObject(read),
        "help_phone": settings.HELP_PHONE,
        "scheme": _scheme(request),
        "advise_factor": SimpleLazyObject(lambda: advise_factor(request)),
    }
