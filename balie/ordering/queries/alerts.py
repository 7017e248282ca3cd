"""When things come: for whoever brings them, and for the practice that waits."""

from dataclasses import dataclass
from datetime import date, time

from balie.ordering.models import Campaign, Order
from balie.ordering.queries.rows import read_rows


@dataclass(frozen=True)
class Alert:
    """Something that comes on a day. `starts` and `ends` are None until somebody gave its time.

    `told`: that time was mailed; `lost`: the mail did not arrive; `without`: this practice hears no time.
    """

    delivery: int
    number: str
    practice: str
    agb_code: str
    phone: str
    address: str
    starts: time | None
    ends: time | None
    without: bool
    told: bool
    lost: bool


@dataclass(frozen=True)
class Coming:
    """A delivery of an order, for its practice; its time where it has one and may hear it, from `told_on` by mail.
    `said`: the practice has said what came.
    """

    delivery: int
    day: date
    address: str
    without: bool
    told_on: date
    starts: time | None
    ends: time | None
    said: bool


def read_alerts(campaign: Campaign, day: date) -> list[Alert]:
    """All that comes on the day as it was handed over last, in order of practice. One query for however many."""
    return [Alert(**row) for row in read_rows("alerts_of_day", campaign=campaign.pk, day=day)]


def read_coming(order: Order) -> list[Coming]:
    """What was handed over of an order, in order of day and address."""
    asked = {"campaign": order.campaign_id, "practice": order.practice_id, "number": order.number}
    return [Coming(**row) for row in read_rows("coming", **asked)]
