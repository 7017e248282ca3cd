"""The trial: practices start over, the organiser opens and closes it."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from balie.ordering.access import access_campaign, access_trial
from balie.ordering.queries.campaigns import count_tried, read_trial
from balie.ordering.rules import RulesError
from balie.ordering.services.trial import open_trial, start_over
from balie.practices.access import access_organiser, access_practice
from balie.practices.models import Person
from balie.practices.templatetags.balie import moment


class UntilForm(forms.Form):
    """Until when practices may try."""

    until = forms.DateTimeField(
        error_messages={
            "required": gettext_lazy("Kies een datum en een tijd."),
            "invalid": gettext_lazy("Kies een datum en een tijd, bijvoorbeeld 2027-05-31T22:00."),
        }
    )


@login_required
@require_POST
def try_again(request: HttpRequest, slug: str) -> HttpResponse:
    """Once more from the waiting room, with the trial order gone."""
    practice, trial = access_practice(request), access_trial(slug)
    assert isinstance(request.user, Person)
    start_over(trial=trial, practice=practice, actor=request.user)
    return redirect("waiting", slug=slug)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def trial(request: HttpRequest, slug: str) -> HttpResponse:
    """Open the trial of a campaign, or let it last longer or shorter; and how many have tried."""
    person, campaign = access_organiser(request), access_campaign(slug)
    if campaign.trial_of:
        return redirect("trial", slug=campaign.trial_of.slug)
    form = UntilForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        until: datetime = form.cleaned_data["until"]
        try:
            open_trial(campaign=campaign, until=until, actor=person)
        except RulesError as error:
            form.add_error("until", [finding.say for finding in error.findings])
        else:
            messages.success(request, _("Praktijken kunnen oefenen tot %(moment)s.") % {"moment": moment(until)})
            return redirect("trial", slug=slug)
    known = read_trial(campaign)
    context: dict[str, Any] = {
        "campaign": campaign,
        "section": "night",
        "trial": known,
        "is_open": known is not None and known.opens_at <= timezone.now() < known.closes_at,
        "is_too_late": timezone.now() >= campaign.opens_at,
        "tried": count_tried(known) if known else 0,
        "form": form,
        "until": request.POST.get("until") or _field_value(known.closes_at if known else campaign.opens_at),
    }
    return render(request, "ordering/trial.html", context, status=422 if form.is_bound else 200)


def _field_value(at: datetime) -> str:
    """As a field of type datetime-local wants it."""
    return timezone.localtime(at).strftime("%Y-%m-%dT%H:%M")
