"""The line of all who wait for room: where a practice stands in it, and all of it for the organiser's staff."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from balie.ordering.models import Campaign, Swap, SwapNeed
from balie.ordering.queries.orders import Delivery
from balie.ordering.queries.requests import read_wanted

PAGE = 50
NO_NUMBER = 2147483647  # stands behind all who have one
WAITING = (Swap.State.OPEN, Swap.State.OFFERED)


def find_wish(campaign: Campaign, practice: int) -> Swap | None:
    """What a practice without an order waits for, or is offered."""
    return (
        Swap.objects.filter(campaign=campaign, practice=practice, number="", state__in=WAITING)
        .select_related("campaign", "practice", "asked_by")
        .first()
    )


def count_before(wish: Swap) -> int:
    """How many stand before it and need room on a day on which it does."""
    days = list(dict.fromkeys(wish.line_day))
    before = Q(swap__place__lt=wish.place) | Q(swap__place=wish.place, swap__pk__lt=wish.pk)
    needs = SwapNeed.objects.filter(before, campaign=wish.campaign_id, day__in=days)
    return needs.values("swap").distinct().count()


@dataclass(frozen=True)
class Waiting:
    """One in the line, and what it waits for."""

    wish: Swap
    wanted: Sequence[Delivery]

    @property
    def place(self) -> int | None:
        """Its number in the waiting room."""
        return None if self.wish.place == NO_NUMBER else self.wish.place

    @property
    def key(self) -> str:
        """Where the page after it begins."""
        return f"{self.wish.place}-{self.wish.pk}"


def read_line(campaign: Campaign, *, after: tuple[int, int] = (-1, 0)) -> tuple[list[Waiting], bool]:
    """Those who wait, in their order, after that place and key; and whether there are more."""
    place, key = after
    line = _line(campaign).filter(Q(place__gt=place) | Q(place=place, pk__gt=key))
    found = list(line.select_related("practice").order_by("place", "pk")[: PAGE + 1])
    wanted = read_wanted(found[:PAGE])
    return [Waiting(wish, wanted.get(wish.pk, ())) for wish in found[:PAGE]], len(found) > PAGE


@dataclass(frozen=True)
class LineCounts:
    """How many wait with an order, and without; and how many have an offer now."""

    with_order: int
    without: int
    offered: int

    @property
    def all(self) -> int:
        return self.with_order + self.without + self.offered


def count_line(campaign: Campaign) -> LineCounts:
    """In one statement."""
    counted = _line(campaign).aggregate(
        with_order=Count("pk", filter=~Q(number="")),
        without=Count("pk", filter=Q(number="", state=Swap.State.OPEN)),
        offered=Count("pk", filter=Q(state=Swap.State.OFFERED)),
    )
    return LineCounts(**counted)


def read_wished_days(campaign: Campaign) -> list[tuple[date, int, int]]:
    """For the days that most wait for: how many do, and for how many doses."""
    needs = SwapNeed.objects.filter(campaign=campaign.pk).values("day")
    counted = needs.annotate(practices=Count("swap"), sum=Sum("doses")).order_by("-practices", "day")
    return [(each["day"], each["practices"], each["sum"]) for each in counted[:10]]


def _line(campaign: Campaign) -> QuerySet[Swap]:
    return campaign.swaps.filter(state__in=WAITING)
