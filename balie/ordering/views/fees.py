"""What a practice owes for its deliveries, for itself and for the organiser, who notes deliveries offered in vain."""

from collections.abc import Sequence
from datetime import date

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.lib.csvfile import csv_reply
from balie.lib.keyset import read_place
from balie.ordering.access import access_delivering
from balie.ordering.forms import read_count
from balie.ordering.models import Campaign, MissedDelivery
from balie.ordering.queries.fees import Fee, read_all_fees, read_fees, read_owing, read_total
from balie.ordering.rules import Finding, Findings, RulesError
from balie.ordering.services.fees import note_missed, take_back_missed
from balie.ordering.views.prepare_page import TextField
from balie.practices.access import access_organiser, access_practice

LATEST = 20


@login_required
@require_safe
@never_cache
def fees(request: HttpRequest, slug: str) -> HttpResponse:
    """Each delivery, free or not, and what else costs something."""
    practice, campaign = access_practice(request), access_delivering(slug)
    rows = read_fees(campaign, practice)
    context = {
        "campaign": campaign,
        "practice": practice,
        "rows": [(row, say_kind(row)) for row in rows],
        "total": sum(row.cents for row in rows),
    }
    return render(request, "ordering/fees.html", context)


@login_required
@require_safe
@never_cache
def fees_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The same, for a spreadsheet."""
    practice, campaign = access_practice(request), access_delivering(slug)
    header = [_("Wat"), _("Bestelling"), _("Dag"), _("Adres"), _("Euro")]
    rows = [
        (say_kind(row), row.number, row.day.isoformat(), row.address, _euros(row.cents))
        for row in read_fees(campaign, practice)
    ]
    return csv_reply(f"kosten-{campaign.slug}-{practice.agb_code}.csv", header, rows)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def night_fees(request: HttpRequest, slug: str) -> HttpResponse:
    """Which practices owe what. A POST notes a delivery that nobody took in, or takes that back."""
    person, campaign = access_organiser(request), access_delivering(slug)
    if request.method != "POST":
        return _page(request, campaign)
    act = {"missed": note_missed, "take_back": take_back_missed}.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    try:
        delivery, day = _read(request)
        found = act(campaign=campaign, delivery=delivery, day=day, actor=person)
    except RulesError as error:
        return _page(request, campaign, error.findings, status=422)
    about = {"delivery": delivery, "practice": found.practice.name}
    if act is note_missed:
        messages.success(request, _("Genoteerd bij bezorging %(delivery)s van %(practice)s.") % about)
    else:
        messages.success(request, _("Weggehaald bij bezorging %(delivery)s van %(practice)s.") % about)
    return redirect("night_fees", slug=slug)


@login_required
@require_safe
@never_cache
def night_fees_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """Whatever costs something, of all practices, for a spreadsheet."""
    access_organiser(request)
    campaign = access_delivering(slug)
    header = [_("AGB-code"), _("Praktijk"), _("Wat"), _("Bestelling"), _("Dag"), _("Adres"), _("Euro")]
    rows = [
        (row.agb_code, row.practice, say_kind(row), row.number, row.day.isoformat(), row.address, _euros(row.cents))
        for row in read_all_fees(campaign)
    ]
    return csv_reply(f"kosten-{campaign.slug}.csv", header, rows)


def say_kind(fee: Fee) -> str:
    """What it is that costs something, or could."""
    sentences = {
        "delivery": _("Bezorging %(nth)s"),
        "attempt": _("Opnieuw aangeboden: poging %(nth)s"),
        "late_change": _("Laat gewijzigd"),
        "late_cancel": _("Laat geannuleerd"),
    }
    return sentences[fee.kind] % {"nth": fee.nth}


def _read(request: HttpRequest) -> tuple[int, date]:
    findings = Findings()
    delivery = read_count(request.POST.get("delivery", ""), "delivery", findings)
    try:
        day = date.fromisoformat(request.POST.get("day", ""))
    except ValueError:
        findings.add("day", "day", _("Kies een datum."))
    findings.refuse()
    return delivery, day


def _page(
    request: HttpRequest, campaign: Campaign, findings: Sequence[Finding] = (), *, status: int = 200
) -> HttpResponse:
    place = read_place(request.GET)
    if place is None:
        raise Http404
    typed = request.POST
    missed = MissedDelivery.objects.filter(consignment__campaign=campaign).select_related(
        "consignment__practice", "noted_by"
    )
    context = {
        "section": "night",
        "campaign": campaign,
        "page": read_owing(campaign, place),
        "total": read_total(campaign),
        "missed": missed.order_by("-noted_at", "-pk")[:LATEST],
        "fields": [
            TextField(
                "delivery",
                _("Nummer van de bezorging"),
                typed.get("delivery", ""),
                [finding for finding in findings if finding.at == "delivery"],
                hint=_("Zoals in het bestand van de distributeur."),
            ),
            TextField(
                "day",
                _("Op welke dag was er niemand?"),
                typed.get("day", timezone.localdate().isoformat()),
                [finding for finding in findings if finding.at == "day"],
                type="date",
            ),
        ],
    }
    return render(request, "ordering/night_fees.html", context, status=status)


def _euros(cents: int) -> str:
    """As a Dutch spreadsheet reads it."""
    return f"{cents // 100},{cents % 100:02}"
