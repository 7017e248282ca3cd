"""The way in: to the page that is the practice's page now."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from balie.ordering.queries.campaigns import read_current_campaigns
from balie.ordering.queries.whereabouts import page_for
from balie.practices.access import access_practice
from balie.practices.standing import standing_of


@login_required
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """On to where the practice stands, or the organiser's control room; a list when there are several campaigns."""
    campaigns = read_current_campaigns()
    standing = standing_of(request)
    if standing and standing.person.is_organiser and not standing.memberships:
        places = [(campaign, "night") for campaign in campaigns]
    else:
        practice = access_practice(request)
        places = [(campaign, page_for(campaign, practice)) for campaign in campaigns]
    if len(places) == 1:
        campaign, page = places[0]
        return redirect(page, slug=campaign.slug)
    return render(request, "ordering/home.html", {"places": places})
