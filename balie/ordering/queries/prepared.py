"""What a practice put ready for a campaign, and what it may ask of each product."""

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.functional import cached_property

from balie.ordering.models import Campaign, PreparedOrder, Product
from balie.ordering.queries.kinds_of_days import days_for
from balie.ordering.queries.whereabouts import read_round
from balie.ordering.rules import DoseRule, cap_in_doses
from balie.practices.models import Location, PastUse, Person, Practice
from balie.waitingroom.models import Round


@dataclass(frozen=True)
class Asked:
    """A product as asked of one practice: its rule, and what the practice ordered and gave last year, if known."""

    rule: DoseRule
    code: str
    ordered: int | None
    administered: int | None


@dataclass(frozen=True)
class Preparation:
    """Everything the page of the prepared order shows; what other pages do not need is read where it is asked.

    `offered` is what the campaign offers anybody, in order; `doses` is by product and location.
    """

    campaign: Campaign
    practice: Practice
    offered: tuple[Product, ...]
    doses: dict[tuple[int, int], int]
    ranking: tuple[date, ...]
    saved_at: datetime | None
    saved_by: Person | None
    auto: str
    failed_at: datetime | None

    @property
    def by_balie(self) -> bool:
        """Whether Balie places the order on the practice's turn."""
        return self.auto != PreparedOrder.Auto.OFF

    @cached_property
    def products(self) -> tuple[Asked, ...]:
        """What is offered, as asked of this practice."""
        return _ask(self.campaign, self.practice, self.offered)

    @cached_property
    def locations(self) -> tuple[Location, ...]:
        """Where the practice can have doses delivered."""
        return tuple(self.practice.locations.order_by("pk"))

    @cached_property
    def round(self) -> Round:
        """When ordering opens for this practice, and as which group's where the campaign opens in groups."""
        return read_round(self.campaign, self.practice)

    @cached_property
    def days(self) -> tuple[date, ...]:
        """The delivery days of the campaign that are for first orders, in order of date."""
        return tuple(days_for(self.campaign).values_list("day", flat=True))


def read_asked(campaign: Campaign, practice: Practice) -> tuple[Asked, ...]:
    """The campaign's products in order, each with the practice's own limit and last year's numbers."""
    return _ask(campaign, practice, tuple(campaign.products.all()))


def _ask(campaign: Campaign, practice: Practice, offered: tuple[Product, ...]) -> tuple[Asked, ...]:
    past = {use.product_code: use for use in PastUse.objects.filter(practice=practice, year=campaign.year - 1)}
    is_care = practice.kind == Practice.Kind.CARE_ORG
    care_minimum = campaign.care_minimum if is_care else None
    percent = campaign.cap_percent
    if is_care and campaign.care_cap_percent is not None:
        percent = campaign.care_cap_percent
    return tuple(
        Asked(
            rule=DoseRule(
                product=product.pk,
                name=product.name,
                step=product.step,
                minimum=care_minimum if care_minimum is not None else product.minimum,
                cap=cap_in_doses(
                    ordered_last_year=past[product.code].ordered if product.code in past else None,
                    percent=percent,
                    step=product.step,
                ),
            ),
            code=product.code,
            ordered=past[product.code].ordered if product.code in past else None,
            administered=past[product.code].administered if product.code in past else None,
        )
        for product in offered
    )


def read_preparation(campaign: Campaign, practice: Practice) -> Preparation:
    """What is stored now; empty where nothing was put ready yet. A trial uses what is ready for the real night."""
    real = campaign.trial_of_id or campaign.pk
    prepared = PreparedOrder.objects.filter(campaign=real, practice=practice).select_related("saved_by").first()
    lines = prepared.lines.select_related("product") if prepared else ()
    offered = tuple(campaign.products.all())
    ids = {product.code: product.pk for product in offered}
    return Preparation(
        campaign=campaign,
        practice=practice,
        offered=offered,
        doses={(ids[line.product.code], line.location_id): line.doses for line in lines if line.product.code in ids},
        ranking=tuple(wish.day for wish in prepared.ranking.all()) if prepared else (),
        saved_at=prepared.saved_at if prepared else None,
        saved_by=prepared.saved_by if prepared else None,
        # In a trial one practises to do it oneself.
        auto=prepared.auto if prepared and campaign.trial_of_id is None else PreparedOrder.Auto.OFF,
        failed_at=prepared.failed_at if prepared else None,
    )
