"""The delivery days of a campaign: made for a period at once, and changed by the day."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.ordering.access import access_campaign
from balie.ordering.forms import read_count
from balie.ordering.models import Campaign, DeliveryDay
from balie.ordering.rules import Finding, Findings, RulesError
from balie.ordering.services.calendar import Limits, Ramp, change_days, generate_delivery_days
from balie.ordering.views.prepare_page import TextField
from balie.practices.access import access_organiser
from balie.practices.models import Person
from balie.practices.templatetags.balie import number

LIMITS = ("doses", "addresses")
PERIOD = {
    "first": "",
    "last": "",
    "doses": "30000",
    "addresses": "120",
    "ramp_start": "100",
    "ramp_days": "0",
    "closed": "",
}


@dataclass(frozen=True)
class DayRow:
    """A day as the page shows it: its fields, and whether it may go."""

    day: DeliveryDay
    fields: Sequence[TextField]
    shown: str
    gone: bool
    may_go: bool
    findings: Sequence[Finding]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def days(request: HttpRequest, slug: str) -> HttpResponse:
    """A POST adds a period (`do=add`), or changes days; where it is refused, what was typed comes back."""
    person, campaign = access_organiser(request), access_campaign(slug)
    if request.method != "POST":
        return _page(request, campaign)
    try:
        done = (_add if request.POST.get("do") == "add" else _change)(request, campaign, person)
    except RulesError as error:
        return _page(request, campaign, error.findings, status=422)
    messages.success(request, done)
    return redirect("days", slug=slug)


def _add(request: HttpRequest, campaign: Campaign, person: Person) -> str:
    findings = Findings()
    period = {name: request.POST.get(name, "") for name in PERIOD}
    ends = [_date(period[name], name, findings) for name in ("first", "last")]
    amounts = {
        name: read_count(period[name], name, findings) for name in ("doses", "addresses", "ramp_days", "ramp_start")
    }
    closed = [_date(text, "closed", findings) for text in period["closed"].replace(",", " ").split()]
    findings.refuse()
    made = generate_delivery_days(
        campaign=campaign,
        first=ends[0],
        last=ends[1],
        doses=amounts["doses"],
        addresses=amounts["addresses"],
        ramp=Ramp(start=amounts["ramp_start"] / 100, days=amounts["ramp_days"]),
        closed=closed,
        actor=person,
    )
    words = {"count": number(len(made))}
    return ngettext("%(count)s bezorgdag gemaakt.", "%(count)s bezorgdagen gemaakt.", len(made)) % words


def _change(request: HttpRequest, campaign: Campaign, person: Person) -> str:
    """Only what differs from what the page showed: what a colleague changed meanwhile stays."""
    findings, limits, removed = Findings(), {}, []
    for day in _shown(request):
        typed = [request.POST.get(f"{what}-{day}", "").strip() for what in LIMITS]
        if f"gone-{day}" in request.POST:
            removed.append(day)
        elif "/".join(typed) != request.POST[f"shown-{day}"]:
            limits[day] = Limits(*(read_count(typed[at], f"{what}-{day}", findings) for at, what in enumerate(LIMITS)))
    findings.refuse()
    if not limits and not removed:
        return _("Er is niets veranderd.")
    count = change_days(
        campaign=campaign, limits=limits, removed=removed, actor=person, reason=request.POST.get("reason", "")
    )
    words = {"count": number(count)}
    return ngettext("%(count)s bezorgdag gewijzigd.", "%(count)s bezorgdagen gewijzigd.", count) % words


def _shown(request: HttpRequest) -> list[date]:
    """The days that the page showed."""
    found = []
    for name in request.POST:
        if name.startswith("shown-"):
            try:
                found.append(date.fromisoformat(name.removeprefix("shown-")))
            except ValueError:
                continue
    return found


def _date(text: str, at: str, findings: Findings) -> date:
    try:
        found: date = forms.DateField().clean(text)
    except ValidationError:
        findings.add(at, "date", _("Kies een datum, bijvoorbeeld 2027-10-04."))
        return date.min
    return found


def _page(
    request: HttpRequest, campaign: Campaign, findings: Sequence[Finding] = (), *, status: int = 200
) -> HttpResponse:
    adding = request.POST.get("do") == "add"
    rows = [_row(each, request.POST, findings) for each in campaign.days.all()]
    parts = [part for row in rows for part in [row.findings, *(each.findings for each in row.fields)]]
    shown = {finding.at for part in parts for finding in part}
    context: dict[str, Any] = {
        "campaign": campaign,
        "section": "night",
        "rows": rows,
        "period": _period(request.POST if adding else PERIOD, findings),
        "adding": adding or not rows,
        "refused": bool(findings) and not adding,
        "elsewhere": [finding for finding in findings if finding.at not in shown | {*PERIOD, "reason"}],
        "reason_errors": [finding.say for finding in findings if finding.at == "reason"],
        "typed": request.POST,
    }
    return render(request, "ordering/days.html", context, status=status)


def _row(day: DeliveryDay, typed: Any, findings: Sequence[Finding]) -> DayRow:
    labels = {"doses": _("Doses"), "addresses": _("Adressen")}
    limits = {"doses": day.doses_limit, "addresses": day.addresses_limit}
    taken = {"doses": day.doses_taken, "addresses": day.addresses_taken}
    return DayRow(
        day=day,
        fields=[
            TextField(
                f"{what}-{day.day}",
                label,
                typed.get(f"{what}-{day.day}", str(limits[what])),
                [finding for finding in findings if finding.at == f"{what}-{day.day}"],
                hint=_("%(taken)s vergeven") % {"taken": number(taken[what])},
            )
            for what, label in labels.items()
        ],
        shown=f"{day.doses_limit}/{day.addresses_limit}",
        gone=f"gone-{day.day}" in typed,
        may_go=not day.doses_taken and not day.addresses_taken,
        findings=[finding for finding in findings if finding.at == f"gone-{day.day}"],
    )


def _period(values: Any, findings: Sequence[Finding]) -> list[TextField]:
    labels = {
        "first": (_("Eerste dag"), "", "date"),
        "last": (_("Laatste dag"), "", "date"),
        "doses": (_("Doses per dag"), "", "text"),
        "addresses": (_("Adressen per dag"), "", "text"),
        "ramp_start": (_("De eerste dag heeft zoveel procent"), _("100: meteen een volle dag."), "text"),
        "ramp_days": (_("Een volle dag na zoveel werkdagen"), "", "text"),
        "closed": (
            _("Sla ook over"),
            _("Bijvoorbeeld 2027-10-15. Weekenden en feestdagen slaan over."),
            "text",
        ),
    }
    also = {"ramp": "ramp_start"}
    return [
        TextField(
            name,
            label,
            values.get(name, ""),
            [finding for finding in findings if also.get(finding.at, finding.at) == name],
            type=type_,
            hint=hint,
        )
        for name, (label, hint, type_) in labels.items()
    ]
