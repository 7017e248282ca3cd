"""The waiting room, from before its doors open until the practice's turn, and the page that explains the draw."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from balie.ordering.access import access_campaign
from balie.ordering.models import Campaign
from balie.ordering.queries.prepared import Preparation, read_preparation
from balie.ordering.queries.whereabouts import page_for, read_round
from balie.ordering.services.placing import order_yourself
from balie.practices.access import access_practice
from balie.practices.models import Person
from balie.practices.standing import standing_of
from balie.practices.templatetags.balie import on_one_line
from balie.waitingroom.models import Round


@login_required
@require_safe
@never_cache
def waiting(request: HttpRequest, slug: str) -> HttpResponse:
    """The room itself lives in the browser (`frontend/src/waitingroom`); who is further on is sent there."""
    practice, campaign = access_practice(request), access_campaign(slug)
    page = page_for(campaign, practice)
    if page in {"placed", "calendar"}:
        return redirect(page, campaign.slug)
    preparation = read_preparation(campaign, practice)
    context = {
        "campaign": campaign,
        "practice": practice,
        "prepared": _prepared(preparation),
        "ranking": preparation.ranking,
        "round": preparation.round,
        "page_data": _page_data(campaign, preparation),
    }
    return render(request, "ordering/waiting.html", context)


def _prepared(preparation: Preparation) -> list[tuple[str, int]]:
    """Each product's name with its doses over all addresses; products without doses are left out."""
    totals = dict.fromkeys((product.pk for product in preparation.offered), 0)
    for (product, _location), doses in preparation.doses.items():
        totals[product] += doses
    names = {product.pk: product.name for product in preparation.offered}
    return [(names[product], doses) for product, doses in totals.items() if doses]


def _page_data(campaign: Campaign, preparation: Preparation) -> dict[str, Any]:
    """`WaitingPage` of `frontend/src/waitingroom/page.ts`."""
    here = reverse("waiting", args=[campaign.slug])
    return {
        "campaign": campaign.pk,
        "practice": preparation.practice.pk,
        "round": preparation.round.position,
        "lines": [
            {"product": product, "location": location, "doses": doses}
            for (product, location), doses in preparation.doses.items()
            if doses
        ],
        "ranking": [day.isoformat() for day in preparation.ranking],
        "window_s": campaign.window_s,
        "help_phone": on_one_line(campaign.help_phone),
        "auto": {"failed": preparation.failed_at is not None} if preparation.by_balie else None,
        "urls": {
            "calendar": reverse("calendar", args=[campaign.slug]),
            "placed": reverse("placed", args=[campaign.slug]),
            "prepare": reverse("prepare", args=[campaign.slug]),
            "login": f"{reverse('account_login')}?next={here}",
        },
    }


@login_required
@require_POST
def order_self(request: HttpRequest, slug: str) -> HttpResponse:
    """Balie does not order any more (“Ik doe het liever zelf”), unless it just did."""
    campaign, practice = access_campaign(slug), access_practice(request)
    assert isinstance(request.user, Person)
    if order_yourself(campaign=campaign, practice=practice, actor=request.user):
        messages.success(request, _("U bestelt weer zelf. Uw plaats blijft staan."))
    else:
        messages.info(request, _("Balie had net voor u besteld. Uw bestelling staat vast."))
    return redirect(page_for(campaign, practice), slug=slug)


@login_required
@require_safe
def draw(request: HttpRequest, slug: str) -> HttpResponse:
    """How the draw works, its seal, and once it is done everything one needs to recompute it."""
    campaign, standing = access_campaign(slug), standing_of(request)
    practice = standing.practice if standing else None
    drawn = [_draw(campaign, each) for each in campaign.room.rounds.all()]
    context = {
        "campaign": campaign,
        "draws": drawn,
        "some_drawn": any(each.drawn for each in drawn),
        "own": read_round(campaign, practice) if practice else None,
        "page_data": {"campaign": campaign.pk, "practice": practice.pk if practice else None},
    }
    return render(request, "ordering/draw.html", context)


@dataclass(frozen=True)
class Draw:
    """One round's draw as the page shows it: its seal once the doors are open, the rest once it is done; else empty."""

    round: Round
    seed_hash: str
    seed: str
    list_hash: str

    @property
    def drawn(self) -> bool:
        return self.round.drawn_at is not None


def _draw(campaign: Campaign, row: Round) -> Draw:
    is_open, drawn = campaign.room.doors_at <= timezone.now(), row.drawn_at is not None
    return Draw(
        round=row,
        seed_hash=bytes(row.seed_hash).hex() if row.seed_hash and is_open else "",
        seed=bytes(row.seed).hex() if row.seed and drawn else "",
        list_hash=bytes(row.list_hash).hex() if row.list_hash and drawn else "",
    )
