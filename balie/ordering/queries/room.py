"""What delivery days have room for, for a practice that changes its order. Advice: the change SQL judges."""

from dataclasses import dataclass
from datetime import date

from balie.ordering.models import Order
from balie.ordering.queries.rows import read_rows


@dataclass(frozen=True)
class DayRoom:
    """What is free on a day, what the order has there itself included; changing it is free until `last_free`."""

    day: date
    doses: int
    addresses: int
    last_free: date


def read_room(order: Order) -> list[DayRoom]:
    """Every delivery day of the campaign that is for such an order, in order of date."""
    return read_room_for(order.campaign_id, order.practice_id, order.slot)


def read_room_for(campaign: int, practice: int, slot: int) -> list[DayRoom]:
    """As `read_room`, whether or not the practice has an order in the slot."""
    rows = read_rows("room_for_order", campaign=campaign, practice=practice, slot=slot)
    return [DayRoom(**row) for row in rows]
