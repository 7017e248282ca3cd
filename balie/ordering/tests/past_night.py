"""A whole night that is over, as rows: drawn, called, ordered, mailed. For whatever tells of it afterwards."""

import hashlib
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

from balie.mail.models import MailState, OutboxMail
from balie.ordering.models import ORDER_CONFIRMATION, Campaign, HoldLog, Order, OrderLine
from balie.ordering.testing import make_campaign, make_day, make_product
from balie.practices.models import Location, Practice
from balie.runtime.models import Standstill
from balie.waitingroom.draw import draw_numbers, hash_list
from balie.waitingroom.models import Round, Ticket

OPENS = datetime(2026, 5, 31, 22, 0, tzinfo=UTC)  # midnight in the Netherlands
DOORS = OPENS - timedelta(hours=1)
DAYS = [date(2026, 10, 5) + timedelta(days=n) for n in range(50)]
PACE = 60
SEED = b"\x07" * 32
BEACON = {"source": "https://drand.example", "round": 5812440, "value": "ab" * 32}

Order_ = Callable[[Sequence[UUID]], list[UUID]]


@dataclass(frozen=True)
class PastNight:
    campaign: Campaign
    practices: list[Practice]


def by_lot(tickets: Sequence[UUID]) -> list[UUID]:
    drawn = draw_numbers(seed=SEED, beacon=bytes.fromhex(BEACON["value"]), tickets=map(str, tickets))
    return list(map(UUID, drawn))


def first_come_first_served(tickets: Sequence[UUID]) -> list[UUID]:
    """What a draw must not be."""
    return list(tickets)


def make_past_night(
    came: int, *, ordered: int | None = None, absent: int = 3, groups: Sequence[str] = ("",), draw: Order_ = by_lot
) -> PastNight:
    """So many practices came, in the order of their keys, and nearly all of them ordered, each 100 doses. Tickets are
    the same every time, so the draw is too. Groups take turns with those who come; their draws are an hour apart.
    """
    chance = random.Random(came)
    campaign = make_campaign(
        slug="2027", opens_at=OPENS, doors_at=DOORS, closes_at=OPENS + timedelta(days=30), pace=PACE
    )
    flu = make_product(campaign)
    for each in DAYS:
        make_day(campaign, each, doses=12_000, addresses=120)
    practices = Practice.objects.bulk_create(
        Practice(
            agb_code=f"{7_000_000 + at:08}",
            name=f"Praktijk {at}",
            registered_count=chance.randrange(800, 6000),
            email=f"praktijk{at}@voorbeeld.example",
            phone="088 123 45 67",
        )
        for at in range(came + absent)
    )
    locations = Location.objects.bulk_create(
        Location(practice=each, name="Hoofd", street="Laan 1", postcode="1234 AB", city="Dorp") for each in practices
    )
    tickets = _draw(campaign, practices[:came], groups, draw, chance)
    placed = sorted(tickets, key=lambda ticket: ticket.number or 0)[: came - 2 if ordered is None else ordered]
    places = dict(zip((each.pk for each in practices), locations, strict=True))
    _order(campaign, flu, [(ticket, places[ticket.holder]) for ticket in placed], chance)
    return PastNight(campaign, practices)


def _draw(
    campaign: Campaign, practices: Sequence[Practice], groups: Sequence[str], draw: Order_, chance: random.Random
) -> list[Ticket]:
    room, made, last = campaign.room, [], 0
    room.rounds.all().delete()
    came = sorted(chance.uniform(0, 3600) for _ in practices)
    for position, name in enumerate(groups, start=1):
        draw_at = OPENS + timedelta(hours=position - 1)
        here = list(enumerate(practices))[position - 1 :: len(groups)]
        ids = {at: UUID(int=chance.getrandbits(128), version=4) for at, _ in here}
        numbers = {ticket: number for number, ticket in enumerate(draw(list(ids.values())), start=last + 1)}
        made += [
            Ticket(
                id=ids[at],
                room=room,
                holder=practice.pk,
                round=position,
                arrival=at + 1,
                arrived_at=DOORS + timedelta(seconds=came[at]),
                number=numbers[ids[at]],
                called_at=draw_at + timedelta(seconds=3 + 60 / PACE * (numbers[ids[at]] - last)),
            )
            for at, practice in here
        ]
        Round.objects.create(
            room=room,
            position=position,
            name=name,
            draw_at=draw_at,
            seed=SEED,
            sealed_at=DOORS,
            seed_hash=hashlib.sha256(SEED).digest(),
            frozen_at=draw_at,
            first_number=last + 1,
            drawn_count=len(here),
            list_hash=hash_list(map(str, ids.values())),
            beacon=BEACON,
            drawn_at=draw_at + timedelta(seconds=3),
        )
        last += len(here)
    room.arrivals = room.last = room.called = last
    room.save()
    return Ticket.objects.bulk_create(made)


def _order(campaign: Campaign, flu, placed: Sequence[tuple[Ticket, Location]], chance: random.Random) -> None:
    orders = Order.objects.bulk_create(
        Order(
            number=f"B27-{at:05}",
            campaign=campaign,
            campaign_version=1,
            practice_id=ticket.holder,
            hold_key=uuid4(),
            placed_at=ticket.called_at + timedelta(seconds=chance.uniform(20, 200)),
        )
        for at, (ticket, _location) in enumerate(placed, start=1)
    )
    OrderLine.objects.bulk_create(
        OrderLine(
            order=order,
            day=DAYS[at // 120 % len(DAYS)],
            product=flu,
            doses=100,
            location=location,
            address=location.address,
        )
        for at, (order, (_ticket, location)) in enumerate(zip(orders, placed, strict=True))
    )
    OutboxMail.objects.bulk_create(
        OutboxMail(
            kind=ORDER_CONFIRMATION,
            reference=order.number,
            recipient=f"praktijk{at}@voorbeeld.example",
            message_id=f"{at}@balie",
            state=MailState.SENT,
            created_at=order.placed_at,
            requested_at=order.placed_at,
            sent_at=order.placed_at + timedelta(seconds=4),
        )
        for at, order in enumerate(orders)
    )
    HoldLog.objects.bulk_create(
        HoldLog(
            campaign=campaign,
            act=act,
            at=order.placed_at,
            service_at=order.placed_at,
            practices=[order.practice_id],
            outcomes=outcomes,
        )
        for order in orders
        for act, outcomes in ((HoldLog.Act.HOLD, ["held"]), (HoldLog.Act.CONFIRM, ["ordered"]))
    )


def stand_still(seconds: float) -> None:
    """The service clock, once, a minute after the opening."""
    began_at = OPENS + timedelta(minutes=1)
    Standstill.objects.create(began_at=began_at, ended_at=began_at + timedelta(seconds=seconds))
