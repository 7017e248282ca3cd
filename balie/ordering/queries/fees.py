"""What practices owe, as `sql/fees_v1.sql` counts it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection

from balie.lib.keyset import Place, Stretch, cut
from balie.ordering.models import Campaign, OrderLine
from balie.ordering.queries.rows import read_rows
from balie.practices.models import Practice

A_PAGE = 50
READ = """
select kind, number, day, address, nth, cents from ordering_fees_v1(%s, %s) order by day, kind, address, number
"""
READ_ALL = """
select p.agb_code, p.name, f.kind, f.number, f.day, f.address, f.nth, f.cents
  from ordering_fees_v1(%s, null) f join practices_practice p on p.id = f.practice
 where f.cents > 0 order by p.name, p.id, f.day, f.kind, f.number
"""
TOTAL = "select coalesce(sum(cents), 0)::int from ordering_fees_v1(%s, %s)"


@dataclass(frozen=True)
class Fee:
    """What one thing costs, 0 where it is free. `nth` counts a practice's deliveries, or attempts at one of them."""

    kind: str
    number: str
    day: date
    address: str
    nth: int | None
    cents: int


@dataclass(frozen=True)
class FeeOf(Fee):
    """The same, of whom."""

    agb_code: str
    practice: str


@dataclass(frozen=True)
class Owing:
    """What a practice owes in all, and for what."""

    id: int
    agb_code: str
    name: str
    cents: int
    deliveries: int | None
    late: int | None
    attempts: int | None


@dataclass(frozen=True)
class Counted:
    """What a practice's deliveries come to so far: where the lorry stops already, and what one more costs."""

    stops: Sequence[tuple[date, int]]
    free: int
    fee_cents: int

    @property
    def left(self) -> int:
        """So many more are free."""
        return max(0, self.free - len(self.stops))


def read_fees(campaign: Campaign, practice: Practice) -> list[Fee]:
    """Of one practice, in order of day; what is free too."""
    with connection.cursor() as cursor:
        cursor.execute(READ, [campaign.pk, practice.pk])
        return [Fee(*row) for row in cursor.fetchall()]


def read_total(campaign: Campaign, practice: Practice | None = None) -> int:
    """In cents, of one practice or of all."""
    with connection.cursor() as cursor:
        cursor.execute(TOTAL, [campaign.pk, practice.pk if practice else None])
        total: int = cursor.fetchone()[0]
    return total


def read_owing(campaign: Campaign, place: Place) -> Stretch[Owing]:
    """Practices that owe anything, by the page."""
    rows = read_rows("fees_of_all", campaign=campaign.pk, key=place.key, back=place.back, most=A_PAGE + 1)
    return cut([Owing(**row) for row in rows], place, size=A_PAGE, key=lambda row: row.id)


def read_all_fees(campaign: Campaign) -> list[FeeOf]:
    """Whatever costs something, in order of practice."""
    with connection.cursor() as cursor:
        cursor.execute(READ_ALL, [campaign.pk])
        return [
            FeeOf(kind, number, day, address, nth, cents, agb_code=agb_code, practice=name)
            for agb_code, name, kind, number, day, address, nth, cents in cursor.fetchall()
        ]


def read_counted(campaign: Campaign, practice: Practice) -> Counted:
    """For whoever is about to order more."""
    lines = OrderLine.objects.filter(order__campaign=campaign, order__practice=practice, location__isnull=False)
    stops = sorted(set(lines.values_list("day", "location_id")))
    return Counted(stops, campaign.free_deliveries, campaign.delivery_fee_cents)
