"""Campaigns and their rules. Every change is kept as a version, so that one can tell later what was in force."""

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import date, datetime
from typing import Any, Final

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _

from balie.lib.workdays import public_holidays
from balie.ordering.models import Campaign, CampaignVersion, ChangeUnit, Hold, OrderLine, PreparedLine, Product
from balie.ordering.queries.wastage import bands_of
from balie.ordering.rules import MOST_DOSES, Findings
from balie.ordering.services.delivery_rules import (
    DeliveryRules,
    check_delivery_rules,
    delivery_rules_of,
    write_delivery_rules,
)
from balie.ordering.services.groups import GroupRules, check_groups, groups_of, openings_of, write_groups
from balie.ordering.wastage_rules import Band
from balie.practices.models import Person
from balie.practices.services import record
from balie.waitingroom.models import Room
from balie.waitingroom.services import FASTEST_PACE, create_room, set_openings

LONGEST_CHANGE_LIMIT = 60
LONGEST_OFFER_HOURS = 240
HIGHEST_FEE_CENTS = 100_000
MOST_REORDERS = 50
MOST_FREE = 100
# The rules of care organisations, of fees, and of orders beside the first: fields of a campaign and of its rules alike.
MORE: Final = (
    "care_cap_percent",
    "care_minimum",
    "free_deliveries",
    "delivery_fee_cents",
    "free_attempts",
    "attempt_fee_cents",
    "reorders_open_at",
    "reorders_close_at",
    "reorders_most",
    "early_opens_at",
    "early_closes_at",
    "early_until",
    "early_most",
)
MOST_CHASES = 10

Years = tuple[int | None, int | None]
# Under /regiekamer/ these are pages of their own.
OWN_ADDRESSES = ("campagnes", "praktijk")


@dataclass(frozen=True)
class ProductRules:
    """A vaccine. `cohorts` are ranges of birth years, both ends included: ``((1965, 1965), (None, 1947))``.

    Doses that go to waste cost `price_cents` each beyond the `allowance`; with `until_expiry` only past their date.
    Care organisations have `care_allowance`, where there is one.
    """

    code: str
    name: str
    cohorts: tuple[Years, ...] = ()
    step: int = 10
    minimum: int = 10
    price_cents: int = 0
    allowance: tuple[Band, ...] = ()
    care_allowance: tuple[Band, ...] = ()
    until_expiry: bool = False


@dataclass(frozen=True)
class CampaignRules:
    """Everything a campaign's year decides.

    `pace` is numbers called per minute, `window_s` seconds per turn, `cap_percent` the most one may order as a share of
    last year (None: no cap). With `groups`, ordering opens for one after the other, for the first at `opens_at`.
    An order is changed and cancelled for nothing until `change_limit` days or working days (`change_unit`) before its
    delivery; after that the organiser decides, at `late_fee_cents`. Who waited for a full day has `offer_hours`, of
    working days, to take what came free.

    Care organisations have a cap and a minimum of their own where these are given: `care_cap_percent`, `care_minimum`.
    The first `free_deliveries` stops of the lorry at a practice are free, each other costs `delivery_fee_cents`. A
    delivery is offered `free_attempts` times for nothing, each other time costs `attempt_fee_cents`.

    Beside its first order a practice makes up to `reorders_most` re-orders between `reorders_open_at` and
    `reorders_close_at`, and one pre-delivery between `early_opens_at` and `early_closes_at`, of at most `early_most`
    doses a vaccine (None: no limit); days up to `early_until` are for pre-deliveries alone. Without an opening there
    are none.
    """

    doors_at: datetime
    opens_at: datetime
    closes_at: datetime
    pace: int
    products: tuple[ProductRules, ...] = field(default=())
    window_s: int = 300
    cap_percent: int | None = None
    change_limit: int = 8
    change_unit: str = ChangeUnit.WORKING_DAYS.value
    late_fee_cents: int = 4000
    care_cap_percent: int | None = None
    care_minimum: int | None = None
    free_deliveries: int = 3
    delivery_fee_cents: int = 4000
    free_attempts: int = 2
    attempt_fee_cents: int = 4000
    reorders_open_at: datetime | None = None
    reorders_close_at: datetime | None = None
    reorders_most: int = 10
    early_opens_at: datetime | None = None
    early_closes_at: datetime | None = None
    early_until: date | None = None
    early_most: int | None = None
    offer_hours: int = 24
    help_phone: str = ""
    groups: tuple[GroupRules, ...] = field(default=())
    deliveries: DeliveryRules = field(default_factory=DeliveryRules)
    wastage_due: date | None = None
    wastage_chase: tuple[int, ...] = ()


@transaction.atomic
def create_campaign(*, slug: str, name: str, year: int, rules: CampaignRules, actor: Person | None = None) -> Campaign:
    """A new campaign with its waiting room, its products and version 1 of its rules.

    Raises RulesError, and makes nothing, where a rule makes no sense.
    """
    findings = Findings()
    findings.require(
        slug and slug == slugify(slug), "slug", "format", _("Gebruik kleine letters, cijfers en streepjes.")
    )
    findings.require(slug not in OWN_ADDRESSES, "slug", "repeated", _("Dit adres is van een andere pagina."))
    findings.require(
        not Campaign.objects.filter(slug=slug).exists(), "slug", "repeated", _("Er is al een campagne met dit adres.")
    )
    findings.require(name.strip(), "name", "empty", _("Geef de campagne een naam."))
    findings.require(2000 <= year <= 2100, "year", "range", _("Geef het jaar in vier cijfers."))
    _check_rules(rules, findings)
    findings.refuse()

    room = create_room(
        doors_at=rules.doors_at,
        openings=openings_of(rules.groups, opens_at=rules.opens_at),
        closes_at=rules.closes_at,
        pace=rules.pace,
    )
    campaign = Campaign(slug=slug, name=name.strip(), year=year, room=room)
    _write_rules(campaign, rules)
    write_groups(campaign, rules.groups)
    _keep_version(campaign, rules)
    record(action="campaign.created", subject=f"campaign:{slug}", actor=actor, practice=None, detail=_as_json(rules))
    return campaign


@transaction.atomic
def change_rules(*, campaign: Campaign, rules: CampaignRules, actor: Person | None, reason: str) -> Campaign:
    """Put other rules in force from now on, as the next version; unchanged rules make none.

    Orders keep the version under which they were placed. Raises RulesError, and changes nothing, where a rule makes
    no sense, where the draw has been and would be undone, or where a product that is in use would go.
    """
    room = Room.objects.select_for_update(no_key=True).get(pk=campaign.room_id)
    campaign = Campaign.objects.select_for_update(no_key=True).get(pk=campaign.pk)
    before = rules_of(campaign)
    if rules == before:
        return campaign
    findings = Findings()
    findings.require(reason.strip(), "reason", "empty", _("Schrijf op waarom u de regels wijzigt."))
    _check_openings(room, before, rules, findings)
    _check_rules(rules, findings)
    _check_unused(campaign, before, rules, findings)
    findings.refuse()

    room.doors_at, room.closes_at, room.pace = rules.doors_at, rules.closes_at, rules.pace
    room.save(update_fields=["doors_at", "closes_at", "pace"])
    set_openings(room=room, openings=openings_of(rules.groups, opens_at=rules.opens_at))
    campaign.version += 1
    _write_rules(campaign, rules)
    if _who(before) != _who(rules):
        write_groups(campaign, rules.groups)
    _keep_version(campaign, rules)
    record(
        action="campaign.rules_changed",
        subject=f"campaign:{campaign.slug}",
        actor=actor,
        practice=None,
        reason=reason.strip(),
        detail={"version": campaign.version, "before": _as_json(before), "after": _as_json(rules)},
    )
    return campaign


def rules_of(campaign: Campaign) -> CampaignRules:
    """The rules in force; change them with ``dataclasses.replace``."""
    return CampaignRules(
        doors_at=campaign.room.doors_at,
        opens_at=campaign.opens_at,
        closes_at=campaign.closes_at,
        pace=campaign.room.pace,
        products=tuple(
            ProductRules(
                code=product.code,
                name=product.name,
                cohorts=tuple(_years(cohort) for cohort in product.cohorts),
                step=product.step,
                minimum=product.minimum,
                price_cents=product.price_cents,
                allowance=bands_of(product.allowance_upto, product.allowance_permille),
                care_allowance=bands_of(product.care_allowance_upto, product.care_allowance_permille),
                until_expiry=product.until_expiry,
            )
            for product in campaign.products.all()
        ),
        window_s=campaign.window_s,
        cap_percent=campaign.cap_percent,
        change_limit=campaign.change_limit,
        change_unit=campaign.change_unit,
        late_fee_cents=campaign.late_fee_cents,
        **{name: getattr(campaign, name) for name in MORE},
        offer_hours=campaign.offer_hours,
        help_phone=campaign.help_phone,
        groups=groups_of(campaign),
        deliveries=delivery_rules_of(campaign),
        wastage_due=campaign.wastage_due,
        wastage_chase=tuple(campaign.wastage_chase),
    )


def _check_openings(room: Room, before: CampaignRules, after: CampaignRules, findings: Findings) -> None:
    """A round whose list is frozen stays as it was, and who has a ticket stays in its group."""
    frozen = room.rounds.filter(frozen_at__isnull=False).count()
    findings.require(
        not frozen or (after.doors_at, after.opens_at) == (before.doors_at, before.opens_at),
        "opens_at",
        "drawn",
        _("De loting is geweest; deuren en opening liggen vast."),
    )
    findings.require(
        after.groups[:frozen] == before.groups[:frozen],
        "groups",
        "drawn",
        _("Voor een groep die is geopend, ligt alles vast."),
    )
    findings.require(
        not room.arrivals or _who(after) == _who(before),
        "groups",
        "in_use",
        _("Er zijn al praktijken in de wachtkamer; wie in welke groep hoort, ligt vast."),
    )


def _who(rules: CampaignRules) -> list[tuple[object, ...]]:
    return [group.criterion for group in rules.groups]


def _years(cohort: NumericRange) -> Years:
    return cohort.lower, None if cohort.upper is None else cohort.upper - 1


def _check_rules(rules: CampaignRules, findings: Findings) -> None:
    findings.require(
        rules.doors_at <= rules.opens_at, "doors_at", "order", _("De wachtkamer gaat open vóór het bestellen.")
    )
    findings.require(rules.opens_at < rules.closes_at, "closes_at", "order", _("Bestellen sluit pas na de opening."))
    findings.require(1 <= rules.pace <= FASTEST_PACE, "pace", "range", _("Kies een tempo van 1 tot 6.000 per minuut."))
    findings.require(
        20 <= rules.window_s <= 3600, "window_s", "range", _("Een beurt duurt minstens 20 seconden en hooguit een uur.")
    )
    findings.require(
        rules.cap_percent is None or 1 <= rules.cap_percent <= 1000,
        "cap_percent",
        "range",
        _("Het maximum is een percentage van vorig jaar, van 1 tot 1.000."),
    )
    _check_changes(rules, findings)
    check_delivery_rules(rules.deliveries, findings)
    findings.require(
        rules.care_cap_percent is None or 1 <= rules.care_cap_percent <= 1000,
        "care_cap_percent",
        "range",
        _("Het maximum is een percentage van vorig jaar, van 1 tot 1.000."),
    )
    findings.require(
        rules.care_minimum is None or rules.care_minimum <= 10_000,
        "care_minimum",
        "range",
        _("Het minimum is 0 tot 10.000 doses."),
    )
    _check_more(rules, findings)
    _check_wastage(rules, findings)
    findings.require(rules.products, "products", "empty", _("Geef minstens één vaccin."))
    codes = [product.code for product in rules.products]
    findings.require(len(codes) == len(set(codes)), "products", "repeated", _("Elk vaccin komt één keer voor."))
    for index, product in enumerate(rules.products):
        _check_product(product, f"products[{index}]", findings)
    check_groups(rules.groups, findings, opens_at=rules.opens_at, closes_at=rules.closes_at)


def _check_changes(rules: CampaignRules, findings: Findings) -> None:
    findings.require(
        rules.change_unit in ChangeUnit.values, "change_unit", "unknown", _("Tel in dagen of in werkdagen.")
    )
    findings.require(
        0 <= rules.change_limit <= LONGEST_CHANGE_LIMIT,
        "change_limit",
        "range",
        _("Gratis wijzigen kan tot hooguit 60 dagen voor de bezorging."),
    )
    findings.require(
        0 <= rules.late_fee_cents <= HIGHEST_FEE_CENTS, "late_fee_cents", "range", _("De kosten zijn 0 tot 1.000 euro.")
    )
    for name in ("delivery_fee_cents", "attempt_fee_cents"):
        fee = getattr(rules, name)
        findings.require(0 <= fee <= HIGHEST_FEE_CENTS, name, "range", _("De kosten zijn 0 tot 1.000 euro."))
    for name in ("free_deliveries", "free_attempts"):
        findings.require(0 <= getattr(rules, name) <= MOST_FREE, name, "range", _("Kies 0 tot 100."))
    findings.require(
        1 <= rules.offer_hours <= LONGEST_OFFER_HOURS,
        "offer_hours",
        "range",
        _("Een aangeboden plaats blijft 1 tot 240 uur vrij."),
    )


def _check_more(rules: CampaignRules, findings: Findings) -> None:
    """Of re-orders and pre-deliveries: all of it, or none; the one that is missing or wrong is named."""
    say = _("Vul beide tijden in, de opening eerst. Of laat beide leeg.")
    for kind in ("reorders_open_at", "reorders_close_at"), ("early_opens_at", "early_closes_at"):
        opens, closes = (getattr(rules, name) for name in kind)
        findings.require(
            opens is None if closes is None else opens is not None and opens < closes, kind[1], "order", say
        )
    findings.require(
        (rules.early_opens_at is None) == (rules.early_until is None),
        "early_until",
        "order",
        _("Zeg tot en met welke dag voorleveringen komen. Of laat alles over voorleveringen leeg."),
    )
    findings.require(
        1 <= rules.reorders_most <= MOST_REORDERS, "reorders_most", "range", _("Kies 1 tot 50 nabestellingen.")
    )
    findings.require(
        rules.early_most is None or 1 <= rules.early_most <= MOST_DOSES,
        "early_most",
        "range",
        _("Kies hoeveel doses een voorlevering hooguit heeft, of laat dit leeg."),
    )


def _check_wastage(rules: CampaignRules, findings: Findings) -> None:
    say = _("Mail hooguit tien keer, van 0 tot 365 dagen ervoor.")
    chase = rules.wastage_chase
    findings.require(
        len(chase) <= MOST_CHASES and all(0 <= days <= 365 for days in chase), "wastage_chase", "range", say
    )
    for index, product in enumerate(rules.products):
        say = _("Een dosis kost 0 tot 1.000 euro.")
        findings.require(0 <= product.price_cents <= HIGHEST_FEE_CENTS, f"products[{index}].price", "range", say)


def _check_product(product: ProductRules, at: str, findings: Findings) -> None:
    findings.require(
        product.code and product.code == slugify(product.code) and len(product.code) <= 20,
        f"{at}.code",
        "format",
        _("Een code heeft hooguit 20 kleine letters, cijfers en streepjes."),
    )
    findings.require(product.name.strip(), f"{at}.name", "empty", _("Geef het vaccin een naam."))
    findings.require(1 <= product.step <= 1000, f"{at}.step", "range", _("Bestellen gaat per 1 tot 1.000 doses."))
    findings.require(0 <= product.minimum <= 10_000, f"{at}.minimum", "range", _("Het minimum is 0 tot 10.000 doses."))
    for first, last in product.cohorts:
        findings.require(
            first is None or last is None or first <= last,
            f"{at}.cohorts",
            "order",
            _("Een groep geboortejaren begint met het vroegste jaar."),
        )


def _check_unused(campaign: Campaign, before: CampaignRules, after: CampaignRules, findings: Findings) -> None:
    kept = {product.code for product in after.products}
    for product in before.products:
        if product.code not in kept and _in_use(campaign, product.code):
            findings.add(
                "products", "in_use", _("%(name)s staat al in bestellingen en blijft.") % {"name": product.name}
            )


def _in_use(campaign: Campaign, code: str) -> bool:
    product = campaign.products.get(code=code)
    return (
        PreparedLine.objects.filter(product=product).exists()
        or OrderLine.objects.filter(product=product).exists()
        or Hold.objects.filter(campaign=campaign, line_product__contains=[product.pk]).exists()
    )


def _write_rules(campaign: Campaign, rules: CampaignRules) -> None:
    campaign.opens_at, campaign.closes_at = rules.opens_at, rules.closes_at
    campaign.window_s, campaign.cap_percent = rules.window_s, rules.cap_percent
    campaign.change_limit, campaign.change_unit = rules.change_limit, rules.change_unit
    campaign.late_fee_cents, campaign.offer_hours = rules.late_fee_cents, rules.offer_hours
    for name in MORE:
        setattr(campaign, name, getattr(rules, name))
    campaign.holidays = sorted(public_holidays(campaign.year) | public_holidays(campaign.year + 1))
    campaign.help_phone = rules.help_phone
    write_delivery_rules(campaign, rules.deliveries)
    campaign.wastage_due, campaign.wastage_chase = rules.wastage_due, list(rules.wastage_chase)
    campaign.save()
    campaign.products.exclude(code__in=[product.code for product in rules.products]).delete()
    for position, product in enumerate(rules.products):
        Product.objects.update_or_create(
            campaign=campaign,
            code=product.code,
            defaults={
                "name": product.name,
                "position": position,
                "cohorts": list(_ranges(product.cohorts)),
                "step": product.step,
                "minimum": product.minimum,
                "price_cents": product.price_cents,
                "allowance_upto": [upto for upto, _permille in product.allowance if upto is not None],
                "allowance_permille": [permille for _upto, permille in product.allowance],
                "care_allowance_upto": [upto for upto, _permille in product.care_allowance if upto is not None],
                "care_allowance_permille": [permille for _upto, permille in product.care_allowance],
                "until_expiry": product.until_expiry,
            },
        )


def _ranges(cohorts: Iterable[Years]) -> Iterable[NumericRange]:
    for first, last in cohorts:
        yield NumericRange(first, None if last is None else last + 1)


def _keep_version(campaign: Campaign, rules: CampaignRules) -> None:
    CampaignVersion.objects.create(
        campaign=campaign, version=campaign.version, since=timezone.now(), rules=_as_json(rules)
    )


def _as_json(rules: CampaignRules) -> dict[str, Any]:
    """What JSON can hold; moments as text, wherever they stand."""
    return json.loads(DjangoJSONEncoder().encode(asdict(rules)))  # type: ignore[no-any-return]
