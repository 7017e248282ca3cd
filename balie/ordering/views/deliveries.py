"""Delivery days and their files: the organiser hands a day over, the distributor fetches it.

The distributor sees what was handed over and nothing else: no day without a file, no order that is not in one.
"""

from collections.abc import Sequence
from datetime import date

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import register_converter
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.lib.checksums import public_keys
from balie.lib.csvfile import csv_reply
from balie.lib.isoday import IsoDay
from balie.ordering.access import access_day_file, access_delivering
from balie.ordering.models import Campaign, DayFile
from balie.ordering.queries.consignments import (
    read_consignments,
    read_day,
    read_days,
    read_delivering_campaigns,
    read_files,
)
from balie.ordering.rules import RulesError
from balie.ordering.services.consignments import hand_over_day
from balie.practices.access import access_deliveries
from balie.practices.models import Person
from balie.practices.templatetags.balie import day_and_year

register_converter(IsoDay, "day")  # for the addresses of these pages


@login_required
@require_safe
@never_cache
def delivery_campaigns(request: HttpRequest) -> HttpResponse:
    """Campaigns that deliver. On to the days of the only one."""
    person = access_deliveries(request)
    campaigns = read_delivering_campaigns(handed=person.is_distributor)
    if len(campaigns) == 1:
        return redirect("delivery_days", slug=campaigns[0].slug)
    return render(request, "ordering/delivery_campaigns.html", {"campaigns": campaigns, "section": _section(person)})


@login_required
@require_safe
@never_cache
def delivery_days(request: HttpRequest, slug: str) -> HttpResponse:
    """The days of a campaign, with what was handed over of each."""
    person, campaign = access_deliveries(request), access_delivering(slug)
    days = [each for each in read_days(campaign) if each.version or person.is_organiser]
    if person.is_distributor and not days:
        raise Http404
    context = {
        "campaign": campaign,
        "section": _section(person),
        "days": [(each, _may_hand_over(each.last_free)) for each in days],
        "today": timezone.localdate(),
        "acts": person.is_organiser,
    }
    return render(request, "ordering/delivery_days.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def delivery_day(request: HttpRequest, slug: str, day: date) -> HttpResponse:
    """What comes on a day. A POST of the organiser hands it over; where it is refused, the page says why."""
    person, campaign = access_deliveries(request), access_delivering(slug)
    found = read_day(campaign, day)
    if found is None or (person.is_distributor and not found.version):
        raise Http404
    if request.method != "POST":
        return _day(request, campaign, day, acts=person.is_organiser)
    if not person.is_organiser:
        raise PermissionDenied
    try:
        made = hand_over_day(campaign=campaign, day=day, actor=person)
    except RulesError as error:
        return _day(request, campaign, day, acts=True, errors=[each.say for each in error.findings])
    if made.version == found.version:
        messages.info(request, _("Er is niets veranderd sinds versie %(version)s.") % {"version": made.version})
    else:
        messages.success(request, _("Versie %(version)s staat klaar voor de distributeur.") % {"version": made.version})
    return redirect("delivery_day", slug=slug, day=day)


@login_required
@require_safe
@never_cache
def delivery_csv(request: HttpRequest, slug: str, day: date) -> HttpResponse:
    """What the last file of the day says, for a spreadsheet: a row for each vaccine at each address. Not signed."""
    access_deliveries(request)
    campaign = access_delivering(slug)
    last = next(iter(read_files(campaign, day)), None)
    if last is None:
        raise Http404
    header = [
        _("Bezorging"),
        _("Bestelling"),
        _("Praktijk"),
        _("AGB-code"),
        _("Telefoon"),
        _("Adres"),
        _("Vaccin"),
        _("Doses"),
        _("Stand"),
    ]
    rows = [
        (
            *(each.pk, each.number, each.practice.name, each.practice.agb_code, each.practice.phone, each.address),
            *(one.product.name, 0 if each.withdrawn else one.doses, _("komt niet meer") if each.withdrawn else ""),
        )
        for each, goods in read_consignments(campaign, day)
        for one in goods
    ]
    return csv_reply(f"bezorging-{campaign.slug}-{day.isoformat()}-v{last.version}.csv", header, rows)


@login_required
@require_safe
@never_cache
def delivery_file(request: HttpRequest, slug: str, day: date, version: int) -> HttpResponse:
    """The file, byte for byte as it was signed (`docs/spec/deliveries.md`)."""
    access_deliveries(request)
    file = access_day_file(access_delivering(slug), day, version)
    return _download(file, "json", file.content.encode(), "application/json")


@login_required
@require_safe
@never_cache
def delivery_signature(request: HttpRequest, slug: str, day: date, version: int) -> HttpResponse:
    """The signature that goes beside it."""
    access_deliveries(request)
    file = access_day_file(access_delivering(slug), day, version)
    return _download(file, "jws", file.signature.encode(), "application/jose")


@login_required
@require_safe
@never_cache
def delivery_keys(request: HttpRequest) -> HttpResponse:
    """The public keys that signatures are verified with."""
    access_deliveries(request)
    reply = JsonResponse(public_keys([settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]))
    reply["Content-Disposition"] = 'attachment; filename="balie-sleutels.json"'
    return reply


def _section(person: Person) -> str:
    """Where in the menu this is: the organiser comes here from the control room."""
    return "night" if person.is_organiser else "deliveries"


def _download(file: DayFile, ending: str, content: bytes, kind: str) -> HttpResponse:
    reply = HttpResponse(content, content_type=kind)
    name = f"bezorging-{file.campaign.slug}-{file.day.isoformat()}-v{file.version}.{ending}"
    reply["Content-Disposition"] = f'attachment; filename="{name}"'
    return reply


def _day(
    request: HttpRequest, campaign: Campaign, day: date, *, acts: bool, errors: Sequence[str] = ()
) -> HttpResponse:
    found = read_day(campaign, day)
    assert found is not None
    files = read_files(campaign, day)
    context = {
        "campaign": campaign,
        "section": "night" if acts else "deliveries",
        "day": found,
        "title": day_and_year(day),
        "last": files[0] if files else None,
        "earlier": files[1:],
        "rows": read_consignments(campaign, day),
        "acts": acts,
        "may_hand_over": _may_hand_over(found.last_free),
        "errors": errors,
    }
    return render(request, "ordering/delivery_day.html", context, status=422 if errors else 200)


def _may_hand_over(last_free: date) -> bool:
    return timezone.localdate() > last_free
