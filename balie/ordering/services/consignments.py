"""Handing a delivery day to the distributor: its orders become consignments and a signed file, version by version."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from balie.lib.checksums import sign_file
from balie.ordering import dayfile
from balie.ordering.models import Campaign, Consignment, DayFile, DeliveryDay, Kind, Order, OrderLine, Product
from balie.ordering.queries.free_limit import last_free_day
from balie.ordering.rules import Findings
from balie.practices.models import Person, Practice
from balie.practices.services import record
from balie.practices.templatetags.balie import day_and_year

Key = tuple[str, str]  # the number of an order, and an address


@dataclass
class _Wanted:
    practice: int
    location: int | None
    goods: dict[int, int]


@transaction.atomic
def hand_over_day(*, campaign: Campaign, day: date, actor: Person) -> DayFile:
    """The file of the day as its orders are now: the last version where nothing changed since, else the next one.

    The day's row is locked, as everything that changes its orders does: the file has what is ordered then, whole.
    Raises DeliveryDay.DoesNotExist, and RulesError where practices may still change their orders for nothing, and where
    nothing was ever ordered.
    """
    _lock(campaign, day)
    wanted = _read_ordered(campaign, day)
    known = {(each.number, each.address): each for each in Consignment.objects.filter(campaign=campaign, day=day)}
    findings, free = Findings(), last_free_day(campaign, day)
    say = _("Tot en met %(day)s wijzigen praktijken hun bestelling nog gratis. Maak het bestand daarna.")
    findings.require(timezone.localdate() > free, "day", "free", say % {"day": day_and_year(free)})
    findings.require(wanted or known, "day", "empty", _("Voor deze dag is niets besteld."))
    findings.refuse()
    last = DayFile.objects.filter(campaign=campaign, day=day).order_by("-version").first()
    if not _bring_up_to_date(campaign, day, wanted, known) and last is not None:
        return last
    made = _write_file(campaign, day, version=last.version + 1 if last else 1, actor=actor)
    content = dayfile.read_file(made.content.encode())
    record(
        actor=actor,
        practice=None,
        action="deliveries.handed_over",
        subject=f"campaign:{campaign.slug}",
        detail={
            "day": day.isoformat(),
            "version": made.version,
            "stops": len(content.stops),
            "withdrawn": len(content.withdrawn),
            "doses": content.doses,
        },
    )
    return made


def _lock(campaign: Campaign, day: date) -> DeliveryDay:
    return DeliveryDay.objects.select_for_update(no_key=True).get(campaign=campaign, day=day)


def _read_ordered(campaign: Campaign, day: date) -> dict[Key, _Wanted]:
    wanted: dict[Key, _Wanted] = {}
    lines = OrderLine.objects.filter(order__campaign=campaign, day=day).select_related("order").order_by("pk")
    for line in lines:
        found = wanted.setdefault(
            (line.order.number, line.address), _Wanted(line.order.practice_id, line.location_id, {})
        )
        found.goods[line.product_id] = found.goods.get(line.product_id, 0) + line.doses
    return wanted


def _bring_up_to_date(campaign: Campaign, day: date, wanted: dict[Key, _Wanted], known: dict[Key, Consignment]) -> bool:
    """Make the consignments what is wanted; whether anything was different."""
    changed = False
    for key, want in wanted.items():
        number, address = key
        goods = sorted(want.goods.items())
        fields = {
            "line_product": [product for product, _doses in goods],
            "line_doses": [doses for _product, doses in goods],
            "withdrawn": False,
        }
        each = known.get(key)
        if each is None:
            Consignment.objects.create(
                campaign=campaign,
                day=day,
                practice_id=want.practice,
                number=number,
                address=address,
                location_id=want.location,
                **fields,
            )
        elif any(getattr(each, name) != value for name, value in fields.items()):
            Consignment.objects.filter(pk=each.pk).update(**fields)
        else:
            continue
        changed = True
    gone = [each.pk for key, each in known.items() if key not in wanted and not each.withdrawn]
    return bool(Consignment.objects.filter(pk__in=gone).update(withdrawn=True)) or changed


def _write_file(campaign: Campaign, day: date, *, version: int, actor: Person) -> DayFile:
    now = timezone.now()
    consignments = list(
        Consignment.objects.filter(campaign=campaign, day=day).select_related("practice").order_by("pk")
    )
    products = {product.pk: product for product in campaign.products.all()}
    numbers = [each.number for each in consignments if not each.withdrawn]
    kinds = {order.number: order.kind for order in Order.objects.filter(number__in=numbers)}
    content = dayfile.make_file(
        campaign=campaign.slug,
        day=day,
        version=version,
        made_at=now,
        stops=[_stop(each, kinds[each.number], products) for each in consignments if not each.withdrawn],
        withdrawn=[each.pk for each in consignments if each.withdrawn],
    )
    about = dayfile.about(dayfile.read_file(content))
    return DayFile.objects.create(
        campaign=campaign,
        day=day,
        version=version,
        made_at=now,
        made_by=actor,
        content=content.decode(),
        signature=sign_file(content, about, secret=settings.SECRET_KEY),
    )


def _stop(each: Consignment, kind: Kind, products: dict[int, Product]) -> dayfile.Stop:
    practice: Practice = each.practice
    is_what: Any = kind.value  # the model's choices are the file's
    return dayfile.Stop(
        delivery=each.pk,
        order=each.number,
        kind=is_what,
        agb_code=practice.agb_code,
        practice=practice.name,
        phone=practice.phone,
        address=each.address,
        goods=tuple(
            dayfile.Goods(products[product].code, products[product].name, doses)
            for product, doses in _by_position(each, products)
        ),
    )


def _by_position(each: Consignment, products: dict[int, Product]) -> Sequence[tuple[int, int]]:
    goods = zip(each.line_product, each.line_doses, strict=True)
    return sorted(goods, key=lambda pair: products[pair[0]].position)
