"""The page with the delivery days and the practice's window. What moves on it comes over `/live/` and `/stream/`."""

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from balie.ordering.access import access_campaign
from balie.ordering.models import FIRST, Campaign
from balie.ordering.queries.fees import read_counted
from balie.ordering.queries.offers import read_offer
from balie.ordering.queries.prepared import Preparation, read_preparation
from balie.ordering.queries.whereabouts import has_live_hold, has_ordered, is_called, read_number
from balie.ordering.rules import Findings
from balie.ordering.views.more import read_lines, read_typed
from balie.practices.access import access_practice
from balie.practices.models import Practice
from balie.practices.templatetags.balie import on_one_line


@login_required
@require_safe
def calendar(request: HttpRequest, slug: str, slot: int = FIRST) -> HttpResponse:
    """For whom is called, or has a date held; others are sent to where they stand."""
    practice, campaign = access_practice(request), access_campaign(slug)
    if slot != FIRST:
        return _more(request, campaign, practice, slot)
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


def _more(request: HttpRequest, campaign: Campaign, practice: Practice, slot: int) -> HttpResponse:
    """The days for a re-order or a pre-delivery of the doses in the address, or of what is held."""
    if has_ordered(campaign, practice, slot):
        return redirect("placed", slug=campaign.slug, slot=slot)
    offer, findings = read_offer(campaign, practice, slot), Findings()
    lines = read_lines(campaign, practice, slot, read_typed(request), findings) if offer.is_open else []
    if not has_live_hold(campaign, practice, slot) and (findings.found or not lines):
        return redirect("more", slug=campaign.slug, slot=slot)
    context = {
        "campaign": campaign,
        "practice": practice,
        "slot_name": offer.name,
        "page_data": page_data(read_preparation(campaign, practice))
        | {
            "slot": slot,
            "lines": [{"product": line.product, "location": line.location, "doses": line.doses} for line in lines],
            "ranking": [],
            "urls": {
                "prepare": reverse("more", args=[campaign.slug, slot]),
                "waiting": reverse("more", args=[campaign.slug, slot]),
                "calendar": reverse("calendar", args=[campaign.slug, slot]),
                "placed": reverse("placed", args=[campaign.slug, slot]),
                "login": reverse("account_login"),
            },
        },
    }
    return render(request, "ordering/calendar.html", context)


def _cost(campaign: Campaign, practice: Practice) -> dict[str, Any]:
    counted = read_counted(campaign, practice)
    return {
        "stops": [[day.isoformat(), location] for day, location in counted.stops],
        "free": counted.free,
        "fee_cents": counted.fee_cents,
    }


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
        "slot": FIRST,
        "cost": None if campaign.trial_of_id else _cost(campaign, practice),
        "early_until": campaign.early_until.isoformat() if campaign.early_until else None,
        "urls": {name: reverse(name, args=[campaign.slug]) for name in ("prepare", "waiting", "calendar", "placed")}
        | {"login": reverse("account_login")},
    }
