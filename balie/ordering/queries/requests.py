"""Requests of practices about orders that were late, for whoever asked and for whoever decides."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import QuerySet

from balie.ordering.models import Campaign, LateRequest, Order, OrderLine, Product, Swap
from balie.ordering.queries.orders import Delivery, by_delivery
from balie.practices.models import Location

MOST_DECIDED = 100


def read_last_request(order: Order) -> LateRequest | None:
    """What was last asked about this order."""
    return LateRequest.objects.filter(number=order.number).select_related("asked_by").order_by("-pk").first()


@dataclass(frozen=True)
class Waiting:
    """A request to decide on: what it asks to make of the order, and what stands now. Both empty of a cancelling."""

    request: LateRequest
    wanted: Sequence[Delivery]
    stands: Sequence[Delivery]


def read_open_requests(campaign: Campaign) -> list[Waiting]:
    """Nobody decided on these yet; the oldest first."""
    requests = list(_of(campaign).filter(state=LateRequest.State.OPEN).order_by("pk"))
    wanted, stands = read_wanted(requests), _read_standing(requests)
    return [Waiting(each, wanted.get(each.pk, ()), stands.get(each.number, ())) for each in requests]


def read_open_swap(order: Order) -> Swap | None:
    """What the order becomes as soon as it fits."""
    return (
        Swap.objects.filter(number=order.number, revision=order.revision, state=Swap.State.OPEN)
        .select_related("campaign", "practice", "asked_by")
        .first()
    )


def read_wanted(requests: Sequence[LateRequest] | Sequence[Swap]) -> dict[int, list[Delivery]]:
    """By key: what each asks to make of its order, at the addresses of now; nothing where it asks to cancel."""
    changes = [each for each in requests if each.line_day]
    products = Product.objects.in_bulk([key for each in changes for key in each.line_product])
    locations = Location.objects.in_bulk([key for each in changes for key in each.line_location])
    return {each.pk: by_delivery(_lines(each, products, locations)) for each in changes}


def _lines(
    request: LateRequest | Swap, products: dict[int, Product], locations: dict[int, Location]
) -> list[OrderLine]:
    columns = zip(request.line_day, request.line_product, request.line_doses, request.line_location, strict=True)
    lines = [
        OrderLine(
            day=day, product=products[key], doses=doses, address=locations[place].address if place in locations else ""
        )
        for day, key, doses, place in columns
    ]
    return sorted(lines, key=lambda line: (line.day, line.address, line.product.position))


def _read_standing(requests: Sequence[LateRequest]) -> dict[str, list[Delivery]]:
    numbers = [each.number for each in requests if each.kind == LateRequest.Kind.CHANGE]
    found: dict[str, list[OrderLine]] = {}
    lines = OrderLine.objects.filter(order__number__in=numbers).select_related("order", "product")
    for line in lines.order_by("day", "address", "product__position", "pk"):
        found.setdefault(line.order.number, []).append(line)
    return {number: by_delivery(each) for number, each in found.items()}


def read_decided_requests(campaign: Campaign) -> list[LateRequest]:
    """The last of those that are over, the latest first."""
    over = _of(campaign).exclude(state=LateRequest.State.OPEN)
    return list(over.order_by("-decided_at", "-pk")[:MOST_DECIDED])


def count_open_requests(campaign: Campaign) -> int:
    """How many wait for a decision."""
    return campaign.late_requests.filter(state=LateRequest.State.OPEN).count()


def _of(campaign: Campaign) -> QuerySet[LateRequest]:
    return campaign.late_requests.select_related("campaign", "practice", "asked_by", "decided_by")
