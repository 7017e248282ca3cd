"""Changing an order that stands. The SQL judges and does it (`sql/change_order_v1.sql`), under the locks of holding."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.utils.translation import gettext as _

from balie.ordering.hot import Line
from balie.ordering.models import Campaign, Order
from balie.ordering.queries.acts import name_days
from balie.ordering.queries.fees import read_total
from balie.ordering.queries.orders import Delivery, read_deliveries
from balie.ordering.rules import Finding, Findings, RulesError, grouped
from balie.ordering.services.orders import NoOrderError
from balie.ordering.services.placing import lock_hold
from balie.ordering.services.prepared import check_addresses
from balie.practices.contact import Address, change_address
from balie.practices.models import Person, Practice
from balie.practices.services import tell_origin
from balie.runtime.services import notify_after_commit

CHANGE = """
select outcome, revision, detail
  from ordering_change_order_v1(%s, %s, %s, %s, %s, %s,
         %s::bigint[], %s::bigint[], %s::int[], %s::date[], %s, %s, %s, %s)
"""


@dataclass(frozen=True)
class Change:
    """What an order becomes: all its lines, for whoever saw it last at `revision`. `addresses` are those of the
    practice's locations, by key, as far as they were given with it.
    """

    number: str
    revision: int
    lines: Sequence[Line]
    addresses: Mapping[int, Address] = field(default_factory=dict)


@dataclass(frozen=True)
class Preview:
    """What a change would do; nothing is done. `lost` are days that the order has now and would no longer have;
    `extra_cents` is what the practice's deliveries would cost more, or less.
    """

    before: Sequence[Delivery]
    after: Sequence[Delivery]
    lost: Sequence[date]
    extra_cents: int = 0


@transaction.atomic
def change_order(
    *,
    campaign: Campaign,
    practice: Practice,
    change: Change,
    actor: Person | None,
    at: datetime,
    granted: bool = False,
    fee_cents: int = 0,
    reason: str = "",
) -> int:
    """Change the order, take and give back what differs, and mail that; returns the revision. Without an actor it is
    Balie that does so. Once: a click that comes again hears the same.

    `at` is when the request reached us; it decides whether the free limit is past, unless the organiser has `granted`
    it. Raises NoOrderError, and RulesError, with nothing changed, where it does not fit, is too late, differs in
    nothing, or is about an order that was changed since.
    """
    if change.addresses and actor:
        change_addresses(campaign=campaign, practice=practice, addresses=change.addresses, actor=actor)
    tell_origin()
    asked = (campaign.pk, practice.pk, change.number, change.revision, actor.pk if actor else None, at)
    with connection.cursor() as cursor:
        lines = columns_of(change.lines)
        cursor.execute(CHANGE, [*asked, *lines, granted, fee_cents, reason, settings.MAIL_DOMAIN])
        outcome, revision, detail = cursor.fetchone()
    if outcome == "no_order":
        raise NoOrderError(change.number)
    if outcome != "changed":
        raise RulesError(_refusals(outcome, json.loads(detail or "{}"), change.lines))
    notify_after_commit(f"days:{campaign.pk}")
    made: int = revision
    return made


def preview_change(
    *, campaign: Campaign, practice: Practice, change: Change, actor: Person, at: datetime, granted: bool = False
) -> Preview:
    """As `change_order`, which is done, looked at, and undone, so that the rules are judged in one place."""
    with transaction.atomic():
        order = Order.objects.filter(campaign=campaign, practice=practice, number=change.number).first()
        before = read_deliveries(order) if order else []
        owed = read_total(campaign, practice)
        change_order(campaign=campaign, practice=practice, change=change, actor=actor, at=at, granted=granted)
        assert order is not None
        after = read_deliveries(order)
        extra = read_total(campaign, practice) - owed
        transaction.set_rollback(True)
    lost = sorted({delivery.day for delivery in before} - {delivery.day for delivery in after})
    return Preview(before=before, after=after, lost=lost, extra_cents=extra)


def change_addresses(
    *, campaign: Campaign, practice: Practice, addresses: Mapping[int, Address], actor: Person
) -> None:
    """Correct where the lorry stops; orders keep the address that they have. Raises RulesError. Takes the hold row."""
    lock_hold(campaign=campaign, practice=practice)
    locations = {location.pk: location for location in practice.locations.all()}
    findings = Findings()
    check_addresses(addresses, locations, findings)
    findings.refuse()
    for location, address in addresses.items():
        change_address(location=locations[location], address=address, actor=actor)


def columns_of(lines: Sequence[Line]) -> tuple[list[int], list[int], list[int], list[date | None]]:
    """Products, locations, doses and days, as the SQL takes them."""
    return (
        [line.product for line in lines],
        [line.location for line in lines],
        [line.doses for line in lines],
        [line.day for line in lines],
    )


def _refusals(outcome: str, detail: dict[str, Any], lines: Sequence[Line]) -> list[Finding]:
    if outcome == "bad_lines":
        return [say_error(error, lines) for error in detail["errors"]]
    if outcome == "full":
        days = {"days": name_days(detail["days"])}
        say = _("Geen plaats meer voor deze wijziging op %(days)s. Uw bestelling staat nog zoals zij was.") % days
        return [Finding(at="days", code="full", say=say)]
    say = {
        "same": _("Er verandert niets: dit is uw bestelling al."),
        "outdated": _("De bestelling is intussen gewijzigd. Kijk wat er nu staat, en wijzig het dan opnieuw."),
        "late": _("Gratis wijzigen kan niet meer. U kunt het nog aan de organisatie vragen."),
        "delivered": _("Wijzigen kan niet meer: de bezorging is vandaag of was al."),
    }[outcome]
    return [Finding(at="change", code=outcome, say=say)]


def say_error(error: dict[str, Any], lines: Sequence[Line]) -> Finding:
    """What the SQL found wrong with a line, for people; `at` stays as it was: ``lines[0].doses``, say."""
    at, code, suggest = error["at"], error["code"], tuple(error.get("suggest", ()))
    if code == "empty":
        return Finding(at=at, code=code, say=_("Er blijft niets over. Wilt u niets meer? Annuleer dan de bestelling."))
    line = lines[int(at.partition("[")[2].partition("]")[0])]
    words = {
        "doses": grouped(line.doses),
        "minimum": grouped(error.get("minimum", 0)),
        "step": error.get("step", 0),
        "cap": grouped(error.get("cap", 0)),
        "ordered": grouped(error.get("ordered", 0)),
        "total": grouped(sum(other.doses for other in lines if other.product == line.product)),
        "choice": _(" of ").join(grouped(amount) for amount in suggest),
    }
    sentences = {
        "minimum": _("%(doses)s is te weinig: het minimum is %(minimum)s."),
        "step": (
            _("%(doses)s kan niet: kies %(choice)s.")
            if suggest
            else _("%(doses)s kan niet: bestellen gaat per %(step)s.")
        ),
        "cap": _("%(total)s is te veel: het maximum is dit jaar %(cap)s."),
        "product": _("Dit vaccin hoort niet bij deze campagne."),
        "location": _("Dit afleveradres is niet van uw praktijk."),
        "day": _("Dit is geen bezorgdag van deze campagne."),
        "repeated": _("Dit staat er twee keer: hetzelfde vaccin, op dezelfde dag, naar hetzelfde adres."),
    }
    if code == "step" and not suggest:
        sentences["step"] = _("%(doses)s kan niet: bestellen gaat per %(step)s.")
    if code == "cap" and "ordered" in error:
        sentences["cap"] = _("In uw andere bestellingen staan er al %(ordered)s. Hier kunnen er hooguit %(cap)s bij.")
    return Finding(at=at, code=code, say=sentences[code] % words, suggest=suggest)
