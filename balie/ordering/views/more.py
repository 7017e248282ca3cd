"""Adding an order: a re-order, or a pre-delivery. How many doses here; the day on the page of the delivery days."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from balie.ordering.access import access_campaign
from balie.ordering.forms import DOSES_FIELD, doses_field, read_whole
from balie.ordering.hot import Line
from balie.ordering.models import FIRST, Campaign
from balie.ordering.queries.fees import read_counted
from balie.ordering.queries.offers import check_amounts, read_days_for, read_offer
from balie.ordering.queries.prepared import read_asked
from balie.ordering.queries.whereabouts import has_live_hold, has_ordered, page_for
from balie.ordering.rules import MOST_DOSES, Finding, Findings, grouped
from balie.ordering.services.changes import say_error
from balie.ordering.views.prepare_page import TextField
from balie.practices.access import access_practice
from balie.practices.models import Location, Practice


@login_required
@require_safe
@never_cache
def more(request: HttpRequest, slug: str, slot: int) -> HttpResponse:
    """How many doses to add. With doses in the address that will do, on to the days; else what is wrong with them."""
    practice, campaign = access_practice(request), access_campaign(slug)
    if slot == FIRST:
        return redirect(page_for(campaign, practice), slug=slug)
    if has_ordered(campaign, practice, slot):
        return redirect("placed", slug=slug, slot=slot)
    if has_live_hold(campaign, practice, slot):
        return redirect("calendar", slug=slug, slot=slot)
    offer = read_offer(campaign, practice, slot)
    if offer.refusal in {"not_offered", "no_first"}:
        raise Http404
    typed, findings = read_typed(request), Findings()
    if offer.is_open and typed:
        lines = read_lines(campaign, practice, slot, typed, findings)
        if not findings.found:
            query = urlencode({doses_field(line.product, line.location): line.doses for line in lines})
            return redirect(f"{reverse('calendar', args=[slug, slot])}?{query}")
    context = {
        "campaign": campaign,
        "practice": practice,
        "offer": offer,
        **_fields(campaign, practice, typed, findings),
        "counted": read_counted(campaign, practice),
        "days": [day for day in read_days_for(campaign, slot) if day > timezone.localdate()],
    }
    return render(request, "ordering/more.html", context, status=422 if findings.found else 200)


def read_typed(request: HttpRequest) -> dict[str, str]:
    """The doses in the address, as text by field."""
    return {name: str(request.GET[name]) for name in request.GET if DOSES_FIELD.fullmatch(name)}


def read_lines(
    campaign: Campaign, practice: Practice, slot: int, typed: Mapping[str, str], findings: Findings
) -> list[Line]:
    """The doses that were asked, as lines without a day; what is wrong with them is noted at their field."""
    places = [
        (asked.rule.product, spot.pk) for asked in read_asked(campaign, practice) for spot in practice.locations.all()
    ]
    lines = []
    for place in places:
        text = typed.get(doses_field(*place), "")
        doses = read_whole(text) if text.strip() else 0
        if doses is None or not 0 <= doses <= MOST_DOSES:
            say = _("‘%(text)s’ is geen heel getal.") if doses is None else _("Vul een getal in van 0 tot %(most)s.")
            words = {"text": text.strip()[:40], "most": grouped(MOST_DOSES)}
            findings.add(doses_field(*place), "number", say % words)
        elif doses:
            lines.append(Line(*place, doses))
    if not findings.found:
        findings.require(lines, "doses", "empty", _("Vul in hoeveel doses u wilt."))
    if lines and not findings.found:
        _judge(campaign, practice, slot, lines, findings)
    return lines


def _judge(campaign: Campaign, practice: Practice, slot: int, lines: list[Line], findings: Findings) -> None:
    if not read_days_for(campaign, slot):
        findings.add("doses", "day", _("Hiervoor zijn nog geen bezorgdagen. Kijk later nog eens."))
        return
    for error in check_amounts(campaign, practice, slot, lines):
        line = lines[int(error["at"].partition("[")[2].partition("]")[0])]
        found = say_error(error, lines)
        findings.add(doses_field(line.product, line.location), found.code, found.say, suggest=found.suggest)


@dataclass(frozen=True)
class Place:
    """A location, with a field of doses for each vaccine."""

    location: Location
    fields: list[TextField]


def _fields(campaign: Campaign, practice: Practice, typed: Mapping[str, str], findings: Findings) -> dict[str, Any]:
    """The fields of each place, and what is wrong with none of them."""
    said: dict[str, list[Finding]] = {}
    for finding in findings.found:
        said.setdefault(finding.at, []).append(finding)
    asked, places = read_asked(campaign, practice), []
    for spot in practice.locations.order_by("pk"):
        rows = []
        for rule in (each.rule for each in asked):
            name = doses_field(rule.product, spot.pk)
            hint = _("Per %(step)s, minstens %(minimum)s") % {"step": rule.step, "minimum": rule.lowest}
            label = f"{rule.name}, {_('doses')}"
            rows.append(TextField(name, label, typed.get(name, ""), said.pop(name, []), hint=hint))
        places.append(Place(spot, rows))
    return {"places": places, "elsewhere": [finding for each in said.values() for finding in each]}
