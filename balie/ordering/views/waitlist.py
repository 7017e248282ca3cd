"""The waiting list of a practice without an order: asking for a full day, and taking what is offered, by one click."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.ordering.access import access_campaign, access_wish
from balie.ordering.change_form import LINE
from balie.ordering.forms import doses_field, read_whole
from balie.ordering.hot import Line
from balie.ordering.models import FIRST, Campaign, Swap
from balie.ordering.queries.prepared import Preparation, read_preparation
from balie.ordering.queries.requests import read_wanted
from balie.ordering.queries.room import DayRoom, read_room_for
from balie.ordering.queries.whereabouts import has_live_hold, has_ordered, is_called
from balie.ordering.queries.wishes import count_before, find_wish
from balie.ordering.rules import MOST_DOSES, Finding, Findings, RulesError, grouped
from balie.ordering.services.wishes import accept_offer, ask_for_room, give_up_wish
from balie.ordering.views.prepare_page import TextField
from balie.practices.access import access_practice
from balie.practices.models import Location, Person, Practice
from balie.practices.templatetags.balie import day_and_year


@dataclass(frozen=True)
class DayOption:
    """A day to choose, with what is free of it in words."""

    value: str
    label: str
    chosen: bool


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def waitlist(request: HttpRequest, slug: str) -> HttpResponse:
    """For whom was called and has no order. A POST does one of `ACTS`, or asks for room; refused, it comes back."""
    practice, campaign = access_practice(request), access_campaign(slug)
    if campaign.trial_of:
        raise Http404
    do = request.POST.get("do", "")
    if request.method == "POST" and do in ACTS:
        return ACTS[do](request, campaign, practice)
    if has_ordered(campaign, practice):
        return redirect("placed", slug=slug)
    wish = find_wish(campaign, practice.pk)
    if wish is None and not (is_called(campaign, practice) or has_live_hold(campaign, practice)):
        return redirect("waiting", slug=slug)
    if request.method != "POST":
        return _page(request, campaign, practice, wish)
    try:
        _ask(request, campaign, practice)
    except RulesError as error:
        return _page(request, campaign, practice, wish, error.findings, status=422)
    messages.success(request, _("U staat op de wachtlijst. Komt er plaats, dan krijgt u een mail."))
    return redirect("waitlist", slug=slug)


def _ask(request: HttpRequest, campaign: Campaign, practice: Practice) -> None:
    preparation, findings = read_preparation(campaign, practice), Findings()
    day = _day(request, findings)
    lines, names = [], []
    for location in preparation.locations:
        for asked in preparation.products:
            name = doses_field(asked.rule.product, location.pk)
            doses = _doses(request.POST.get(name, ""), name, findings)
            if doses:
                lines.append(Line(asked.rule.product, location.pk, doses, day))
                names.append(name)
    findings.refuse()
    try:
        ask_for_room(campaign=campaign, practice=practice, lines=lines, actor=_person(request))
    except RulesError as error:
        raise RulesError([_at_field(finding, names) for finding in error.findings]) from None


def _at_field(finding: Finding, names: Sequence[str]) -> Finding:
    """Findings about lines are shown at the field that the line came from; about their day at the choice of the day."""
    match = LINE.fullmatch(finding.at)
    if match is None:
        return finding
    at = "day" if match[2] == "day" else names[int(match[1])]
    return Finding(at=at, code=finding.code, say=finding.say, suggest=finding.suggest)


def _accept(request: HttpRequest, campaign: Campaign, practice: Practice) -> HttpResponse:
    wish = access_wish(campaign, practice, request.POST.get("wish", ""))
    try:
        accept_offer(wish=wish, actor=_person(request))
    except RulesError as error:
        messages.warning(request, error.findings[0].say)
        return redirect("waitlist", slug=campaign.slug)
    return redirect("placed", slug=campaign.slug)


def _give_up(request: HttpRequest, campaign: Campaign, practice: Practice) -> HttpResponse:
    wish = access_wish(campaign, practice, request.POST.get("wish", ""))
    try:
        give_up_wish(wish=wish, actor=_person(request))
    except RulesError as error:
        messages.warning(request, error.findings[0].say)
    else:
        messages.success(request, _("U staat niet meer op de wachtlijst."))
    return redirect("waitlist", slug=campaign.slug)


ACTS: dict[str, Callable[[HttpRequest, Campaign, Practice], HttpResponse]] = {
    "accept": _accept,
    "give_up": _give_up,
}


def _page(
    request: HttpRequest,
    campaign: Campaign,
    practice: Practice,
    wish: Swap | None,
    findings: Sequence[Finding] = (),
    *,
    status: int = 200,
) -> HttpResponse:
    preparation = read_preparation(campaign, practice)
    fields = _fields(request, preparation, wish, findings)
    shown = {field.name for _place, each in fields for field in each} | {"day"}
    context: dict[str, Any] = {
        "campaign": campaign,
        "practice": practice,
        "wish": wish,
        "wanted": read_wanted([wish]).get(wish.pk, ()) if wish else (),
        "before": count_before(wish) if wish and wish.state == Swap.State.OPEN else 0,
        "days": _days(request, campaign, practice, wish),
        "day_findings": [finding for finding in findings if finding.at == "day"],
        "places": fields,
        "elsewhere": [finding for finding in findings if finding.at not in shown],
        "may_ask": timezone.now() < campaign.closes_at and is_called(campaign, practice),
        "may_choose": is_called(campaign, practice) and timezone.now() < campaign.closes_at,
    }
    return render(request, "ordering/waitlist.html", context, status=status)


def _days(request: HttpRequest, campaign: Campaign, practice: Practice, wish: Swap | None) -> list[DayOption]:
    chosen = request.POST.get("day") or (wish.line_day[0].isoformat() if wish else "")
    today = timezone.localdate()
    rooms = [
        room for room in read_room_for(campaign.pk, practice.pk, FIRST) if room.last_free >= today and room.day > today
    ]
    return [DayOption(r.day.isoformat(), _label(r), chosen=r.day.isoformat() == chosen) for r in rooms]


def _label(room: DayRoom) -> str:
    about = {"day": day_and_year(room.day), "doses": grouped(room.doses)}
    if room.doses <= 0 or room.addresses <= 0:
        return _("%(day)s: vol") % about
    return _("%(day)s: plaats voor %(doses)s doses") % about


def _fields(
    request: HttpRequest, preparation: Preparation, wish: Swap | None, findings: Sequence[Finding]
) -> list[tuple[Location, list[TextField]]]:
    """Doses for each place and vaccine: as typed, as wished, or as put ready."""
    stored = dict(preparation.doses)
    if wish:
        columns = zip(wish.line_product, wish.line_location, wish.line_doses, strict=True)
        stored = {(product, location): doses for product, location, doses in columns}
    found = []
    for location in preparation.locations:
        fields = []
        for asked in preparation.products:
            name = doses_field(asked.rule.product, location.pk)
            value = request.POST.get(name, str(stored.get((asked.rule.product, location.pk), 0)))
            label = _("%(vaccine)s, doses") % {"vaccine": asked.rule.name}
            fields.append(TextField(name, label, value, [each for each in findings if each.at == name]))
        found.append((location, fields))
    return found


def _day(request: HttpRequest, findings: Findings) -> date | None:
    try:
        return date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        findings.add("day", "format", _("Kies een bezorgdag."))
        return None


def _doses(text: str, at: str, findings: Findings) -> int:
    doses = read_whole(text) if text.strip() else 0
    if doses is None:
        findings.add(at, "number", _("‘%(text)s’ is geen heel getal.") % {"text": text.strip()[:40]})
    elif not 0 <= doses <= MOST_DOSES:
        findings.add(at, "range", _("Vul een getal in van 0 tot %(most)s.") % {"most": grouped(MOST_DOSES)})
    else:
        return doses
    return 0


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user
