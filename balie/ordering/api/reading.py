"""What programs read outside the night, as the contract writes it."""

from collections.abc import Iterable
from typing import Any

from balie.ordering.api import contract
from balie.ordering.api.operations import PAGES
from balie.ordering.models import PRE_DELIVERY, Campaign, CancelledOrder, Order
from balie.ordering.queries.offers import read_days_for
from balie.ordering.queries.prepared import read_preparation
from balie.practices.models import Practice


def practice(of: Practice) -> contract.Practice:
    places = [
        contract.Place(place.pk, place.name, place.street, place.postcode, place.city)
        for place in of.locations.order_by("pk")
    ]
    return contract.Practice(of.agb_code, of.name, of.registered_count, places)


def campaigns(asked: contract.PageQuery) -> contract.Campaigns:
    """Every practice may see every campaign but that of the watch."""
    rows = Campaign.objects.filter(is_probe=False, pk__gt=asked.after).order_by("pk")[: asked.limit + 1]
    found = [contract.CampaignBrief(**_brief(row)) for row in rows]
    return contract.Campaigns(found[: asked.limit], _next("campaigns", [each.id for each in found], asked))


def campaign(row: Campaign, of: Practice) -> contract.Campaign:
    ready = read_preparation(row, of)
    products = [
        contract.Product(
            id=each.rule.product,
            code=each.code,
            name=each.rule.name,
            step=each.rule.step,
            minimum=each.rule.minimum,
            cap=each.rule.cap,
            ordered_last_year=each.ordered,
            administered_last_year=each.administered,
        )
        for each in ready.products
    ]
    return contract.Campaign(
        **{**_brief(row), "opens_at": ready.round.draw_at, "change_unit": row.change_unit},
        window_s=row.window_s,
        change_limit=row.change_limit,
        late_fee_cents=row.late_fee_cents,
        days=list(ready.days),
        products=products,
        reorders=_reorders(row),
        pre_delivery=_pre_delivery(row),
    )


def _reorders(row: Campaign) -> contract.Reorders | None:
    if row.reorders_open_at is None or row.reorders_close_at is None:
        return None
    return contract.Reorders(row.reorders_open_at, row.reorders_close_at, row.reorders_most)


def _pre_delivery(row: Campaign) -> contract.PreDelivery | None:
    if row.early_opens_at is None or row.early_closes_at is None:
        return None
    days = read_days_for(row, PRE_DELIVERY)
    return contract.PreDelivery(row.early_opens_at, row.early_closes_at, row.early_most, days)


def prepared(row: Campaign, of: Practice) -> contract.Prepared:
    ready = read_preparation(row, of)
    lines = [contract.PreparedItem(product, location, doses) for (product, location), doses in ready.doses.items()]
    auto: Any = ready.auto  # the model's choices are the contract's
    return contract.Prepared(lines, list(ready.ranking), auto, ready.saved_at)


def orders(of: Practice, asked: contract.PageQuery) -> contract.Orders:
    """Orders keep their key when they are cancelled, so both kinds are one list. Three queries, however many there are.

    Of each kind one more is read than is asked for, so that the page is full before it ends.
    """
    placed = Order.objects.filter(practice=of, campaign__is_probe=False, pk__gt=asked.after).order_by("pk")
    gone = CancelledOrder.objects.filter(practice=of, campaign__is_probe=False, pk__gt=asked.after).order_by("pk")
    most = asked.limit + 1
    rows: list[Order | CancelledOrder] = [
        *placed.select_related("campaign").prefetch_related("lines")[:most],
        *gone.select_related("campaign")[:most],
    ]
    rows.sort(key=lambda each: each.pk)
    keys = [each.pk for each in rows[:most]]
    return contract.Orders([order(each) for each in rows[: asked.limit]], _next("orders", keys, asked))


def order(row: Order | CancelledOrder) -> contract.Order:
    about: dict[str, Any] = {
        "number": row.number,
        "campaign": row.campaign_id,
        "trial": row.campaign.trial_of_id is not None,
        "placed_at": row.placed_at,
        "kind": str(row.kind),
        "slot": row.slot,
    }
    if isinstance(row, Order):
        lines = [
            contract.OrderLine(line.product_id, line.location_id, line.doses, line.day, line.address)
            for line in row.lines.all()
        ]
        return contract.Order(**about, state="placed", lines=lines, revision=row.revision)
    columns = zip(row.line_product, row.line_location, row.line_doses, row.line_day, row.line_address, strict=True)
    return contract.Order(
        **about,
        state="cancelled",
        lines=[contract.OrderLine(*line) for line in columns],
        cancelled_at=row.cancelled_at,
        fee_cents=row.fee_cents,
    )


def _brief(row: Campaign) -> dict[str, Any]:
    return {
        "id": row.pk,
        "slug": row.slug,
        "name": row.name,
        "year": row.year,
        "trial": row.trial_of_id is not None,
        "opens_at": row.opens_at,
        "closes_at": row.closes_at,
    }


def _next(what: str, keys: Iterable[int], asked: contract.PageQuery) -> str | None:
    """Where the rest is, when there is one more than fits."""
    found = list(keys)
    return f"{PAGES}/{what}?after={found[asked.limit - 1]}&limit={asked.limit}" if len(found) > asked.limit else None
