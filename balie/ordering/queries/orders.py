"""An order as people read it: by delivery."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from balie.ordering.models import CancelledOrder, Order, OrderLine, Product


@dataclass(frozen=True)
class Delivery:
    """What the lorry brings to one address on one day."""

    day: date
    address: str
    lines: Sequence[OrderLine]


def read_deliveries(order: Order) -> list[Delivery]:
    """In order of day and address; products in the campaign's order."""
    lines = order.lines.select_related("product").order_by("day", "address", "product__position", "pk")
    return _by_delivery(lines)


def read_cancelled_deliveries(order: CancelledOrder) -> list[Delivery]:
    """As above, what would have come; of lines that exist no more."""
    products = Product.objects.in_bulk(order.line_product)
    columns = zip(order.line_day, order.line_address, order.line_product, order.line_doses, strict=True)
    lines = [OrderLine(day=day, address=to, product=products[key], doses=doses) for day, to, key, doses in columns]
    lines.sort(key=lambda line: (line.day, line.address, line.product.position))
    return _by_delivery(lines)


def _by_delivery(lines: Iterable[OrderLine]) -> list[Delivery]:
    return [
        Delivery(day, address, list(group))
        for (day, address), group in groupby(lines, key=lambda line: (line.day, line.address))
    ]
