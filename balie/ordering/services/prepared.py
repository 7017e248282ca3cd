"""What a practice puts ready before the night.

The campaign's rules are advice here; the hold SQL judges on the night.
"""

from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from balie.ordering.models import (
    FIRST,
    Campaign,
    DeliveryDay,
    Order,
    PreparedLine,
    PreparedOrder,
    Product,
    RankedDay,
)
from balie.ordering.queries.prepared import Asked, read_asked
from balie.ordering.rules import MOST_DOSES, Finding, Findings, check_doses, check_total, grouped
from balie.ordering.services.placing import lock_hold, set_auto
from balie.practices.contact import (
    Address,
    change_address,
    change_emails,
    change_mobile,
    clean_address,
    clean_email,
    clean_mobile,
)
from balie.practices.models import Location, Person, Practice

MOST_WISHES = 60

DosesByPlace = Mapping[tuple[int, int], int]


@dataclass(frozen=True)
class Contact:
    """Where confirmations go (the second may be empty), and the delivery addresses of the practice's locations.

    `mobile` is where text messages go; empty: nowhere, None: as before.
    """

    email: str
    second_email: str = ""
    mobile: str | None = None
    addresses: Mapping[int, Address] = field(default_factory=dict)


@transaction.atomic
def save_prepared_order(
    *,
    campaign: Campaign,
    practice: Practice,
    doses: DosesByPlace,
    ranking: Sequence[date],
    auto: str,
    contact: Contact,
    actor: Person,
) -> PreparedOrder:
    """Keep what the practice wants: doses by (product, location), days best first, who places the order, and where
    mail and lorry go.

    Amounts that break the campaign's rules are kept too, so that nothing typed is lost; `advise` says what to mend.
    Not so where Balie is to place the order: that takes a complete one. Raises RulesError, and changes nothing, for
    what cannot be kept: a foreign product, location or day, an impossible number or address, a closed campaign, an
    order that was placed.
    """
    findings = Findings()
    lock_hold(campaign=campaign, practice=practice)
    _check_open(campaign, practice, findings)
    findings.refuse()
    locations = {location.pk: location for location in Location.objects.filter(practice=practice)}
    _check_doses(campaign, locations, doses, findings)
    _check_ranking(campaign, ranking, findings)
    _check_contact(contact, practice, locations, findings)
    _check_auto(auto, read_asked(campaign, practice), doses, ranking, findings)
    findings.refuse()
    change_emails(practice=practice, email=contact.email, second_email=contact.second_email, actor=actor)
    if contact.mobile is not None:
        change_mobile(practice=practice, mobile=contact.mobile, actor=actor)
    for location, address in contact.addresses.items():
        change_address(location=locations[location], address=address, actor=actor)
    prepared = _write(campaign, practice, doses, ranking, actor)
    set_auto(prepared=prepared, auto=auto, actor=actor)
    return prepared


def advise(asked: Sequence[Asked], doses: DosesByPlace) -> list[Finding]:
    """What the hold SQL would refuse on the night, with amounts that would do; `at` is ``doses-PRODUCT-LOCATION``."""
    found: list[Finding | None] = []
    for product in asked:
        amounts = [
            (f"doses-{product.rule.product}-{location}", amount)
            for (of, location), amount in doses.items()
            if of == product.rule.product and amount
        ]
        found.append(check_total(product.rule, amounts))
        found += [check_doses(product.rule, amount, at=at) for at, amount in amounts]
    return [finding for finding in found if finding]


def missing_for_balie(asked: Sequence[Asked], doses: DosesByPlace, *, wishes: int) -> list[str]:
    """What has to be done before Balie can place the order by itself; empty when it is complete."""
    missing = []
    if not any(doses.values()):
        missing.append(_("Vul bij 1 in hoeveel doses u wilt."))
    elif advise(asked, doses):
        missing.append(_("Verbeter bij 1 het aantal dat zo niet kan."))
    if not wishes:
        missing.append(_("Zet bij 2 minstens één datum op uw lijst."))
    return missing


def _check_auto(
    auto: str, asked: Sequence[Asked], doses: DosesByPlace, ranking: Sequence[date], findings: Findings
) -> None:
    if auto == PreparedOrder.Auto.OFF:
        return
    findings.require(auto in PreparedOrder.Auto, "auto", "unknown", _("Kies wie er op de knop drukt."))
    for say in missing_for_balie(asked, doses, wishes=len(ranking)):
        findings.add("auto", "incomplete", say)


def _check_open(campaign: Campaign, practice: Practice, findings: Findings) -> None:
    findings.require(
        timezone.now() < campaign.closes_at,
        "campaign",
        "closed",
        _("Bestellen is gesloten. Wat u hier invulde, is niet bewaard."),
    )
    findings.require(
        not Order.objects.filter(campaign=campaign, practice=practice, slot=FIRST).exists(),
        "campaign",
        "already_ordered",
        _("Uw praktijk heeft al besteld. Wat u hier invulde, is niet bewaard."),
    )


def _check_doses(
    campaign: Campaign, locations: Mapping[int, Location], doses: DosesByPlace, findings: Findings
) -> None:
    products = set(Product.objects.filter(campaign=campaign).values_list("pk", flat=True))
    for (product, location), amount in doses.items():
        at = f"doses-{product}-{location}"
        findings.require(product in products, at, "product", _("Dit vaccin hoort niet bij deze campagne."))
        findings.require(location in locations, at, "location", _("Dit afleveradres is niet van uw praktijk."))
        findings.require(
            0 <= amount <= MOST_DOSES,
            at,
            "range",
            _("Vul een getal in van 0 tot %(most)s.") % {"most": grouped(MOST_DOSES)},
        )


def _check_ranking(campaign: Campaign, ranking: Sequence[date], findings: Findings) -> None:
    days = set(DeliveryDay.objects.filter(campaign=campaign, day__in=ranking).values_list("day", flat=True))
    for wish in ranking:
        findings.require(
            wish in days, "ranking", "day", _("Op %(day)s wordt niet bezorgd.") % {"day": date_format(wish, "j F Y")}
        )
    findings.require(
        len(set(ranking)) == len(ranking), "ranking", "repeated", _("Een datum staat twee keer op uw lijst.")
    )
    findings.require(
        len(ranking) <= MOST_WISHES,
        "ranking",
        "too_many",
        _("Zet hooguit %(most)s data op uw lijst.") % {"most": MOST_WISHES},
    )


def _check_contact(contact: Contact, practice: Practice, locations: Mapping[int, Location], findings: Findings) -> None:
    given = {"email": contact.email, "second_email": contact.second_email}
    for at, email in given.items():
        if email.strip() or at == "email":
            _collect(at, findings, partial(clean_email, email))
    if contact.mobile is not None:
        _collect("mobile", findings, partial(clean_mobile, contact.mobile, known=practice.mobile))
    check_addresses(contact.addresses, locations, findings)


def check_addresses(addresses: Mapping[int, Address], locations: Container[int], findings: Findings) -> None:
    """Whether each is an address, of one of these locations; `at` is ``address-LOCATION-street``, say."""
    for location, address in addresses.items():
        at = f"address-{location}"
        findings.require(location in locations, at, "location", _("Dit afleveradres is niet van uw praktijk."))
        _collect(at, findings, partial(clean_address, address))


def _collect(at: str, findings: Findings, clean: Callable[[], object]) -> None:
    try:
        clean()
    except ValidationError as error:
        if not hasattr(error, "error_dict"):
            findings.add(at, "format", error.messages[0])
            return
        for part, messages in error.message_dict.items():
            findings.add(f"{at}-{part}", "format", messages[0])


def _write(
    campaign: Campaign, practice: Practice, doses: DosesByPlace, ranking: Sequence[date], actor: Person
) -> PreparedOrder:
    PreparedOrder.objects.get_or_create(campaign=campaign, practice=practice)
    prepared = PreparedOrder.objects.select_for_update(no_key=True).get(campaign=campaign, practice=practice)
    prepared.lines.all().delete()
    PreparedLine.objects.bulk_create(
        PreparedLine(prepared=prepared, product_id=product, location_id=location, doses=amount)
        for (product, location), amount in doses.items()
        if amount
    )
    prepared.ranking.all().delete()
    RankedDay.objects.bulk_create(
        RankedDay(prepared=prepared, rank=rank, day=wish) for rank, wish in enumerate(ranking, start=1)
    )
    prepared.saved_by = actor
    prepared.save(update_fields=["saved_at", "saved_by"])
    return prepared
