"""The page of the prepared order, asked as somebody of the practice."""

from dataclasses import dataclass
from datetime import date, timedelta
from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from balie.ordering.models import Campaign, PreparedOrder, Product
from balie.ordering.testing import make_campaign, make_day, make_product
from balie.practices.models import Location
from balie.practices.testing import Cast, make_cast

DAYS = [date(2027, 9, 28), date(2027, 9, 30), date(2027, 10, 12)]


@dataclass
class Scene:
    campaign: Campaign
    cast: Cast
    flu: Product
    pneumo: Product
    location: Location
    client: Client

    @property
    def url(self) -> str:
        return f"/bestellen/{self.campaign.slug}/voorbereiden/"

    def typed(self, **changes: object) -> dict[str, object]:
        """What the form sends when nothing was touched, with some fields changed."""
        practice, place = self.cast.practice, self.location
        fields = {
            "practice": practice.pk,
            f"doses-{self.flu.pk}-{place.pk}": "650",
            f"doses-{self.pneumo.pk}-{place.pk}": "90",
            "day": [day.isoformat() for day in DAYS[:2]],
            "auto": "off",
            "email": practice.email,
            "second_email": "",
            f"address-{place.pk}-street": place.street,
            f"address-{place.pk}-postcode": place.postcode,
            f"address-{place.pk}-city": place.city,
        }
        return fields | changes

    def stored(self) -> tuple[dict[str, int], list[date]]:
        prepared = PreparedOrder.objects.get(campaign=self.campaign, practice=self.cast.practice)
        lines = {line.product.code: line.doses for line in prepared.lines.select_related("product")}
        return lines, [wish.day for wish in prepared.ranking.all()]


def make_scene(client: Client) -> Scene:
    campaign = make_campaign(opens_at=timezone.now() + timedelta(days=1))
    flu, pneumo = make_product(campaign, name="Griep"), make_product(campaign, "pneumo", name="Pneumokokken")
    for day in DAYS:
        make_day(campaign, day)
    cast = make_cast()
    client.force_login(cast.owner)
    return Scene(campaign, cast, flu, pneumo, cast.practice.locations.get(), client)


class Fields(HTMLParser):
    """The values of a page's inputs, by name, in order."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__()
        self.values: dict[str, list[str]] = {}
        self.buttons: list[str] = []
        self.feed(response.content.decode())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "input" and given.get("name") and (given.get("type") != "radio" or "checked" in given):
            self.values.setdefault(given["name"], []).append(given.get("value") or "")
        if tag == "button" and given.get("name") == "do" and "disabled" not in given:
            self.buttons.append(given["value"] or "")


def text(response: HttpResponse) -> str:
    return " ".join(response.content.decode().split())
