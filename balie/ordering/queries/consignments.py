"""Delivery days and consignments, for the organiser's staff and for whoever drives the lorries."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Exists, OuterRef

from balie.ordering.models import Campaign, Consignment, DayFile, Product
from balie.ordering.queries.rows import read_rows


@dataclass(frozen=True)
class HandedDay:
    """A day on which something is ordered or was handed over; `version` and `made_at` are of its last file.

    `stops` and `doses` are ordered, `handed_…` are in that file; `changed`: they are no longer the same.
    """

    day: date
    stops: int
    doses: int
    last_free: date
    version: int | None
    made_at: datetime | None
    handed_stops: int
    handed_doses: int
    changed: bool


@dataclass(frozen=True)
class Goods:
    """So many doses of a product."""

    product: Product
    doses: int


def read_days(campaign: Campaign) -> list[HandedDay]:
    """In order of date. One query for however many."""
    return [HandedDay(**row) for row in read_rows("handed_days", campaign=campaign.pk)]


def read_day(campaign: Campaign, day: date) -> HandedDay | None:
    """One of these."""
    return next((each for each in read_days(campaign) if each.day == day), None)


def read_consignments(campaign: Campaign, day: date) -> list[tuple[Consignment, Sequence[Goods]]]:
    """What the last file of the day says, in order of practice; those that no longer come last."""
    products = {product.pk: product for product in campaign.products.all()}
    found = Consignment.objects.filter(campaign=campaign, day=day).select_related("practice")
    return [(each, goods_of(each, products)) for each in found.order_by("withdrawn", "practice__name", "pk")]


def read_files(campaign: Campaign, day: date) -> list[DayFile]:
    """Every version, the latest first, without its content."""
    files = DayFile.objects.filter(campaign=campaign, day=day).defer("content", "signature").select_related("made_by")
    return list(files.order_by("-version"))


def read_delivering_campaigns(*, handed: bool) -> list[Campaign]:
    """Campaigns that deliver, the latest first; with `handed` only those of which a day was handed over."""
    campaigns = Campaign.objects.filter(trial_of=None, is_probe=False).order_by("-opens_at", "-pk")
    if handed:
        campaigns = campaigns.filter(Exists(DayFile.objects.filter(campaign=OuterRef("pk"))))
    return list(campaigns)


def read_goods(each: Consignment) -> Sequence[Goods]:
    """What is in one."""
    return goods_of(each, {product.pk: product for product in each.campaign.products.all()})


def goods_of(each: Consignment, products: dict[int, Product]) -> Sequence[Goods]:
    """As above, with the campaign's products by key."""
    goods = [Goods(products[product], doses) for product, doses in zip(each.line_product, each.line_doses, strict=True)]
    return sorted(goods, key=lambda one: one.product.position)
