"""Fills an installation: an imaginary country, a campaign that opens soon, and passes for those who take part.

The one place where the rehearsal looks into the product's tables: set-up, before anything is measured or judged.
"""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta

from balie.embedded.national import ImaginaryPractice, imagine_country
from balie.embedded.seed import open_campaign, prepare_orders, regions, seed_country
from balie.ordering.models import Campaign, PreparedOrder
from balie.practices.models import Membership
from balie.practices.passes import make_pass
from balie.rehearse.cast import Member, PreparedLine

SMALLEST_COUNTRY = 400  # so that a delivery day has room for the largest practice
PREPARED_SHARE = 0.8  # of an imaginary country has an order ready; somewhat more, in fact
SPARE = 20


def settle_country(practices: int) -> list[ImaginaryPractice]:
    """A country in which so many practices will be ready to order."""
    country = imagine_country(max(SMALLEST_COUNTRY, round(practices / PREPARED_SHARE) + SPARE))
    seed_country(country, last_year=datetime.now(UTC).year - 1)
    return country


def call_for_orders(
    country: list[ImaginaryPractice],
    *,
    opens_in_s: float,
    pace: int,
    window_s: int,
    groups: int = 1,
    every_s: float = 0,
) -> Campaign:
    """A campaign whose doors are open already, and that opens in so many groups, one every so many seconds."""
    doors_at = datetime.now(UTC)
    opens_at = doors_at + timedelta(seconds=opens_in_s)
    campaign = open_campaign(
        country,
        slug="repetitie",
        doors_at=doors_at,
        opens_at=opens_at,
        pace=pace,
        window_s=window_s,
        groups=regions(country, groups, opens_at=opens_at, every=timedelta(seconds=every_s)),
    )
    prepare_orders(campaign, country)
    return campaign


def put_to_sleep(campaign: Campaign, members: list[Member], *, share: float) -> set[int]:
    """Let so many of the members have "bestel voor mij", a third of them in parts if need be; their practices."""
    asleep = random.Random(campaign.pk).sample([member.practice for member in members], round(len(members) * share))
    for auto, practices in ((PreparedOrder.Auto.PARTS, asleep[::3]), (PreparedOrder.Auto.ONE_DAY, asleep)):
        waiting = PreparedOrder.objects.filter(campaign=campaign, practice__in=practices, auto=PreparedOrder.Auto.OFF)
        waiting.update(auto=auto, auto_set_at=datetime.now(UTC))
    return who_sleeps(campaign, members)


def who_sleeps(campaign: Campaign, members: list[Member]) -> set[int]:
    """Those of the members for whom Balie orders; their practices."""
    by_balie = PreparedOrder.objects.filter(campaign=campaign).exclude(auto=PreparedOrder.Auto.OFF)
    return {member.practice for member in members} & set(by_balie.values_list("practice_id", flat=True))


def mint_cast(campaign: Campaign, *, practices: int) -> list[Member]:
    """So many practices that are ready and have somebody who works there; fewer when there are no more.

    The last ones: the demo's crowd are the first.
    """
    workers = {each.practice_id: each for each in Membership.objects.select_related("person").order_by("-pk")}
    ready = PreparedOrder.objects.filter(campaign=campaign).order_by("-pk").prefetch_related("lines", "ranking")
    return [_member(order, workers[order.practice_id]) for order in ready if order.practice_id in workers][:practices]


def _member(order: PreparedOrder, worker: Membership) -> Member:
    cookie = make_pass(
        person=worker.person_id,
        practice=order.practice_id,
        role=worker.role,
        organiser=worker.person.is_organiser,
    )
    lines = [
        PreparedLine(product=line.product_id, location=line.location_id, doses=line.doses) for line in order.lines.all()
    ]
    return Member(
        practice=order.practice_id, cookie=cookie, lines=lines, ranking=[wish.day for wish in order.ranking.all()]
    )
