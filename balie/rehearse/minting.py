"""Set-up that has to look into the product's tables: who prepared what, and a pass for each, as if they had logged in."""

from __future__ import annotations

from balie.ordering.models import Campaign, PreparedOrder
from balie.practices.models import Membership
from balie.practices.passes import make_pass
from balie.rehearse.cast import Member, PreparedLine


def mint_cast(campaign: Campaign, *, practices: int) -> list[Member]:
    """So many practices that are ready and have somebody who works there; fewer when there are no more."""
    workers = {each.practice_id: each for each in Membership.objects.select_related("person").order_by("-pk")}
    ready = PreparedOrder.objects.filter(campaign=campaign).order_by("pk").prefetch_related("lines", "ranking")
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
