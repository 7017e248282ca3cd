"""What the report of a night tells, as figures: read anew each time, in a handful of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.utils import timezone

from balie.ordering.models import Campaign
from balie.ordering.queries.fairness import Fairness, read_fairness
from balie.ordering.queries.night import Entry, tell
from balie.ordering.queries.night_practices import State, find_practices
from balie.ordering.queries.rows import read_rows
from balie.ordering.queries.timeline import Happening, read_happenings

MOST_TOLD = 500  # events of a night
STEP, LAST_STEP = 5, 20  # of doses for each hundred patients, as `report_shares.sql` has them


@dataclass(frozen=True)
class Spread:
    """How long something took, in seconds: half took at most the median, nine of ten at most `p90`."""

    median: float
    p90: float
    longest: float


@dataclass(frozen=True)
class Minute:
    """How things stood at the end of the minute that begins `at`; what follows `mail_waiting` happened within it."""

    at: datetime
    waiting: int
    inside: int
    mail_waiting: int
    arrivals: int
    calls: int
    orders: int
    doses: int
    mails_sent: int


@dataclass(frozen=True)
class Day:
    """A delivery day, what was ordered of it, and since when nobody could order of it any more."""

    day: date
    doses_limit: int
    addresses_limit: int
    doses: int
    addresses: int
    full_at: datetime | None


@dataclass(frozen=True)
class Region:
    """What goes to addresses whose postcode begins with this digit; with none where an address has no postcode."""

    digit: str
    doses: int
    practices: int
    deliveries: int


@dataclass(frozen=True)
class Share:
    """Of a product, what `practices` ordered for their registered patients. `spread`: a tenth of them ordered at most
    so many doses for each hundred, half of them, nine in ten. `steps` counts practices by steps of five for each
    hundred.
    """

    name: str
    practices: int
    doses: int
    registered: int
    spread: Sequence[float] | None
    steps: Sequence[tuple[int, int]]

    @property
    def per_hundred(self) -> float:
        return 100 * self.doses / self.registered if self.registered else 0.0


@dataclass(frozen=True)
class RoundFigures:
    """A round of the waiting room; `to_turn` from its opening, or from when a practice came, until it was called."""

    name: str
    draw_at: datetime
    arrivals: int
    called: int
    orders: int
    to_turn: Spread | None


@dataclass(frozen=True)
class Report:
    """`now` is what the control room counts; orders that were `cancelled` are in no other figure;
    `heard` how often holds heard what, by act and outcome;
    `not_placed` how many of those who left the ordering to Balie have no order because it found no room; `log` what
    happened since the doors opened, oldest first.
    """

    campaign: Campaign
    ends_at: datetime
    now: Mapping[str, Any]
    first_order_at: datetime | None
    last_order_at: datetime | None
    to_turn: Spread | None
    to_order: Spread | None
    mails: Mapping[str, int]
    to_sent: Spread | None
    heard: Mapping[tuple[str, str], int]
    stood_still: int
    stood_still_s: float
    cancelled: int
    left_to_balie: int
    not_placed: int
    products: Sequence[tuple[str, int]]
    rounds: Sequence[RoundFigures]
    days: Sequence[Day]
    regions: Sequence[Region]
    shares: Sequence[Share]
    minutes: Sequence[Minute]
    fairness: Sequence[Fairness]
    standing: Mapping[State, int]
    log: Sequence[Entry]

    @property
    def begun(self) -> bool:
        """Whether there is a night to tell of: ordering has opened."""
        return self.ends_at >= self.campaign.opens_at

    @property
    def over(self) -> bool:
        """Whether ordering is closed, or everybody was called and who is left inside does nothing; who comes later
        changes that.
        """
        if self.campaign.closes_at <= timezone.now():
            return True
        quiet = self.now["orders_per_minute"] == 0 and not any(week["held"] for week in self.now["weeks"])
        return self.begun and self.now["waiting"] == 0 and (self.now["inside"] == 0 or quiet)


def read_report(campaign: Campaign) -> Report:
    """Of a campaign with its room."""
    (now,) = read_rows("night_now", campaign=campaign.pk)
    (night,) = read_rows("report", campaign=campaign.pk)
    happened = read_happenings(campaign)
    return Report(
        campaign=campaign,
        ends_at=night["ends_at"],
        now=now,
        first_order_at=night["first_order_at"],
        last_order_at=night["last_order_at"],
        to_turn=_spread(night["waits"]["to_turn_s"]),
        to_order=_spread(night["waits"]["to_order_s"]),
        mails={state: night["mails"][state] for state in ("queued", "sent", "bounced", "failed")},
        to_sent=_spread(night["mails"]["to_sent_s"]),
        heard={(each["act"], each["outcome"]): each["times"] for each in night["heard"]},
        stood_still=night["stills"]["times"],
        stood_still_s=night["stills"]["seconds"],
        cancelled=night["cancelled"],
        left_to_balie=night["prepared"]["left_to_balie"],
        not_placed=night["prepared"]["not_placed"],
        products=[(product["name"], product["doses"]) for product in night["products"]],
        rounds=_read_rounds(campaign),
        days=_read_days(campaign, happened),
        regions=[Region(**row) for row in read_rows("report_regions", campaign=campaign.pk)],
        shares=[Share(**row) for row in read_rows("report_shares", campaign=campaign.pk)],
        minutes=_read_minutes(campaign, night["ends_at"]),
        fairness=read_fairness(campaign),
        standing=find_practices(campaign, states=(), size=0).counts,
        log=[entry for entry in tell(campaign, happened, most=MOST_TOLD) if entry.at >= campaign.room.doors_at][::-1],
    )


def read_minutes(campaign: Campaign) -> list[Minute]:
    """The minutes of the night alone."""
    (night,) = read_rows("report", campaign=campaign.pk)
    return _read_minutes(campaign, night["ends_at"])


def _read_minutes(campaign: Campaign, until: datetime) -> list[Minute]:
    return [Minute(**row) for row in read_rows("night_history", campaign=campaign.pk, since=None, until=until)]


def _read_rounds(campaign: Campaign) -> list[RoundFigures]:
    return [
        RoundFigures(
            name=row["name"],
            draw_at=row["draw_at"],
            arrivals=row["arrivals"],
            called=row["called"],
            orders=row["orders"],
            to_turn=_spread(row["to_turn_s"]),
        )
        for row in read_rows("report_rounds", campaign=campaign.pk)
    ]


def _read_days(campaign: Campaign, happened: Sequence[Happening]) -> list[Day]:
    full = {each.full_day: each.at for each in happened if each.full_day is not None}
    return [Day(**row, full_at=full.get(row["day"])) for row in read_rows("report_days", campaign=campaign.pk)]


def _spread(seconds: Sequence[float] | None) -> Spread | None:
    """Of what percentile_cont(array[0.5, 0.9, 1]) gave."""
    return Spread(*map(float, seconds)) if seconds else None
