"""Builders for tests: plain functions that write rows as a campaign would have them. Not for production code."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from itertools import count
from uuid import UUID, uuid4

from django.db import connection
from django.utils import timezone

from balie.ordering.models import (
    Campaign,
    DeliveryDay,
    Hold,
    Order,
    OrderLine,
    PreparedLine,
    PreparedOrder,
    Product,
    RankedDay,
)
from balie.practices.models import Location, Person, Practice
from balie.waitingroom.models import Room, Round, Ticket

_slugs = count(1)

LineRow = tuple[Product, Location, int, date]


def make_campaign(
    *,
    slug: str | None = None,
    opens_at: datetime | None = None,
    closes_at: datetime | None = None,
    doors_at: datetime | None = None,
    pace: int = 60,
    called: int = 0,
    window_s: int = 300,
    cap_percent: int | None = None,
) -> Campaign:
    """A campaign with its room, without products and days. Unless told otherwise it opened a minute ago."""
    opens_at = opens_at or timezone.now() - timedelta(minutes=1)
    closes_at = closes_at or opens_at + timedelta(days=30)
    room = Room.objects.create(
        doors_at=doors_at or opens_at - timedelta(hours=1),
        closes_at=closes_at,
        pace=pace,
        called=called,
        last=called,
    )
    Round.objects.create(room=room, position=1, draw_at=opens_at)
    return Campaign.objects.create(
        slug=slug or f"proef-{next(_slugs)}",
        name="Griep en pneumokokken 2027",
        year=2027,
        room=room,
        opens_at=opens_at,
        closes_at=closes_at,
        window_s=window_s,
        cap_percent=cap_percent,
        help_phone="088 123 45 67",
    )


def make_product(
    campaign: Campaign, code: str = "flu", *, name: str = "", step: int = 10, minimum: int = 10
) -> Product:
    names = {"flu": "Griepvaccin", "pneumo": "Pneumokokkenvaccin"}
    return Product.objects.create(
        campaign=campaign,
        code=code,
        name=name or names.get(code, code),
        position=campaign.products.count(),
        step=step,
        minimum=minimum,
    )


def make_day(campaign: Campaign, day: date | str, *, doses: int = 10_000, addresses: int = 20) -> DeliveryDay:
    """A delivery day of which nothing is taken; `day` may be written as in ISO 8601."""
    return DeliveryDay.objects.create(
        campaign=campaign,
        day=date.fromisoformat(day) if isinstance(day, str) else day,
        doses_limit=doses,
        addresses_limit=addresses,
    )


def make_ticket(campaign: Campaign, practice: Practice, *, number: int | None = None, called: bool = True) -> Ticket:
    """The practice's place in the campaign's room; with a number, and unless told otherwise called."""
    room = Room.objects.get(pk=campaign.room_id)
    arrival = room.tickets.count() + 1
    ticket = Ticket.objects.create(
        id=uuid4(),
        room=room,
        holder=practice.pk,
        arrival=arrival,
        arrived_at=room.doors_at,
        number=number,
        called_at=room.rounds.get(position=1).draw_at if number and called else None,
    )
    room.arrivals = arrival
    if number:
        room.last = max(room.last, number)
        room.called = max(room.called, number) if called else room.called
    room.save(update_fields=["arrivals", "last", "called"])
    return ticket


def make_prepared(
    campaign: Campaign,
    practice: Practice,
    *,
    lines: Sequence[tuple[Product, Location, int]] = (),
    ranking: Sequence[date] = (),
    auto: str = PreparedOrder.Auto.OFF,
) -> PreparedOrder:
    """What the practice put ready: doses per product and location, days best first; and whether Balie orders it."""
    at = None if auto == PreparedOrder.Auto.OFF else timezone.now()
    prepared = PreparedOrder.objects.create(campaign=campaign, practice=practice, auto=auto, auto_set_at=at)
    PreparedLine.objects.bulk_create(
        PreparedLine(prepared=prepared, product=product, location=location, doses=doses)
        for product, location, doses in lines
    )
    RankedDay.objects.bulk_create(
        RankedDay(prepared=prepared, rank=rank, day=day) for rank, day in enumerate(ranking, start=1)
    )
    return prepared


def service_now() -> datetime:
    """The time that windows are judged by. In tests nobody advances it: it stands where the template left it."""
    with connection.cursor() as cursor:
        cursor.execute("select service_now()")
        now: datetime = cursor.fetchone()[0]
    return now


def make_hold(
    campaign: Campaign,
    practice: Practice,
    lines: Sequence[LineRow],
    *,
    key: UUID | None = None,
    left_s: float | None = None,
    state: Hold.State = Hold.State.HELD,
    slot: int = 0,
) -> Hold:
    """A row as the hold SQL leaves it, with its whole window left or `left_s` seconds of it.

    It takes nothing of any day: tests of capacity go through the SQL.
    """
    now = service_now()
    return Hold.objects.create(
        campaign=campaign,
        practice=practice,
        slot=slot,
        state=state,
        hold_key=key or uuid4(),
        held_at=now,
        expires_at=now + timedelta(seconds=campaign.window_s if left_s is None else left_s),
        line_product=[product.pk for product, _, _, _ in lines],
        line_location=[location.pk for _, location, _, _ in lines],
        line_doses=[doses for _, _, doses, _ in lines],
        line_day=[day for _, _, _, day in lines],
        version=1,
    )


def make_order(
    campaign: Campaign,
    practice: Practice,
    lines: Sequence[LineRow],
    *,
    number: str = "B27-00001",
    placed_by: Person | None = None,
    slot: int = 0,
) -> Order:
    """A row as the confirm SQL leaves it, without the mail and the audit event."""
    order = Order.objects.create(
        number=number,
        campaign=campaign,
        campaign_version=campaign.version,
        practice=practice,
        slot=slot,
        hold_key=uuid4(),
        placed_at=timezone.now(),
        placed_by=placed_by,
    )
    OrderLine.objects.bulk_create(
        OrderLine(order=order, day=day, product=product, doses=doses, location=location, address=location.address)
        for product, location, doses, day in lines
    )
    return order


def place_order(
    campaign: Campaign,
    practice: Practice,
    lines: Sequence[LineRow],
    *,
    placed_by: Person | None = None,
    slot: int = 0,
) -> Order:
    """An order as the confirm SQL writes it, with its hold, its places on the days, its mail and its audit event."""
    Hold.objects.filter(campaign=campaign, practice=practice, slot=slot, state=Hold.State.NONE).delete()
    hold = make_hold(campaign, practice, lines, slot=slot)
    person: int | None = placed_by.pk if placed_by else None
    with connection.cursor() as cursor:
        cursor.execute(
            "select ordering_move_holds_v1(%s, array[%s]::bigint[], 1, array[%s]::smallint[])",
            [campaign.pk, practice.pk, slot],
        )
        assert cursor.fetchone()[0] == [True]
        cursor.execute(
            "select outcome from ordering_confirm_batch_v1(%s, array[%s]::bigint[], array[%s]::uuid[],"
            " array[%s]::bigint[], array[0], 'balie.example', array[%s]::smallint[])",
            [campaign.pk, practice.pk, hold.hold_key, person, slot],
        )
        assert cursor.fetchone()[0] == "ordered"
    return Order.objects.get(campaign=campaign, practice=practice, slot=slot)
