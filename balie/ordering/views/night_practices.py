"""Practices as the control room sees them: who has not ordered, what one went through, and acts on one of them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.lib.csvfile import csv_reply
from balie.lib.keyset import Place, read_place
from balie.ordering.access import access_campaign
from balie.ordering.models import Campaign
from balie.ordering.queries.night_practices import (
    NOT_ORDERED,
    State,
    find_practices,
    read_practice,
)
from balie.ordering.queries.practice_log import read_practice_log
from balie.ordering.queries.whereabouts import page_for
from balie.ordering.services.holds import block_practice, unblock_practice
from balie.practices.access import access_any_practice, access_organiser
from balie.practices.mandates import take_up
from balie.practices.models import Practice

EVERYONE = "alle"
LONGEST_SEARCH = 100
# How a state looks: kinds of Utrecht's badge.
BADGES = {
    State.ABSENT: "neutral",
    State.WAITING: "neutral",
    State.CALLED: "warning",
    State.INSIDE: "success",
    State.LAPSED: "warning",
    State.BLOCKED: "error",
    State.ORDERED: "success",
}


@dataclass(frozen=True)
class Search:
    """What is looked for, as the address says it: words, one state, everyone, or (empty) who has not ordered."""

    words: str
    stand: str
    place: Place

    @classmethod
    def asked(cls, request: HttpRequest) -> "Search":
        """Raises Http404 for a state or a page that does not exist."""
        stand = request.GET.get("stand", "")
        if stand not in {"", EVERYONE, *State.values}:
            raise Http404
        place = read_place(request.GET)
        if place is None:
            raise Http404
        return cls(request.GET.get("zoek", "").replace("\0", "")[:LONGEST_SEARCH].strip(), stand, place)

    @property
    def states(self) -> tuple[State, ...]:
        if self.stand == EVERYONE:
            return tuple(State)
        return (State(self.stand),) if self.stand else NOT_ORDERED

    def address(self, **changes: str) -> str:
        """The part of an address after its question mark, from the first page on; what says nothing is left out."""
        asked = {"zoek": self.words, "stand": self.stand} | changes
        return urlencode({name: value for name, value in asked.items() if value})


@login_required
@require_safe
@never_cache
def night_practices(request: HttpRequest, slug: str) -> HttpResponse:
    """Who has not ordered yet, and how to reach them; or whoever is looked for."""
    access_organiser(request)
    campaign, search = access_campaign(slug), Search.asked(request)
    found = find_practices(campaign, states=search.states, looked_for=search.words, place=search.place)
    context = {
        "campaign": campaign,
        "section": "night",
        "search": search,
        "rows": [(row, BADGES[row.state]) for row in found.page.rows],
        "fitting": found.fitting,
        "filters": _filters(campaign, search, found.counts),
        "asked": search.address(),
        "page": found.page,
    }
    return render(request, "ordering/night_practices.html", context)


@login_required
@require_safe
@never_cache
def night_practices_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The same practices, all of them, as a file."""
    access_organiser(request)
    campaign, search = access_campaign(slug), Search.asked(request)
    found = find_practices(campaign, states=search.states, looked_for=search.words, size=None)
    header = [_("Nummer"), _("Praktijk"), _("AGB-code"), _("Telefoon"), _("Stand"), _("Bestelling")]
    rows = [
        (row.number, row.name, row.agb_code, row.phone, row.state.label, row.order_number) for row in found.page.rows
    ]
    return csv_reply(f"praktijken-{campaign.slug}.csv", header, rows)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def night_practice(request: HttpRequest, slug: str, agb_code: str) -> HttpResponse:
    """What one practice went through. A POST does one of three acts; where it is refused, what was typed comes back."""
    practice = access_any_practice(request, agb_code)
    campaign = access_campaign(slug)
    if request.method != "POST":
        return _page(request, campaign, practice)
    try:
        return _act(request, campaign, practice)
    except ValidationError as error:
        return _page(request, campaign, practice, errors=error.messages, status=422)


@login_required
@require_safe
@never_cache
def night_practice_csv(request: HttpRequest, slug: str, agb_code: str) -> HttpResponse:
    """Its log as a file, for a letter to the practice."""
    practice = access_any_practice(request, agb_code)
    campaign = access_campaign(slug)
    header = [_("Tijd"), _("Wat er gebeurde"), _("Door"), _("Reden"), _("Klok van Balie")]
    rows = [
        (_to_the_second(line.at), line.say, line.by, line.reason, _to_the_second(line.judged_at))
        for line in read_practice_log(campaign, practice)
    ]
    return csv_reply(f"praktijk-{practice.agb_code}-{campaign.slug}.csv", header, rows)


def _act(request: HttpRequest, campaign: Campaign, practice: Practice) -> HttpResponse:
    person, do = access_organiser(request), request.POST.get("do", "")
    reason: str = forms.CharField(required=False).clean(request.POST.get("reason"))
    if do == "order":
        take_up(request, practice=practice, reason=reason, about=f"campaign:{campaign.slug}")
        return redirect(page_for(campaign, practice), slug=campaign.slug)
    if do == "block":
        block_practice(campaign=campaign, practice=practice, actor=person, reason=reason)
        messages.success(request, _("Deze praktijk kan nu niets bestellen. Haar plaats in de wachtkamer blijft."))
    elif do == "unblock":
        unblock_practice(campaign=campaign, practice=practice, actor=person, reason=reason)
        messages.success(request, _("Deze praktijk kan weer bestellen."))
    else:
        raise Http404
    return redirect("night_practice", slug=campaign.slug, agb_code=practice.agb_code)


def _page(
    request: HttpRequest, campaign: Campaign, practice: Practice, *, errors: Sequence[str] = (), status: int = 200
) -> HttpResponse:
    row = read_practice(campaign, practice)
    context: dict[str, Any] = {
        "campaign": campaign,
        "section": "night",
        "practice": practice,
        "row": row,
        "badge": BADGES[row.state],
        "is_blocked": row.state is State.BLOCKED,
        "has_ordered": row.state is State.ORDERED,
        "log": read_practice_log(campaign, practice),
        "made_at": timezone.now(),
        "errors": errors,
        "refused": request.POST.get("do", ""),
        "typed": request.POST,
    }
    return render(request, "ordering/night_practice.html", context, status=status)


def _filters(campaign: Campaign, search: Search, counts: dict[State, int]) -> list[dict[str, Any]]:
    """Links to every state with how many practices are in it; the chosen one is marked."""
    not_yet = _("nog niet geoefend") if campaign.trial_of else _("nog niet besteld")
    choices = [
        ("", not_yet, sum(counts.get(state, 0) for state in NOT_ORDERED)),
        *[(state.value, state.label, counts.get(state, 0)) for state in State],
        (EVERYONE, _("alle praktijken"), sum(counts.values())),
    ]
    return [
        {"label": label, "count": count, "address": search.address(stand=value), "chosen": value == search.stand}
        for value, label, count in choices
    ]


def _to_the_second(at: datetime | None) -> str:
    return timezone.localtime(at).strftime("%d-%m-%Y %H.%M.%S") if at else ""
