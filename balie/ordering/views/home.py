"""The ways in: to the page that is the practice's page now, and to the control room."""

from datetime import datetime

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from balie.ordering.models import Campaign
from balie.ordering.queries.campaigns import read_current_campaigns
from balie.ordering.queries.whereabouts import page_for, read_round
from balie.practices.access import access_any_practice, access_organiser, access_practice
from balie.practices.standing import standing_of


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """On to where the practice stands; staff who work for no practice go to the control room, or to the deliveries."""
    standing = standing_of(request)
    if standing and standing.person.is_distributor and not standing.memberships:
        return redirect("delivery_campaigns")
    if standing and standing.person.is_organiser and not standing.memberships and not standing.mandate:
        return redirect("nights")
    practice = access_practice(request)
    campaigns = read_current_campaigns()
    if len(campaigns) == 1:  # the whole country comes by here on the night
        return redirect(page_for(campaigns[0], practice), slug=campaigns[0].slug)
    return _offer(request, [(each, page_for(each, practice), read_round(each, practice).draw_at) for each in campaigns])


@login_required
@require_safe
def nights(request: HttpRequest) -> HttpResponse:
    """On to the control room of the current campaign. Raises Http404 for whoever is not organiser staff."""
    access_organiser(request)
    campaigns = read_current_campaigns()
    if len(campaigns) == 1:
        return redirect("night", slug=campaigns[0].slug)
    return _offer(request, [(each, "night", each.opens_at) for each in campaigns], section="night")


@login_required
@require_safe
def night_of_practice(request: HttpRequest, agb_code: str) -> HttpResponse:
    """On to what a practice went through in the current campaign; to the control room when there is not just one."""
    access_any_practice(request, agb_code)
    campaigns = read_current_campaigns()
    if len(campaigns) != 1:
        return redirect("nights")
    return redirect("night_practice", slug=campaigns[0].slug, agb_code=agb_code)


def _offer(request: HttpRequest, places: list[tuple[Campaign, str, datetime]], *, section: str = "") -> HttpResponse:
    """A list to choose from."""
    return render(request, "ordering/home.html", {"places": places, "section": section})
