"""The columns of the file, and what each value must be."""

import re
from collections.abc import Callable
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from balie.practices.importing.problems import CellError
from balie.practices.models import Membership

MOST = 1_000_000
FIRST_LOCATION = "Hoofdlocatie"
ROLES = {
    "huisarts": Membership.Role.GP,
    "assistent": Membership.Role.ASSISTANT,
    "manager": Membership.Role.MANAGER,
}

_PAST = re.compile(r"(ordered|administered)_([a-z]+)_(20[0-9]{2})")
_POSTCODE = re.compile(r"([1-9][0-9]{3}) ?([A-Za-z]{2})")
_PHONE = re.compile(r"[0-9+() -]{6,30}")


class PastColumn(NamedTuple):
    """`kind` is ordered or administered."""

    kind: str
    product_code: str
    year: int


def past_column(name: str) -> PastColumn | None:
    """What a column such as ``ordered_flu_2026`` holds; None when it is none of these."""
    match = _PAST.fullmatch(name)
    return PastColumn(match[1], match[2], int(match[3])) if match else None


def agb_code(value: str) -> str:
    if re.fullmatch(r"[0-9]{8}", value):
        return value
    if re.fullmatch(r"[0-9]{7}", value):
        raise CellError(
            _("heeft 7 cijfers; een rekenblad haalde waarschijnlijk de voorloopnul weg."),
            _(
                "Verwacht: 8 cijfers, misschien 0%(value)s. Zet de kolom in het rekenblad op “tekst”, herstel de codes "
                "en sla opnieuw op."
            )
            % {"value": value},
        )
    raise CellError(_("is geen AGB-code."), _("Verwacht: precies 8 cijfers, zoals 01234567."))


def text(most: int) -> Callable[[str], str]:
    """Words of at least one and at most `most` characters, on one line."""

    def clean(value: str) -> str:
        if not value:
            raise CellError(_("Er staat niets."), _("Verwacht: tekst."))
        if len(value) > most:
            raise CellError(_("is te lang."), _("Verwacht: hooguit %(most)s tekens.") % {"most": most})
        if not value.isprintable():
            raise CellError(_("heeft een teken dat niet te drukken is."), _("Verwacht: tekst op één regel."))
        return value

    return clean


def email(value: str) -> str:
    try:
        validate_email(value)
    except ValidationError:
        raise CellError(
            _("is geen e-mailadres.") if value else _("Er staat niets."),
            _("Verwacht: een adres zoals praktijk@voorbeeld.nl."),
        ) from None
    return value.lower()


def amount(value: str) -> int:
    if re.fullmatch(r"[0-9]{1,10}", value) and int(value) <= MOST:
        return int(value)
    expected = _("Verwacht: een heel getal van 0 tot 1.000.000, zonder punten of komma's.")
    if re.fullmatch(r"-[0-9]+", value):
        raise CellError(_("is kleiner dan nul."), expected)
    raise CellError(_("is geen aantal.") if value else _("Er staat niets."), expected)


def phone(value: str) -> str:
    if not _PHONE.fullmatch(value):
        raise CellError(_("is geen telefoonnummer."), _("Verwacht: cijfers, zoals 088 123 45 67."))
    return value


def postcode(value: str) -> str:
    match = _POSTCODE.fullmatch(value)
    if not match:
        raise CellError(_("is geen postcode."), _("Verwacht: vier cijfers en twee letters, zoals 1234 AB."))
    return f"{match[1]} {match[2].upper()}"


def role(value: str) -> Membership.Role:
    try:
        return ROLES[value.lower()]
    except KeyError:
        raise CellError(_("is geen rol."), _("Verwacht: %(roles)s.") % {"roles": ", ".join(ROLES)}) from None


class Column(NamedTuple):
    """`empty` is what an empty cell means; None when it may not be empty."""

    clean: Callable[[str], object]
    empty: object = None


PRACTICE_COLUMNS = {
    "name": Column(text(200)),
    "registered_count": Column(amount),
    "email": Column(email),
    "second_email": Column(email, empty=""),
    "phone": Column(phone, empty=""),
}
LOCATION_COLUMNS = {
    "location_name": Column(text(200), empty=FIRST_LOCATION),
    "street": Column(text(200)),
    "postcode": Column(postcode),
    "city": Column(text(100)),
}
PERSON_COLUMNS = {
    "person_email": Column(email, empty=""),
    "person_name": Column(text(200), empty=""),
    "person_role": Column(role, empty=Membership.Role.MANAGER),
}
PAST_COLUMN = Column(amount, empty="")
COLUMNS = {"agb_code": Column(agb_code), **PRACTICE_COLUMNS, **LOCATION_COLUMNS, **PERSON_COLUMNS}
REQUIRED = tuple(name for name, column in COLUMNS.items() if column.empty is None)
