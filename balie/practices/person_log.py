"""What was done to somebody's account, in the words of whoever looks after it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from balie.practices.models import Person
from balie.practices.services import events_about

WORDS = {
    "account.password_changed": _("Wachtwoord veranderd"),
    "account.password_reset": _("Wachtwoord gekozen met een link uit een mail"),
    "account.recovery_codes_generated": _("Nieuwe herstelcodes gemaakt"),
    "account.totp_activated": _("App met codes toegevoegd"),
    "account.totp_deactivated": _("App met codes verwijderd"),
    "account.webauthn_added": _("Passkey toegevoegd"),
    "account.webauthn_removed": _("Passkey verwijderd"),
    "connection.made": _("Koppeling gemaakt"),
    "membership.added": _("Toegang gegeven"),
    "membership.ended": _("Toegang beëindigd"),
    "membership.role_changed": _("Rol gewijzigd"),
    "patient.logged_in": _("Ingelogd met DigiD"),
    "person.added": _("Toegevoegd aan de organisatie"),
    "person.deactivated": _("Account gesloten"),
    "person.password_set": _("Wachtwoord bewaard; overal elders uitgelogd"),
    "person.reactivated": _("Account weer geopend"),
    "person.role_changed": _("Rol bij de organisatie gewijzigd"),
    "practice.switched": _("Van praktijk gewisseld"),
    "waiver.granted": _("Mag één keer inloggen zonder tweede stap"),
    "waiver.used": _("Ingelogd zonder tweede stap"),
}


OF_DISTRIBUTOR = _("Toegevoegd aan de distributeur")  # whose staff are added in the same way


@dataclass(frozen=True)
class Entry:
    """A line of the log. `practice` and `by` are names, and empty where it was about or by none."""

    at: datetime
    say: object
    practice: str
    by: str
    reason: str


def read_person_log(person: Person, *, most: int) -> Iterator[Entry]:
    """The latest acts on this person's account, the latest first."""
    for event in events_about(f"person:{person.pk}", most=most):
        yield Entry(
            at=event.at,
            say=OF_DISTRIBUTOR if event.detail.get("distributor") else WORDS[event.action],
            practice=event.practice.name if event.practice else "",
            by=event.actor.name if event.actor else "",
            reason=event.reason,
        )
