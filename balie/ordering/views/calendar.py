"""The page with the delivery days and the practice's window. What moves on it comes over `/live/` and `/stream/`."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from balie.ordering.access import access_campaign
from balie.ordering.queries.prepared import Preparation, read_preparation
from balie.ordering.queries.whereabouts import has_live_hold, has_ordered, is_called, read_number
from balie.practices.access import access_practice
from balie.practices.templatetags.balie import on_one_line


@login_required
@require_safe
def calendar(request: HttpRequest, slug: str) -> HttpResponse:
    """For whom is called, or has a date held; others are sent to where they stand."""
    practice, campaign = access_practice(request), access_campaign(slug)
    if has_ordered(campaign, practice):
        return redirect("placed", slug=slug)
    if not (is_called(campaign, practice) or has_live_hold(campaign, practice)):
        return redirect("waiting", slug=slug)
    preparation = read_preparation(campaign, practice)
    context = {
        "campaign": campaign,
        "practice": practice,
        "number": read_number(campaign, practice),
        "page_data": page_data(preparation),
    }
    return render(request, "ordering/calendar.html", context)


def page_data(preparation: Preparation) -> dict[str, Any]:
    """What the script needs to know beforehand; `frontend/src/ordering/page.ts` has its type."""
    campaign, practice = preparation.campaign, preparation.practice
    return {
        "campaign": campaign.pk,
        "practice": practice.pk,
        "window_s": campaign.window_s,
        "help_phone": on_one_line(campaign.help_phone),
        "products": [{"id": asked.rule.product, "name": asked.rule.name} for asked in preparation.products],
        "locations": [
            {"id": location.pk, "name": location.name, "address": f"{location.street}, {location.city}"}
            for location in preparation.locations
        ],
        "lines": [
            {"product": product, "location": location, "doses": doses}
            for (product, location), doses in preparation.doses.items()
        ],
        "ranking": [day.isoformat() for day in preparation.ranking],
        "urls": {name: reverse(name, args=[campaign.slug]) for name in ("prepare", "waiting", "calendar", "placed")}
        | {"login": reverse("account_login")},
    }
