"""An order as people read it: by delivery."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from balie.ordering.models import CancelledOrder, Order, OrderLine, Product
from balie.practices.models import AuditEvent


@dataclass(frozen=True)
class Delivery:
    """What the lorry brings to one address on one day."""

    day: date
    address: str
    lines: Sequence[OrderLine]


def read_deliveries(order: Order) -> list[Delivery]:
    """In order of day and address; products in the campaign's order."""
    lines = order.lines.select_related("product").order_by("day", "address", "product__position", "pk")
    return by_delivery(lines)


def read_cancelled_deliveries(order: CancelledOrder) -> list[Delivery]:
    """As above, what would have come; of lines that exist no more."""
    products = Product.objects.in_bulk(order.line_product)
    columns = zip(order.line_day, order.line_address, order.line_product, order.line_doses, strict=True)
    lines = [OrderLine(day=day, address=to, product=products[key], doses=doses) for day, to, key, doses in columns]
    lines.sort(key=lambda line: (line.day, line.address, line.product.position))
    return by_delivery(lines)


def read_dropped_days(order: Order, *, kept: int) -> list[tuple[int, date]]:
    """Of an order that has fewer deliveries than it had before a change: the places beyond those, counted from 1, each
    with its day of then.
    """
    if not order.revision:
        return []
    found: dict[int, date] = {}
    for event in AuditEvent.objects.filter(action="order.changed", subject=order.number).order_by("pk"):
        before = sorted({(line["day"], line["address"]) for line in event.detail["before"]})
        found |= {place: date.fromisoformat(day) for place, (day, _) in enumerate(before, start=1) if place > kept}
    return sorted(found.items())


def by_delivery(lines: Iterable[OrderLine]) -> list[Delivery]:
    """Lines in order of day and address, together as the lorry brings them."""
    return [
        Delivery(day, address, list(group))
        for (day, address), group in groupby(lines, key=lambda line: (line.day, line.address))
    ]
