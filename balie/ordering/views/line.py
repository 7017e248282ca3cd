"""All who wait for room, in the order in which they are served, for the organiser's staff."""

import re

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from balie.ordering.access import access_campaign
from balie.ordering.queries.wishes import count_line, read_line, read_wished_days
from balie.practices.access import access_organiser

AFTER = re.compile(r"(\d{1,10})-(\d{1,18})")


@login_required
@require_safe
@never_cache
def night_line(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of the line; `na` is where it begins."""
    access_organiser(request)
    campaign = access_campaign(slug)
    if campaign.trial_of:
        raise Http404
    begins = AFTER.fullmatch(request.GET.get("na", ""))
    after = (int(begins[1]), int(begins[2])) if begins and int(begins[1]) < 2**31 else (-1, 0)
    line, is_more = read_line(campaign, after=after)
    context = {
        "campaign": campaign,
        "section": "night",
        "counts": count_line(campaign),
        "days": read_wished_days(campaign),
        "line": line,
        "first": begins is None,
        "next": line[-1].key if is_more else "",
    }
    return render(request, "ordering/line.html", context)
