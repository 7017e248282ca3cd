"""What the forecast needs to know: days with what is free, and who has yet to order."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from random import Random

from django.db.models import Count, F, Sum

from balie.ordering.models import Campaign, Hold, Order, PreparedLine, PreparedOrder, RankedDay
from balie.ordering.queries.kinds_of_days import days_for
from balie.practices.models import PastUse, Practice
from balie.waitingroom.models import Ticket

# Doses for a practice that neither prepared nor ordered before: GPs vaccinated a fifth of the whole population in 2024
# (Nivel, monitor vaccinatiegraad).
USUAL_SHARE_OF_PATIENTS = 0.2


@dataclass(frozen=True)
class FreeDay:
    """A delivery day with its limit in doses, and what of it nobody holds or ordered."""

    day: date
    doses_limit: int
    doses: int
    addresses: int


@dataclass(frozen=True)
class Seeker:
    """A practice that has yet to order: how many doses to how many addresses, and the days it would like, best first.

    `prepared` is false for one that put nothing ready; its doses are then an estimate.
    """

    number: int
    doses: int
    addresses: int
    wishes: Sequence[date]
    prepared: bool


def read_free_days(campaign: Campaign) -> list[FreeDay]:
    """Delivery days that first orders may have, in order of date."""
    rows = days_for(campaign).values_list(
        "day", "doses_limit", F("doses_limit") - F("doses_taken"), F("addresses_limit") - F("addresses_taken")
    )
    return [FreeDay(*row) for row in rows]


def read_seekers(campaign: Campaign) -> list[Seeker]:
    """Who has yet to order, in order of number; before a draw all of it who came or prepared, in a random order."""
    settled = {
        *Order.objects.filter(campaign=campaign).values_list("practice_id", flat=True),
        *Hold.objects.filter(campaign=campaign, state=Hold.State.HELD).values_list("practice_id", flat=True),
        *Hold.objects.filter(campaign=campaign, blocked=True).values_list("practice_id", flat=True),
    }
    places = [(number, practice) for number, practice in _places(campaign) if practice not in settled]
    amounts = _prepared_amounts(campaign)
    wishes = _wishes(campaign)
    estimates = _estimates(campaign, [practice for _number, practice in places if practice not in amounts])
    return [
        Seeker(
            number=number,
            doses=amounts[practice][0] if practice in amounts else estimates.get(practice, 0),
            addresses=amounts[practice][1] if practice in amounts else 1,
            wishes=wishes.get(practice, ()),
            prepared=practice in amounts,
        )
        for number, practice in places
    ]


def _places(campaign: Campaign) -> Iterable[tuple[int, int]]:
    """Numbers and practices: who has a number, then by round who is expected in the draws that are still to come."""
    tickets = dict(Ticket.objects.filter(room=campaign.room_id).values_list("holder", "round"))
    numbered = Ticket.objects.filter(room=campaign.room_id, number__isnull=False).order_by("number")
    places = [(number, holder) for number, holder in numbered.values_list("number", "holder") if number is not None]
    given = {holder for _number, holder in places}
    rounds = dict(campaign.room.rounds.values_list("position", "drawn_at"))
    placements = dict(campaign.room.placements.values_list("holder", "round"))
    prepared = PreparedOrder.objects.filter(campaign=campaign).values_list("practice_id", flat=True)
    own = {holder: placements.get(holder, max(rounds)) for holder in prepared} | tickets
    expected = sorted(holder for holder, each in own.items() if holder not in given and rounds[each] is None)
    Random(campaign.pk).shuffle(expected)  # noqa: S311 (a guess for a forecast; the draws themselves are elsewhere)
    expected.sort(key=lambda holder: own[holder])
    return [*places, *enumerate(expected, start=places[-1][0] + 1 if places else 1)]


def _prepared_amounts(campaign: Campaign) -> dict[int, tuple[int, int]]:
    """Per practice its doses in all, and the addresses they go to."""
    rows = (
        PreparedLine.objects.filter(prepared__campaign=campaign, doses__gt=0)
        .values("prepared__practice_id")
        .annotate(doses_in_all=Sum("doses"), addresses=Count("location", distinct=True))
        .values_list("prepared__practice_id", "doses_in_all", "addresses")
    )
    return {practice: (doses, addresses) for practice, doses, addresses in rows}


def _wishes(campaign: Campaign) -> dict[int, list[date]]:
    wishes: dict[int, list[date]] = defaultdict(list)
    rows = RankedDay.objects.filter(prepared__campaign=campaign).order_by("prepared_id", "rank")
    for practice, day in rows.values_list("prepared__practice_id", "day"):
        wishes[practice].append(day)
    return wishes


def _estimates(campaign: Campaign, practices: Sequence[int]) -> dict[int, int]:
    """Doses for practices that prepared nothing: what they ordered last year, else what is usual for their size."""
    codes = campaign.products.values_list("code", flat=True)
    past = PastUse.objects.filter(practice__in=practices, year=campaign.year - 1, product_code__in=codes)
    ordered = dict(past.values("practice_id").annotate(doses=Sum("ordered")).values_list("practice_id", "doses"))
    patients = Practice.objects.filter(pk__in=practices).values_list("pk", "registered_count")
    return {
        practice: ordered.get(practice) or round(count * USUAL_SHARE_OF_PATIENTS / 10) * 10
        for practice, count in patients
    }
