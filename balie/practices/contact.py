"""How a practice is reached: mail addresses, and the addresses where the lorry stops. Each act is one transaction."""

import re
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.core.validators import MaxLengthValidator, validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from balie.practices.models import Location, Person, Practice
from balie.practices.services import record
from balie.sms.numbers import NotAMobileNumberError, read_mobile, show_mobile

NUL = "\0"  # which PostgreSQL cannot store
LONGEST_EMAIL = 254
LONGEST_REASON = 300
PHONE = re.compile(r"[0-9+() -]{6,30}")
POSTCODE = re.compile(r"\s*([1-9][0-9]{3})\s*([A-Za-z]{2})\s*")


@dataclass(frozen=True)
class Address:
    """Where the lorry stops; the postcode as people write it."""

    street: str
    postcode: str
    city: str


def recipients(practice: Practice) -> list[str]:
    """Where mail to a practice goes: one address or two."""
    second = practice.second_email
    return [practice.email, *([second] if second and second.lower() != practice.email.lower() else [])]


def number_in(text: str) -> str:
    """The digits of a number that people write with spaces and signs, as it is dialled here; empty when it is none:
    `+31 6 12` is `0612`.
    """
    if not re.fullmatch(r"[\d\s.()+-]*", text):
        return ""
    return re.sub(r"^(?:\+31|0031)0?", "0", re.sub(r"[\s.()-]", "", text)).replace("+", "")


def clean_email(value: str) -> str:
    """The address without spaces around it. Raises ValidationError where it is none."""
    email = value.strip()
    try:
        validate_email(email)
        MaxLengthValidator(LONGEST_EMAIL)(email)
    except ValidationError:
        raise ValidationError(
            _("‘%(email)s’ is geen e-mailadres. Schrijf het als naam@praktijk.nl.") % {"email": email}, code="email"
        ) from None
    return email


def clean_phone(value: str) -> str:
    """The number without spaces around it; it may be empty. Raises ValidationError where it is none."""
    phone = value.strip()
    if phone and not PHONE.fullmatch(phone):
        raise ValidationError(
            _("‘%(phone)s’ is geen telefoonnummer. Schrijf het met cijfers, zoals 088 123 45 67.") % {"phone": phone},
            code="phone",
        )
    return phone


def clean_mobile(value: str, *, known: str) -> str:
    """The number as it is kept; it may be empty, and the one that is `known` is not judged again.

    Raises ValidationError where no text message can go there.
    """
    if value.strip() == show_mobile(known):
        return known
    try:
        return read_mobile(value) if value.strip() else ""
    except NotAMobileNumberError:
        say = _("‘%(number)s’ is geen mobiel nummer. Schrijf het als 06 12345678.") % {"number": value.strip()[:40]}
        raise ValidationError(say, code="mobile") from None


def clean_address(address: Address) -> Address:
    """The address as it is kept, e.g. ``1234 AB``. Raises ValidationError, by field, where something is wrong."""
    street, city = " ".join(address.street.split()), " ".join(address.city.split())
    postcode = POSTCODE.fullmatch(address.postcode)
    errors: dict[str, str] = {}
    if not street or len(street) > 200 or NUL in street:
        errors["street"] = _("Vul straat en huisnummer in.")
    if not postcode:
        errors["postcode"] = _("‘%(postcode)s’ is geen postcode. Schrijf hem als 1234 AB.") % {
            "postcode": address.postcode.strip()
        }
    if not city or len(city) > 100 or NUL in city:
        errors["city"] = _("Vul de plaats in.")
    if errors or not postcode:
        raise ValidationError(errors)
    return Address(street=street, postcode=f"{postcode[1]} {postcode[2].upper()}", city=city)


@transaction.atomic
def change_emails(*, practice: Practice, email: str, second_email: str, actor: Person, reason: str = "") -> None:
    """Where confirmations go; the second may be empty. Raises ValidationError where one is no address."""
    email, second = clean_email(email), clean_email(second_email) if second_email.strip() else ""
    if (email, second) == (practice.email, practice.second_email):
        return
    before = {"email": practice.email, "second_email": practice.second_email}
    practice.email, practice.second_email = email, second
    practice.save(update_fields=["email", "second_email"])
    record(
        actor=actor,
        practice=practice,
        action="practice.emails_changed",
        subject=f"practice:{practice.agb_code}",
        reason=reason,
        detail={"before": before, "after": {"email": email, "second_email": second}},
    )


@transaction.atomic
def change_phone(*, practice: Practice, phone: str, actor: Person, reason: str) -> None:
    """Where the practice answers; it may be empty. Raises ValidationError where it is no number."""
    before, phone = practice.phone, clean_phone(phone)
    if phone == before:
        return
    practice.phone = phone
    practice.save(update_fields=["phone"])
    record(
        actor=actor,
        practice=practice,
        action="practice.phone_changed",
        subject=f"practice:{practice.agb_code}",
        reason=reason,
        detail={"before": {"phone": before}, "after": {"phone": phone}},
    )


@transaction.atomic
def change_mobile(*, practice: Practice, mobile: str, actor: Person, reason: str = "") -> None:
    """Where text messages to the practice go; empty: nowhere. Raises ValidationError where it is no mobile number."""
    before, mobile = practice.mobile, clean_mobile(mobile, known=practice.mobile)
    if mobile == before:
        return
    practice.mobile = mobile
    practice.save(update_fields=["mobile"])
    record(
        actor=actor,
        practice=practice,
        action="practice.mobile_changed",
        subject=f"practice:{practice.agb_code}",
        reason=reason,
        detail={"before": {"mobile": before}, "after": {"mobile": mobile}},
    )


@transaction.atomic
def change_address(*, location: Location, address: Address, actor: Person, reason: str = "") -> None:
    """Where a location's deliveries go. Orders keep the address they were placed with. Raises ValidationError."""
    after = clean_address(address)
    before = Address(street=location.street, postcode=location.postcode, city=location.city)
    if after == before:
        return
    location.street, location.postcode, location.city = after.street, after.postcode, after.city
    location.save(update_fields=["street", "postcode", "city"])
    record(
        actor=actor,
        practice=location.practice,
        action="location.moved",
        subject=f"location:{location.pk}",
        reason=reason,
        detail={"before": vars(before), "after": vars(after)},
    )
