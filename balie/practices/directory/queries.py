"""Reading practices for the organiser's list and for the page of one. The number of queries does not depend on rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection
from django.utils.translation import gettext as _

from balie.lib.keyset import Place, Stretch, cut
from balie.lib.sqlfiles import read_sql
from balie.practices.contact import number_in
from balie.practices.importing.report import label, shown
from balie.practices.models import AuditEvent, Location, Membership, PastUse, Practice

A_PAGE = 50
MOST_EVENTS = 50
LONGEST_SEARCH = 100


@dataclass(frozen=True)
class Row:
    """A practice of the list, with the towns it is in."""

    id: int
    name: str
    agb_code: str
    cities: Sequence[str]


def clean_words(typed: str) -> str:
    """What is looked for, as the database can look for it; a telephone number or a code in one piece."""
    words = typed.replace("\0", "")[:LONGEST_SEARCH].strip()
    return number_in(words) or words


def search_practices(words: str, place: Place) -> Stretch[Row]:
    """Practices by name: all, or those in whose names, codes, places, mail addresses and telephone numbers every word
    occurs.
    """
    asked = {"words": clean_words(words), "key": place.key, "back": place.back, "most": A_PAGE + 1}
    with connection.cursor() as cursor:
        cursor.execute(read_sql("practices", "find_practices"), asked)
        found = [Row(*row) for row in cursor.fetchall()]
    return cut(found, place, size=A_PAGE, key=lambda row: row.id)


@dataclass(frozen=True)
class Change:
    """One thing that was something else before."""

    what: str
    before: str
    after: str


@dataclass(frozen=True)
class Happening:
    """Something that was done to the practice's data. `by` is empty when Balie did it by itself."""

    at: datetime
    say: str
    by: str
    reason: str
    changes: list[Change]


@dataclass(frozen=True)
class Known:
    """What is known of one practice."""

    locations: list[Location]
    people: list[Membership]
    past: list[PastUse]
    happenings: list[Happening]


def read_known(practice: Practice) -> Known:
    return Known(
        locations=list(practice.locations.order_by("pk")),
        people=list(practice.memberships.select_related("person").order_by("person__name", "pk")),
        past=list(practice.past_use.order_by("-year", "product_code")),
        happenings=_happenings(practice),
    )


def _happenings(practice: Practice) -> list[Happening]:
    """The latest first. Acts that the control room tells of are left to it."""
    words = {
        "practice.created": _("Toegevoegd uit een bestand"),
        "practice.changed": _("Gewijzigd uit een bestand"),
        "practice.emails_changed": _("E-mailadressen gewijzigd"),
        "practice.phone_changed": _("Telefoonnummer gewijzigd"),
        "practice.kind_changed": _("Soort gewijzigd"),
        "practice.mobile_changed": _("Mobiel nummer gewijzigd"),
        "location.moved": _("Afleveradres gewijzigd"),
    }
    events = AuditEvent.objects.filter(practice=practice, action__in=words).select_related("actor")
    return [
        Happening(
            at=event.at,
            say=words[event.action],
            by=event.actor.name if event.actor else "",
            reason=event.reason,
            changes=[] if event.action == "practice.created" else list(_changes(event)),
        )
        for event in events.order_by("-at", "-pk")[:MOST_EVENTS]
    ]


def _changes(event: AuditEvent) -> Iterator[Change]:
    """An import writes down pairs by name, other acts all of it before and after."""
    detail, words = event.detail, _words()
    if "before" in detail and "after" in detail:
        detail = {name: (before, detail["after"].get(name)) for name, before in detail["before"].items()}
    for name, (before, after) in detail.items():
        if before != after:
            yield Change(words.get(name) or label(name), shown(name, before), shown(name, after))


def _words() -> dict[str, str]:
    """What people call the fields."""
    return {
        "agb_code": _("AGB-code"),
        "name": _("Naam"),
        "registered_count": _("Ingeschreven patiënten"),
        "email": _("E-mail voor bevestigingen"),
        "second_email": _("Tweede e-mailadres"),
        "phone": _("Telefoon"),
        "mobile": _("Mobiel, voor sms"),
        "street": _("Straat en huisnummer"),
        "postcode": _("Postcode"),
        "city": _("Plaats"),
    }
