"""Orders beside the first: which a practice has, which it could add, and whether an amount would do."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import connection

from balie.ordering.hot import Line
from balie.ordering.models import Campaign, Kind, Order, kind_of, slot_name
from balie.ordering.queries.kinds_of_days import days_for
from balie.ordering.queries.rows import read_rows
from balie.practices.models import Practice

CHECK = """
select (ordering_check_lines_v1(%s, array[%s]::bigint[], array[1], array[%s], %s::bigint[], %s::bigint[], %s::bigint[],
          %s::date[], array[1], array[0], '{}', array[%s]::smallint[]))[1]
"""


@dataclass(frozen=True)
class Offer:
    """An order that a practice could add: now, unless `refusal` says why not (docs/spec/live.md)."""

    slot: int
    refusal: str | None
    opens_at: datetime | None
    closes_at: datetime | None

    @property
    def kind(self) -> Kind:
        return kind_of(self.slot)

    @property
    def name(self) -> str:
        return slot_name(self.slot)

    @property
    def is_open(self) -> bool:
        return self.refusal is None


def read_offers(campaign: Campaign, practice: Practice) -> list[Offer]:
    """What the practice could add, open or still to open; nothing that the campaign does not have."""
    offers = [Offer(**row) for row in read_rows("offers", campaign=campaign.pk, practice=practice.pk)]
    return [each for each in offers if each.refusal in {None, "not_open"}]


def read_offer(campaign: Campaign, practice: Practice, slot: int) -> Offer:
    """How it is with the order in that slot."""
    early = kind_of(slot) == Kind.PRE_DELIVERY
    with connection.cursor() as cursor:
        cursor.execute(
            "select ordering_slot_refusal_v1(%s, %s, %s, clock_timestamp())", [campaign.pk, practice.pk, slot]
        )
        (refusal,) = cursor.fetchone()
    return Offer(
        slot,
        refusal,
        campaign.early_opens_at if early else campaign.reorders_open_at,
        campaign.early_closes_at if early else campaign.reorders_close_at,
    )


def read_orders(campaign: Campaign, practice: Practice) -> Sequence[Order]:
    """All orders of the practice that stand, the first one first."""
    orders = Order.objects.filter(campaign=campaign, practice=practice).order_by("slot")
    return list(orders.prefetch_related("lines").select_related("campaign"))


def read_days_for(campaign: Campaign, slot: int) -> list[date]:
    """The delivery days that are for orders in that slot, in order of date."""
    return list(days_for(campaign, slot).values_list("day", flat=True))


def check_amounts(campaign: Campaign, practice: Practice, slot: int, lines: Sequence[Line]) -> list[dict[str, Any]]:
    """What the rules find wrong with these doses, whatever the day; as the SQL of holding says it."""
    day = next(iter(read_days_for(campaign, slot)), None)
    with connection.cursor() as cursor:
        cursor.execute(
            CHECK,
            [
                campaign.pk,
                practice.pk,
                len(lines),
                [line.product for line in lines],
                [line.location for line in lines],
                [line.doses for line in lines],
                [day] * len(lines),
                slot,
            ],
        )
        (found,) = cursor.fetchone()
    return json.loads(found) if isinstance(found, str) else found or []
