"""What the columns of the file are, for the page where it is uploaded."""

from typing import NamedTuple

from django.utils.translation import gettext as _

from balie.practices.importing.columns import ANOTHER, COLUMNS, REQUIRED, ROLES


class Explained(NamedTuple):
    """A column and what it holds."""

    name: str
    required: bool
    holds: str


def explain_columns() -> list[Explained]:
    """All of them, in the order in which one would put them."""
    holds = {
        "agb_code": _("precies 8 cijfers, met voorloopnul"),
        "previous_agb_code": _("de oude code, als de praktijk een nieuwe heeft; “%(another)s” voor een echt andere")
        % {"another": ANOTHER},
        "name": _("naam van de praktijk"),
        "registered_count": _("ingeschreven patiënten, zonder punten"),
        "email": _("waar bevestigingen heen gaan"),
        "second_email": _("een tweede adres voor bevestigingen"),
        "phone": _("telefoonnummer"),
        "location_name": _("hoe de praktijk deze plek noemt; leeg: Hoofdlocatie"),
        "street": _("straat en huisnummer van het afleveradres"),
        "postcode": _("zoals 1234 AB"),
        "city": _("plaats"),
        "person_email": _("iemand die voor de praktijk mag inloggen"),
        "person_name": _("hoe die persoon heet"),
        "person_role": ", ".join(ROLES),
    }
    explained = [Explained(name, name in REQUIRED, holds[name]) for name in COLUMNS]
    return [
        *explained,
        Explained("ordered_flu_2026", required=False, holds=_("doses besteld, per product en jaar een kolom")),
        Explained("administered_flu_2026", required=False, holds=_("doses gegeven; alleen samen met ordered_…")),
    ]


def example_csv() -> str:
    """One practice with two locations and a person, as a spreadsheet opens it."""
    header = [name for name in COLUMNS if name != "previous_agb_code"]
    linde = {
        "agb_code": "01234567",
        "name": "Huisartsenpraktijk Het Voorbeeld",
        "registered_count": "2095",
        "email": "info@praktijk.example",
        "phone": "088 123 45 67",
        "street": "Voorbeeldlaan 1",
        "postcode": "1234 AB",
        "city": "Ons Dorp",
        "person_email": "anna@praktijk.example",
        "person_name": "Anna de Vries",
        "person_role": "huisarts",
    }
    annexe = {
        "agb_code": "01234567",
        "location_name": "Bijgebouw",
        "street": "Dorpsstraat 3",
        "postcode": "1235 CD",
        "city": "Ander Dorp",
    }
    rows = [header, *([row.get(name, "") for name in header] for row in (linde, annexe))]
    return "\ufeff" + "".join(";".join(row) + "\r\n" for row in rows)
