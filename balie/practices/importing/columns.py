"""The columns of the file, and what each value must be."""

import re
from collections.abc import Callable
from typing import NamedTuple

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from balie.practices.contact import LONGEST_EMAIL, PHONE
from balie.practices.importing.problems import CellError
from balie.practices.models import Membership

MOST = 1_000_000
PREVIOUS = "previous_agb_code"
ANOTHER = "nieuw"  # instead of a previous code: it looks like a practice we know, and is another
FIRST_LOCATION = "Hoofdlocatie"
CODE = re.compile(r"[0-9]{8}")
ROLES = {
    "huisarts": Membership.Role.GP,
    "assistent": Membership.Role.ASSISTANT,
    "manager": Membership.Role.MANAGER,
}

_PAST = re.compile(r"(ordered|administered)_([a-z]{1,20})_(20[0-9]{2})")
_POSTCODE = re.compile(r"([1-9][0-9]{3}) ?([A-Za-z]{2})")
# A whole number as people and spreadsheets write it: 2.095, 2 095, 2,095, 2095,0 and 2.095,00.
_DRESSED = re.compile(r"((?:[0-9]{1,3}(?:[. ][0-9]{3}){1,2}|[0-9]{1,3}(?:,[0-9]{3}){1,2}|[0-9]{1,9}))(?:[.,]0{1,2})?")


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
    if CODE.fullmatch(value):
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


def previous_agb_code(value: str) -> str:
    return ANOTHER if value.lower() == ANOTHER else agb_code(value)


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
    if len(value) > LONGEST_EMAIL:
        raise CellError(_("is te lang."), _("Verwacht: hooguit %(most)s tekens.") % {"most": LONGEST_EMAIL})
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
    if dressed := _DRESSED.fullmatch(value):
        meant = re.sub(r"[., ]", "", dressed[1])
        raise CellError(
            _("heeft een punt, komma of spatie."),
            _("Verwacht: alleen cijfers, zonder punten of komma's. Bedoelt u %(meant)s?") % {"meant": meant},
        )
    if re.fullmatch(r"[0-9]+[.,][0-9]+", value):
        raise CellError(_("is geen heel getal."), expected)
    raise CellError(_("is geen aantal.") if value else _("Er staat niets."), expected)


def phone(value: str) -> str:
    if re.fullmatch(r"[1-9][0-9]{8}", value):
        raise CellError(
            _("heeft 9 cijfers; een rekenblad haalde waarschijnlijk de voorloopnul weg."),
            _("Verwacht: misschien 0%(value)s. Zet de kolom in het rekenblad op “tekst”.") % {"value": value},
        )
    if not PHONE.fullmatch(value):
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
COLUMNS = {
    "agb_code": Column(agb_code),
    PREVIOUS: Column(previous_agb_code, empty=""),
    **PRACTICE_COLUMNS,
    **LOCATION_COLUMNS,
    **PERSON_COLUMNS,
}
REQUIRED = tuple(name for name, column in COLUMNS.items() if column.empty is None)
