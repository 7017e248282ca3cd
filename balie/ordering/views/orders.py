"""Orders of every campaign, for the organiser's staff, who look for one of them."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from balie.lib.keyset import Place, read_place
from balie.ordering.access import access_campaign
from balie.ordering.models import Campaign
from balie.ordering.queries.campaigns import read_campaigns
from balie.ordering.queries.found_orders import Standing, search_orders
from balie.practices.access import access_organiser
from balie.practices.directory.queries import LONGEST_SEARCH

BADGES = {Standing.STANDING: "success", Standing.ASKED: "warning", Standing.CANCELLED: "neutral"}


@dataclass(frozen=True)
class Search:
    """What is looked for, as the address says it: words, in one campaign, in one state, each where it is asked."""

    words: str
    campaign: Campaign | None
    standing: Standing | None
    place: Place

    @classmethod
    def asked(cls, request: HttpRequest) -> "Search":
        """Raises Http404 for a campaign, a state or a place that does not exist."""
        slug, stand, place = request.GET.get("campagne", ""), request.GET.get("stand", ""), read_place(request.GET)
        if stand not in {"", *Standing.values} or place is None:
            raise Http404
        words = request.GET.get("zoek", "").replace("\0", "")[:LONGEST_SEARCH].strip()
        return cls(words, access_campaign(slug) if slug else None, Standing(stand) if stand else None, place)

    def address(self, **changes: str) -> str:
        """The part of an address after its question mark, from the start of the list; what says nothing is left out."""
        asked = {
            "zoek": self.words,
            "campagne": self.campaign.slug if self.campaign else "",
            "stand": self.standing.value if self.standing else "",
        }
        return urlencode({name: value for name, value in (asked | changes).items() if value})


@login_required
@require_safe
@never_cache
def orders(request: HttpRequest) -> HttpResponse:
    """The latest first, all of them or those that were searched for."""
    access_organiser(request)
    search = Search.asked(request)
    page = search_orders(search.words, search.place, campaign=search.campaign, standing=search.standing)
    context = {
        "section": "practices",
        "listed": "orders",
        "words": search.words,
        "search": search,
        "campaigns": read_campaigns(),
        "filters": [
            {"label": state.label, "address": search.address(stand=state), "chosen": state is search.standing}
            for state in Standing
        ],
        "all": search.address(stand=""),
        "page": page,
        "rows": [(row, BADGES[row.standing]) for row in page.rows],
        "asked": search.address(),
    }
    return render(request, "ordering/orders.html", context)
