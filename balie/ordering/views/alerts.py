"""When a day's deliveries come: a list to fill in, taken whole or not at all, by the distributor or the organiser."""

from collections.abc import Sequence
from datetime import date

from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.lib.csvfile import csv_reply
from balie.ordering.access import access_delivering
from balie.ordering.alert_file import DELIVERY, ENDS, MOST_BYTES, STARTS, TimesFile, read_one, read_times
from balie.ordering.models import Campaign
from balie.ordering.queries.alerts import Alert, read_alerts
from balie.ordering.rules import RulesError
from balie.ordering.services.alerts import Given, Outcome, give_times
from balie.ordering.views.prepare_page import TextField
from balie.practices.access import access_deliveries
from balie.practices.importing.problems import FileError
from balie.practices.models import Person
from balie.practices.templatetags.balie import day_and_year

BADGES = {Outcome.NEW: "success", Outcome.CHANGED: "warning", Outcome.SAME: "neutral", Outcome.WITHOUT: "neutral"}


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def delivery_times(request: HttpRequest, slug: str, day: date) -> HttpResponse:
    """Every address of the day with its time. A POST gives times, from a file or of one address; with a report."""
    person, campaign, alerts = _access(request, slug, day)
    if request.method != "POST":
        return _page(request, campaign, day, alerts, person)
    try:
        file = _read(request, alerts)
        if file.problems:
            return _page(request, campaign, day, alerts, person, file=file, status=422)
        report = give_times(campaign=campaign, day=day, file=file, actor=person)
    except FileError as error:
        return _page(request, campaign, day, alerts, person, errors=[str(error)], status=422)
    except RulesError as error:
        return _page(request, campaign, day, alerts, person, errors=[each.say for each in error.findings], status=422)
    return _page(request, campaign, day, read_alerts(campaign, day), person, report=report)


@login_required
@require_safe
@never_cache
def delivery_times_csv(request: HttpRequest, slug: str, day: date) -> HttpResponse:
    """The list to fill in, with the times that were given already."""
    _person, campaign, alerts = _access(request, slug, day)
    header = [DELIVERY[0], STARTS[0], ENDS[0], _("Praktijk"), _("AGB-code"), _("Telefoon"), _("Adres"), _("Bestelling")]
    rows = [
        (
            *(each.delivery, _clock(each.starts), _clock(each.ends)),
            *(each.practice, each.agb_code, each.phone, each.address, each.number),
        )
        for each in alerts
        if not each.without
    ]
    return csv_reply(f"tijden-{campaign.slug}-{day.isoformat()}.csv", header, rows)


def _access(request: HttpRequest, slug: str, day: date) -> tuple[Person, Campaign, list[Alert]]:
    """A day of which nothing was handed over does not exist."""
    person, campaign = access_deliveries(request), access_delivering(slug)
    alerts = read_alerts(campaign, day)
    if not alerts:
        raise Http404
    return person, campaign, alerts


def _clock(at: object) -> str:
    return f"{at:%H:%M}" if at else ""


def _read(request: HttpRequest, alerts: Sequence[Alert]) -> TimesFile:
    known = {each.delivery for each in alerts}
    if request.POST.get("do") == "one":
        return read_one(*(request.POST.get(name, "") for name in ("delivery", "starts", "ends")), known=known)
    file = request.FILES.get("file")
    if file is None:
        raise FileError(_("Kies eerst een bestand."))
    return read_times(file.read(MOST_BYTES + 1), known=known)


def _page(
    request: HttpRequest,
    campaign: Campaign,
    day: date,
    alerts: Sequence[Alert],
    person: Person,
    *,
    file: TimesFile | None = None,
    report: Sequence[Given] = (),
    errors: Sequence[str] = (),
    status: int = 200,
) -> HttpResponse:
    labels = {Outcome.NEW: _("nieuw"), Outcome.CHANGED: _("gewijzigd"), Outcome.SAME: _("bleef gelijk")}
    labels[Outcome.WITHOUT] = _("hoort geen tijd")
    by_hand = request.POST.get("do") == "one"
    names = {"delivery": _("Nummer van de bezorging"), "starts": _("Van"), "ends": _("Tot")}
    context = {
        "campaign": campaign,
        "section": "night" if person.is_organiser else "deliveries",
        "day": day,
        "title": day_and_year(day),
        "alerts": alerts,
        "waiting": sum(each.starts is None and not each.without for each in alerts),
        "report": [(each, labels[each.outcome], BADGES[each.outcome]) for each in report],
        "problems": file.problems if file else [],
        "errors": errors,
        "by_hand": by_hand and not report,
        "fields": [
            TextField(name, label, request.POST.get(name, "") if by_hand and not report else "", [])
            for name, label in names.items()
        ],
    }
    return render(request, "ordering/delivery_times.html", context, status=status)
