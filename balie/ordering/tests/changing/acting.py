"""What a practice types and clicks to change its order, and what stands afterwards."""

from datetime import date

from django.test import Client

from balie.ordering.models import Order
from balie.practices.models import AuditEvent

URL = "/bestellen/2027/bestelling/wijzigen/"
PLACED = "/bestellen/2027/bestelling/"


def typed(order: Order, *deliveries: tuple[object, object, object], **more: object) -> dict[str, object]:
    """Day, location and flu doses of each delivery."""
    product = order.campaign.products.get().pk
    body: dict[str, object] = {"number": order.number, "revision": order.revision}
    for number, (day, location, doses) in enumerate(deliveries):
        body |= {
            f"day-{number}": str(day),
            f"location-{number}": str(location),
            f"doses-{number}-{product}": str(doses),
        }
    return body | more


def post(client: Client, order: Order, *deliveries, do: str = "change", **more):
    return client.post(URL, typed(order, *deliveries, do=do, **more), follow=True)


def home(order: Order) -> int:
    return order.practice.locations.order_by("pk").first().pk


def lines(order: Order) -> list[tuple[date, int]]:
    return list(order.lines.order_by("day", "pk").values_list("day", "doses"))


def acts() -> list[str]:
    return list(AuditEvent.objects.filter(action__startswith="order.").order_by("pk").values_list("action", flat=True))
