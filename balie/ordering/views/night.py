"""The control room: the night as it goes, and what staff can do to it. Each act has a reason and is logged."""

from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.ordering.access import access_campaign
from balie.ordering.models import Campaign
from balie.ordering.queries.night import read_log
from balie.ordering.queries.requests import count_open_requests
from balie.ordering.services.holds import extend_windows
from balie.ordering.services.report_fairness import judge_draws
from balie.practices.access import access_organiser
from balie.practices.models import Person
from balie.practices.templatetags.balie import number, span
from balie.waitingroom import services

Act = Callable[[Campaign, Person, HttpRequest], str]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def night(request: HttpRequest, slug: str) -> HttpResponse:
    """The figures and plots come by stream and live in the browser (`frontend/src/ordering/night`).

    A POST does one of `ACTS`; where it is refused, the page comes again with what was typed and what is wrong with it.
    """
    person = access_organiser(request)
    campaign = access_campaign(slug)
    if request.method != "POST":
        return _page(request, campaign)
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    try:
        done = act(campaign, person, request)
    except ValidationError as error:
        return _page(request, campaign, errors=error.messages, status=422)
    messages.success(request, done)
    return redirect("night", slug=slug)


@login_required
@require_safe
@never_cache
def night_log(request: HttpRequest, slug: str) -> HttpResponse:
    """The log alone, for the page to keep itself fresh with."""
    access_organiser(request)
    campaign = access_campaign(slug)
    return render(request, "ordering/parts/night_log.html", {"campaign": campaign, "log": read_log(campaign)})


@login_required
@require_safe
@never_cache
def night_fairness(request: HttpRequest, slug: str) -> HttpResponse:
    """Whether the draws so far were fair, alone, as `night_log`."""
    access_organiser(request)
    campaign = access_campaign(slug)
    return render(request, "ordering/parts/night_fairness.html", {"draws": judge_draws(campaign)})


def _pace(campaign: Campaign, person: Person, request: HttpRequest) -> str:
    pace = forms.IntegerField().clean(request.POST.get("pace"))
    services.set_pace(room=campaign.room, pace=pace, actor=person, reason=_reason(request))
    return _("Het tempo is nu %(pace)s praktijken per minuut.") % {"pace": number(pace)}


def _pause(campaign: Campaign, person: Person, request: HttpRequest) -> str:
    services.pause(room=campaign.room, actor=person, reason=_reason(request))
    return _("Toelaten staat op pauze. Wie binnen is, gaat gewoon verder.")


def _resume(campaign: Campaign, person: Person, request: HttpRequest) -> str:
    services.resume(room=campaign.room, actor=person, reason=_reason(request))
    return _("Er worden weer praktijken toegelaten.")


def _extend(campaign: Campaign, person: Person, request: HttpRequest) -> str:
    minutes = forms.IntegerField().clean(request.POST.get("minutes"))
    count = extend_windows(campaign=campaign, minutes=minutes, actor=person, reason=_reason(request))
    if count == 0:
        return _("Er houdt nu niemand een datum vast. Er is niets veranderd.")
    words = {"practices": number(count), "span": span(60 * minutes)}
    return (
        ngettext(
            "%(practices)s praktijk heeft %(span)s extra.", "%(practices)s praktijken hebben %(span)s extra.", count
        )
        % words
    )


def _say(campaign: Campaign, person: Person, request: HttpRequest) -> str:
    text = forms.CharField(strip=True).clean(request.POST.get("text"))
    services.post_message(room=campaign.room, text=text, actor=person)
    return _("Iedereen die wacht, ziet nu uw bericht.")


def _unsay(campaign: Campaign, person: Person, request: HttpRequest) -> str:
    services.post_message(room=campaign.room, text="", actor=person, reason=_reason(request))
    return _("Het bericht is weg.")


def _reason(request: HttpRequest) -> str:
    reason: str = forms.CharField(required=False).clean(request.POST.get("reason"))
    return reason


ACTS: dict[str, Act] = {
    "pace": _pace,
    "pause": _pause,
    "resume": _resume,
    "extend": _extend,
    "say": _say,
    "unsay": _unsay,
}


def _page(request: HttpRequest, campaign: Campaign, *, errors: Sequence[str] = (), status: int = 200) -> HttpResponse:
    context: dict[str, Any] = {
        "campaign": campaign,
        "room": campaign.room,
        "now": timezone.now(),
        "section": "night",
        "log": read_log(campaign),
        "draws": judge_draws(campaign),
        "requests": count_open_requests(campaign),
        "errors": errors,
        "refused": request.POST.get("do", ""),
        "typed": request.POST,
        "page_data": {
            "campaign": campaign.pk,
            "pace": campaign.room.pace,
            "urls": {
                "log": reverse("night_log", args=[campaign.slug]),
                "fairness": reverse("night_fairness", args=[campaign.slug]),
            },
        },
    }
    return render(request, "ordering/night.html", context, status=status)
