"""Who can log in to the demo. Everybody is imaginary, and the passwords are no secret: the demo listens on loopback."""

import time
from dataclasses import dataclass

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, generate_totp_secret, hotp_value
from allauth.mfa.utils import decrypt
from django.contrib.auth.hashers import make_password

from balie.practices.models import Membership, OrganiserRole, Person, Practice

PASSWORD = "samen naar de balie"  # noqa: S105 - printed for whoever starts the demo


@dataclass(frozen=True)
class Login:
    """Somebody, and the numbers of the imaginary practices they work for; nobody's: the organiser's staff."""

    name: str
    email: str
    practices: tuple[int, ...]
    role: Membership.Role = Membership.Role.ASSISTANT


LOGINS = (
    Login("Anna de Vries", "anna@voorbeeld.example", (1,), Membership.Role.GP),
    # For Anna to talk to: her assistant, and a specialist who sees patients in her practice.
    Login("Femke Jansen", "femke@voorbeeld.example", (1,)),
    Login("Gijs Mulder", "gijs@voorbeeld.example", (1,)),
    Login("Bilal Aydin", "bilal@voorbeeld.example", (2,)),
    Login("Chris Bakker", "chris@voorbeeld.example", (3, 4), Membership.Role.MANAGER),
    Login("Dina Smit", "regie@voorbeeld.example", ()),
)
THEIR_PRACTICES = max(number for login in LOGINS for number in login.practices)
# Bilal's has put nothing ready, so that a visitor can meet that too; with the others one is in time for the opening.
NOT_READY = frozenset({2})


@dataclass(frozen=True)
class Ticket:
    """What a visitor types: who, with which code now, and for how many seconds that code is the current one."""

    login: Login
    works_for: tuple[str, ...]
    code: str
    seconds_left: int


def write_logins() -> None:
    """Make everybody in LOGINS, with two-step login set up."""
    password = make_password(PASSWORD)
    for login in LOGINS:
        person = Person.objects.create(
            email=login.email,
            name=login.name,
            is_organiser=not login.practices,
            organiser_role="" if login.practices else OrganiserRole.ADMIN,
            password=password,
        )
        TOTP.activate(person, generate_totp_secret())
        for number in login.practices:
            Membership.objects.create(person=person, practice_id=number, role=login.role)


def current_tickets(now: float | None = None) -> list[Ticket]:
    """How everybody in LOGINS logs in at this moment (seconds since 1970)."""
    now = time.time() if now is None else now
    counter, into = divmod(int(now), app_settings.TOTP_PERIOD)
    secrets = {
        authenticator.user.email: decrypt(authenticator.data["secret"])
        for authenticator in Authenticator.objects.filter(type=Authenticator.Type.TOTP).select_related("user")
    }
    names = dict(Practice.objects.filter(pk__lte=THEIR_PRACTICES).values_list("pk", "name"))
    return [
        Ticket(
            login=login,
            works_for=tuple(names[number] for number in login.practices),
            code=format_hotp_value(hotp_value(secrets[login.email], counter)),
            seconds_left=app_settings.TOTP_PERIOD - into,
        )
        for login in LOGINS
        if login.email in secrets
    ]
