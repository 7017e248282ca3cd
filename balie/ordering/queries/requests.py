"""Requests of practices about orders that were late, for whoever asked and for whoever decides."""

from django.db.models import QuerySet

from balie.ordering.models import Campaign, LateRequest, Order

MOST_DECIDED = 100


def read_last_request(order: Order) -> LateRequest | None:
    """What was last asked about this order."""
    return LateRequest.objects.filter(number=order.number).select_related("asked_by").order_by("-pk").first()


def read_open_requests(campaign: Campaign) -> list[LateRequest]:
    """Nobody decided on these yet; the oldest first."""
    return list(_of(campaign).filter(state=LateRequest.State.OPEN).order_by("pk"))


def read_decided_requests(campaign: Campaign) -> list[LateRequest]:
    """The last of those that are over, the latest first."""
    over = _of(campaign).exclude(state=LateRequest.State.OPEN)
    return list(over.order_by("-decided_at", "-pk")[:MOST_DECIDED])


def count_open_requests(campaign: Campaign) -> int:
    """How many wait for a decision."""
    return campaign.late_requests.filter(state=LateRequest.State.OPEN).count()


def _of(campaign: Campaign) -> QuerySet[LateRequest]:
    return campaign.late_requests.select_related("campaign", "practice", "asked_by", "decided_by")
