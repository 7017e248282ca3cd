"""What practices said of what came: for the practice, and for whoever must do something about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from django.db.models import QuerySet
from django.utils import timezone

from balie.ordering.models import Campaign, Consignment, Intake, IntakeLine, PreAlert
from balie.ordering.queries.consignments import Goods, goods_of
from balie.practices.models import Practice


class Standing(StrEnum):
    """How a delivery stands, the most urgent first. `coming`: its day is not there yet; `open`: nothing is said, and
    there is time.
    """

    BROKEN = "broken"
    NOT_COME = "not_come"
    DIFFERS = "differs"
    UNSAID = "unsaid"
    OPEN = "open"
    COMING = "coming"
    WHOLE = "whole"


ORDER = list(Standing)
# What somebody has to do something about.
TROUBLES = {Standing.BROKEN, Standing.NOT_COME, Standing.DIFFERS, Standing.UNSAID}


@dataclass(frozen=True)
class Taken:
    """A consignment, what should be in it, and what the practice said, where it did."""

    consignment: Consignment
    goods: Sequence[Goods]
    intake: Intake | None
    lines: Sequence[IntakeLine]
    alert: PreAlert | None
    due_at: datetime
    standing: Standing

    @property
    def wrong(self) -> list[IntakeLine]:
        """Products of which something is short, too much or damaged."""
        return [line for line in self.lines if line.received != line.expected or line.damaged]


def due_of(day: date, ends: time | None, hours: int) -> datetime:
    """Until when something wrong is said in time: so many hours after its window, or else after its day."""
    end = datetime.combine(day, ends) if ends else datetime.combine(day + timedelta(days=1), time())
    return timezone.make_aware(end) + timedelta(hours=hours)


def read_intakes_of_day(campaign: Campaign, day: date) -> list[Taken]:
    """Everything of a day, the most urgent first. The same number of queries for however many."""
    found = _read(campaign, Consignment.objects.filter(campaign=campaign, day=day))
    return sorted(found, key=lambda each: (ORDER.index(each.standing), each.consignment.practice.name))


def read_intakes_of_practice(campaign: Campaign, practice: Practice) -> list[Taken]:
    """Everything that came or comes to a practice, in order of day."""
    return _read(campaign, Consignment.objects.filter(campaign=campaign, practice=practice))


def read_taken(consignment: Consignment) -> Taken:
    """One of these."""
    return _read(consignment.campaign, Consignment.objects.filter(pk=consignment.pk))[0]


def _read(campaign: Campaign, consignments: QuerySet[Consignment]) -> list[Taken]:
    products = {product.pk: product for product in campaign.products.all()}
    found = consignments.filter(withdrawn=False).select_related(
        "campaign", "practice", "pre_alert", "intake__said_by", "intake__changed_by"
    )
    return [
        _taken(campaign, each, goods_of(each, products))
        for each in found.prefetch_related("intake__lines__product").order_by("day", "address", "pk")
    ]


def _taken(campaign: Campaign, consignment: Consignment, goods: Sequence[Goods]) -> Taken:
    intake: Intake | None = getattr(consignment, "intake", None)
    alert: PreAlert | None = getattr(consignment, "pre_alert", None)
    due_at = intake.due_at if intake else due_of(consignment.day, alert.ends if alert else None, campaign.report_hours)
    return Taken(
        consignment=consignment,
        goods=goods,
        intake=intake,
        lines=list(intake.lines.all()) if intake else [],
        alert=alert,
        due_at=due_at,
        standing=_standing(consignment, intake, due_at),
    )


def _standing(consignment: Consignment, intake: Intake | None, due_at: datetime) -> Standing:
    if intake is None:
        if timezone.localdate() < consignment.day:
            return Standing.COMING
        return Standing.OPEN if timezone.now() <= due_at else Standing.UNSAID
    return Standing.BROKEN if intake.cold == Intake.Cold.BROKEN else Standing(intake.outcome)
