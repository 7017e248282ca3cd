"""Delivery days: which days lorries drive, and how much they carry on each."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from math import ceil

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from balie.lib.workdays import is_working_day
from balie.ordering.models import Campaign, DeliveryDay
from balie.ordering.rules import Findings
from balie.practices.models import Person
from balie.practices.services import record

LONGEST_PERIOD = timedelta(days=400)


@dataclass(frozen=True)
class Ramp:
    """How capacity grows in the first weeks, when vaccine is still being released.

    The first working day has `start` of a full day (over 0, at most 1), the next ones evenly more, and the one after
    `days` working days is a full one.
    """

    start: float = 1.0
    days: int = 0

    def share(self, index: int) -> float:
        """The part of a full day that working day `index` (from 0) has."""
        if index >= self.days:
            return 1.0
        return self.start + (1.0 - self.start) * index / self.days


FLAT = Ramp()


def working_days(first: date, last: date, *, closed: Collection[date] = ()) -> list[date]:
    """Mondays to Fridays from `first` through `last`, without Dutch public holidays and the days in `closed`."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return [day for day in days if is_working_day(day) and day not in closed]


def full_day_for(total: int, *, days: int, ramp: Ramp) -> int:
    """How much a full day must have for `days` working days with this ramp to add up to at least `total`."""
    return ceil(total / sum(ramp.share(index) for index in range(days)))


@transaction.atomic
def generate_delivery_days(
    *,
    campaign: Campaign,
    first: date,
    last: date,
    doses: int,
    addresses: int,
    ramp: Ramp = FLAT,
    closed: Collection[date] = (),
    actor: Person | None = None,
) -> list[DeliveryDay]:
    """Add the working days of a period; a full day carries `doses` to `addresses`. Doses are rounded down to tens.

    Raises RulesError, and adds nothing, where the period or an amount makes no sense or a day exists already.
    """
    findings = Findings()
    _check_period(campaign, first, last, findings)
    _check_amounts(doses, addresses, ramp, findings)
    findings.refuse()
    days = working_days(first, last, closed=closed)
    _check_days(campaign, days)
    made = DeliveryDay.objects.bulk_create(
        DeliveryDay(
            campaign=campaign,
            day=day,
            doses_limit=int(doses * ramp.share(index)) // 10 * 10,
            addresses_limit=max(1, round(addresses * ramp.share(index))),
        )
        for index, day in enumerate(days)
    )
    record(
        action="calendar.generated",
        subject=f"campaign:{campaign.slug}",
        actor=actor,
        practice=None,
        detail={"first": first.isoformat(), "last": last.isoformat(), "days": len(made)},
    )
    return made


def _check_period(campaign: Campaign, first: date, last: date, findings: Findings) -> None:
    findings.require(first <= last, "last", "order", _("De laatste dag ligt vóór de eerste."))
    findings.require(last - first <= LONGEST_PERIOD, "last", "too_long", _("De periode is langer dan een jaar."))
    opening = timezone.localdate(campaign.opens_at)
    findings.require(first > opening, "first", "too_early", _("Bezorgen kan pas na de opening van het bestellen."))


def _check_amounts(doses: int, addresses: int, ramp: Ramp, findings: Findings) -> None:
    findings.require(doses >= 10, "doses", "minimum", _("Geef minstens 10 doses per dag."))
    findings.require(addresses >= 1, "addresses", "minimum", _("Geef minstens 1 adres per dag."))
    sensible = 0 < ramp.start <= 1 and ramp.days >= 0
    findings.require(sensible, "ramp", "range", _("De aanloop begint tussen 0 en 1 van een volle dag."))


def _check_days(campaign: Campaign, days: Sequence[date]) -> None:
    findings = Findings()
    findings.require(days, "first", "empty", _("In deze periode valt geen werkdag."))
    for day in DeliveryDay.objects.filter(campaign=campaign, day__in=days).values_list("day", flat=True):
        findings.add("first", "repeated", _("%(day)s staat al in de kalender.") % {"day": date_format(day, "j F Y")})
    findings.refuse()
