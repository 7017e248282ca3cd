"""What will still be free at each number's turn: the prepared orders, played in order of number.

The future lies between two plays. In one, everybody before you orders: who finds no wish free takes the first other
day, and who prepared nothing goes for the earliest. In the other, only who prepared a list orders, and who finds none
of its days free waits.
"""

from collections.abc import Iterable, Sequence
from datetime import date, datetime, timedelta
from itertools import groupby
from typing import Any

from django.utils import timezone

from balie.ordering.models import Campaign
from balie.ordering.queries.forecast import FreeDay, Seeker, read_free_days, read_seekers

# Points between the number now called and the last one; readers interpolate.
POINTS = 24


def make_forecast(
    *, campaign: int, made_at: datetime, called: int, days: Sequence[FreeDay], seekers: Sequence[Seeker]
) -> dict[str, Any]:
    """The file of docs/spec/live.md: per week, the share of doses that is free when a number is called.

    `days` are in order of date, `seekers` in order of number. A number that was called already finds what is free now.
    """
    numbers = _points(called, seekers[-1].number if seekers else 1)
    plays = [_Play(days).shares(seekers, numbers, everybody=everybody) for everybody in (True, False)]
    weeks = [
        {
            "week": monday.isocalendar().week,
            "from": monday.isoformat(),
            "to": (monday + timedelta(days=4)).isoformat(),
            "free_low": [round(min(one[week], other[week]), 3) for one, other in zip(*plays, strict=True)],
            "free_high": [round(max(one[week], other[week]), 3) for one, other in zip(*plays, strict=True)],
        }
        for week, monday in enumerate(monday for monday, _days in groupby(days, key=_monday))
    ]
    return {
        "campaign": campaign,
        "made_at": made_at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "at": numbers,
        "weeks": weeks,
    }


def _points(called: int, last: int) -> list[int]:
    """Number 1, then evenly from the next to be called through the last."""
    first = min(called + 1, last)
    return sorted({1, *(first + (last - first) * point // (POINTS - 1) for point in range(POINTS))})


def _monday(day: FreeDay) -> date:
    return day.day - timedelta(days=day.day.weekday())


class _Play:
    """A calendar from which seekers take days, one after another."""

    def __init__(self, days: Sequence[FreeDay]) -> None:
        self.place = {day.day: index for index, day in enumerate(days)}
        self.doses = [day.doses for day in days]
        self.addresses = [day.addresses for day in days]
        self.weeks = [[self.place[day.day] for day in week] for _start, week in groupby(days, key=_monday)]
        self.limits = [sum(days[index].doses_limit for index in week) for week in self.weeks]
        self.earliest = 0

    def shares(self, seekers: Sequence[Seeker], numbers: Sequence[int], *, everybody: bool) -> list[list[float]]:
        """The free share of every week when each of `numbers` is called, all smaller numbers having had their turn."""
        found: list[list[float]] = []
        turns = iter(seekers)
        seeker = next(turns, None)
        for number in numbers:
            while seeker is not None and seeker.number < number:
                self._let_choose(seeker, everybody=everybody)
                seeker = next(turns, None)
            found.append([self._share(week, limit) for week, limit in zip(self.weeks, self.limits, strict=True)])
        return found

    def _let_choose(self, seeker: Seeker, *, everybody: bool) -> None:
        if not (seeker.prepared or everybody):
            return
        wishes = [self.place[day] for day in seeker.wishes if day in self.place]
        if not self._take_first(wishes, seeker) and (everybody or not wishes):
            while self.earliest < len(self.doses) and self._is_empty(self.earliest):
                self.earliest += 1
            self._take_first(range(self.earliest, len(self.doses)), seeker)

    def _take_first(self, candidates: Iterable[int], seeker: Seeker) -> bool:
        for index in candidates:
            if self.doses[index] >= seeker.doses and self.addresses[index] >= seeker.addresses:
                self.doses[index] -= seeker.doses
                self.addresses[index] -= seeker.addresses
                return True
        return False

    def _is_empty(self, index: int) -> bool:
        return self.doses[index] <= 0 or self.addresses[index] <= 0

    def _share(self, week: Sequence[int], limit: int) -> float:
        """Doses on a day that has no address left are of no use to anybody."""
        return sum(self.doses[index] for index in week if not self._is_empty(index)) / limit if limit else 0.0


def refresh_forecast(campaign_id: int) -> dict[str, Any]:
    """Make the forecast of a campaign from what is known now, keep it on the campaign, and return it."""
    campaign = Campaign.objects.select_related("room").get(pk=campaign_id)
    forecast = make_forecast(
        campaign=campaign.pk,
        made_at=timezone.now(),
        called=campaign.room.called,
        days=read_free_days(campaign),
        seekers=read_seekers(campaign),
    )
    Campaign.objects.filter(pk=campaign_id).update(forecast=forecast)
    return forecast


def refresh_forecasts() -> None:
    """The forecast of every campaign whose waiting room is open."""
    now = timezone.now()
    for campaign in Campaign.objects.filter(room__doors_at__lte=now, room__closes_at__gt=now, is_probe=False):
        refresh_forecast(campaign.pk)
