"""Where a practice stands in a campaign, and so which page is its page now."""

from django.db.models import DateTimeField, Func, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from balie.ordering.models import FIRST, Campaign, CancelledOrder, Hold, Order
from balie.ordering.queries.rows import read_rows
from balie.practices.models import Practice
from balie.waitingroom.models import Placement, Round, Ticket


def page_for(campaign: Campaign, practice: Practice) -> str:
    """The name of the URL: ``placed``, ``calendar``, ``waitlist``, ``waiting`` or ``prepare``; the first that fits."""
    (stands,) = read_rows("whereabouts", campaign=campaign.pk, room=campaign.room_id, practice=practice.pk)
    if stands["has_ordered"]:
        return "placed"
    if stands["has_live_hold"]:
        return "calendar"
    if stands["has_wish"]:
        return "waitlist"
    if timezone.now() >= campaign.closes_at and has_cancelled(campaign, practice):
        return "placed"
    if may_wait(campaign) or stands["has_ticket"]:
        return "waiting"
    return "prepare"


def has_ordered(campaign: Campaign, practice: Practice, slot: int = FIRST) -> bool:
    """Whether the practice's order in that slot stands."""
    return Order.objects.filter(campaign=campaign, practice=practice, slot=slot).exists()


def has_cancelled(campaign: Campaign, practice: Practice) -> bool:
    """Whether the practice had a first order that it gave up."""
    return CancelledOrder.objects.filter(campaign=campaign, practice=practice, slot=FIRST).exists()


def has_live_hold(campaign: Campaign, practice: Practice, slot: int = FIRST) -> bool:
    """Whether the practice's window for that order runs, by the service clock."""
    now = Func(function="service_now", output_field=DateTimeField())
    held = Hold.objects.filter(campaign=campaign, practice=practice, slot=slot, state=Hold.State.HELD)
    return held.filter(expires_at__gt=now).exists()


def is_called(campaign: Campaign, practice: Practice) -> bool:
    """Whether the practice's number was called; it then stays valid until the campaign closes."""
    return Ticket.objects.filter(room=campaign.room_id, holder=practice.pk, number__lte=campaign.room.called).exists()


def read_number(campaign: Campaign, practice: Practice) -> int | None:
    """The practice's number, once it was drawn."""
    tickets = Ticket.objects.filter(room=campaign.room_id, holder=practice.pk)
    return tickets.values_list("number", flat=True).first()


def read_round(campaign: Campaign, practice: Practice) -> Round:
    """The round that the practice is in, or will be when it comes: that of its ticket, of its group, or the last."""
    own = Ticket.objects.filter(room=campaign.room_id, holder=practice.pk).values("round")
    placed = Placement.objects.filter(room=campaign.room_id, holder=practice.pk).values("round")
    rounds = campaign.room.rounds.annotate(own=Coalesce(Subquery(own), Subquery(placed)))
    return max(rounds, key=lambda each: (each.position == each.own, each.position))


def may_wait(campaign: Campaign) -> bool:
    """Whether the doors of the waiting room are open."""
    return campaign.room.doors_at <= timezone.now() < campaign.closes_at
