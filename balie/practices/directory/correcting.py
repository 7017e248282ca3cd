"""Correcting how a practice is reached, by the organiser's staff: all of the form or nothing, with a reason."""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import partial

from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from balie.practices.contact import (
    LONGEST_REASON,
    Address,
    change_address,
    change_emails,
    change_mobile,
    change_phone,
    clean_address,
    clean_email,
    clean_mobile,
    clean_phone,
)
from balie.practices.models import Location, Person, Practice
from balie.practices.services import record
from balie.sms.numbers import show_mobile


@dataclass(frozen=True)
class Contact:
    """Everything of it, as it is or as it was typed; addresses by location. `mobile` is for text messages."""

    email: str
    second_email: str
    phone: str
    mobile: str
    addresses: Mapping[int, Address]

    @property
    def mark(self) -> str:
        """The same for the same contact data; a form carries it, to know what its reader saw."""
        said = (
            self.email,
            self.second_email,
            self.phone,
            self.mobile,
            sorted((pk, asdict(at)) for pk, at in self.addresses.items()),
        )
        return hashlib.sha256(repr(said).encode()).hexdigest()


def contact_of(practice: Practice, locations: Iterable[Location]) -> Contact:
    return Contact(
        email=practice.email,
        second_email=practice.second_email,
        phone=practice.phone,
        mobile=show_mobile(practice.mobile),
        addresses={
            location.pk: Address(street=location.street, postcode=location.postcode, city=location.city)
            for location in locations
        },
    )


@transaction.atomic
def correct_contact(*, practice: Practice, contact: Contact, seen: str, actor: Person, reason: str) -> None:
    """Raises ValidationError, by field, for what is wrong; and when what was `seen` is no longer how it is."""
    practice = Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
    locations = list(Location.objects.select_for_update(no_key=True).filter(practice=practice).order_by("pk"))
    errors = dict(_wrongs(contact, reason, known_mobile=practice.mobile))
    if contact_of(practice, locations).mark != seen:
        errors[NON_FIELD_ERRORS] = _("Intussen veranderde iemand deze gegevens. Hieronder staat hoe ze nu zijn.")
    if errors:
        raise ValidationError(errors)
    reason = reason.strip()
    change_emails(practice=practice, email=contact.email, second_email=contact.second_email, actor=actor, reason=reason)
    change_phone(practice=practice, phone=contact.phone, actor=actor, reason=reason)
    change_mobile(practice=practice, mobile=contact.mobile, actor=actor, reason=reason)
    for location in locations:
        location.practice = practice
        change_address(location=location, address=contact.addresses[location.pk], actor=actor, reason=reason)


@transaction.atomic
def change_kind(*, practice: Practice, kind: str, actor: Person, reason: str) -> None:
    """Whether it is a GP practice or a care organisation: rules of campaigns may differ. Raises ValidationError."""
    errors = dict(_wrong_reason(reason, "kind_reason"))
    if kind not in Practice.Kind.values:
        errors["kind"] = _("Kies wat het is.")
    if errors:
        raise ValidationError(errors)
    practice = Practice.objects.select_for_update(no_key=True).get(pk=practice.pk)
    before = practice.kind
    if kind == before:
        return
    practice.kind = kind
    practice.save(update_fields=["kind"])
    record(
        actor=actor,
        practice=practice,
        action="practice.kind_changed",
        subject=f"practice:{practice.agb_code}",
        reason=reason.strip(),
        detail={"before": {"kind": before}, "after": {"kind": kind}},
    )


def address_field(location: int, part: str) -> str:
    """The name of a field for a part of an address."""
    return f"address-{location}-{part}"


def _wrongs(contact: Contact, reason: str, *, known_mobile: str) -> Iterator[tuple[str, str]]:
    """The first thing that is wrong with each field."""
    checks: list[tuple[str, Callable[[str], object], str]] = [
        ("email", clean_email, contact.email),
        ("phone", clean_phone, contact.phone),
        ("mobile", partial(clean_mobile, known=known_mobile), contact.mobile),
    ]
    if contact.second_email.strip():
        checks.append(("second_email", clean_email, contact.second_email))
    for name, clean, value in checks:
        try:
            clean(value)
        except ValidationError as error:
            yield name, error.messages[0]
    for location, address in contact.addresses.items():
        try:
            clean_address(address)
        except ValidationError as error:
            for part, messages in error.message_dict.items():
                yield address_field(location, part), messages[0]
    yield from _wrong_reason(reason, "reason")


def _wrong_reason(reason: str, name: str) -> Iterator[tuple[str, str]]:
    if not reason.strip() or len(reason) > LONGEST_REASON or "\0" in reason:
        yield (
            name,
            _("Geef een reden van hooguit %(most)s tekens; die komt in het logboek.") % {"most": LONGEST_REASON},
        )
