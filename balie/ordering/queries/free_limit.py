"""Until when an order may be changed or cancelled for nothing. The SQL says it, from the campaign's rules."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

from balie.ordering.models import Campaign, ChangeUnit, Order

READ = """
select min(l.day), ordering_last_free_day_v1(%s, min(l.day)) from ordering_order_line l where l.order_id = %s
"""


@dataclass(frozen=True)
class FreeLimit:
    """Of an order, on one day: `today` is that in the Netherlands, `first_day` its first delivery."""

    today: date
    first_day: date
    last_free: date

    @property
    def is_delivered(self) -> bool:
        """Something has been delivered, or is today."""
        return self.today >= self.first_day

    @property
    def is_free(self) -> bool:
        return not self.is_delivered and self.today <= self.last_free


def read_free_limit(order: Order, *, at: datetime) -> FreeLimit:
    """As it is for what reaches us at that moment."""
    with connection.cursor() as cursor:
        cursor.execute(READ, [order.campaign_id, order.pk])
        first_day, last_free = cursor.fetchone()
    return FreeLimit(timezone.localdate(at), first_day, last_free)


def last_free_day(campaign: Campaign, day: date) -> date:
    """The last day on which what comes on `day` may be changed or cancelled for nothing."""
    with connection.cursor() as cursor:
        cursor.execute("select ordering_last_free_day_v1(%s, %s)", [campaign.pk, day])
        found: date = cursor.fetchone()[0]
    return found


def counts_working_days(campaign: Campaign) -> bool:
    """Whether its limit is in working days."""
    return campaign.change_unit == ChangeUnit.WORKING_DAYS
