"""An order as people read it: by delivery."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from itertools import groupby

from balie.ordering.models import Order, OrderLine


@dataclass(frozen=True)
class Delivery:
    """What the lorry brings to one address on one day."""

    day: date
    address: str
    lines: Sequence[OrderLine]


def read_deliveries(order: Order) -> list[Delivery]:
    """In order of day and address; products in the campaign's order."""
    lines = order.lines.select_related("product").order_by("day", "address", "product__position", "pk")
    return [
        Delivery(day, address, list(group))
        for (day, address), group in groupby(lines, key=lambda line: (line.day, line.address))
    ]
