"""For the organiser: confirmations that did not arrive, whom to call about them, and what was done."""

import csv
from collections.abc import Sequence
from datetime import datetime
from io import StringIO

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.ordering.access import access_campaign, access_lost_mail
from balie.ordering.models import Campaign, MailMark
from balie.ordering.queries.mails import Care, LostMail, read_lost_mails
from balie.ordering.rules import Finding, RulesError
from balie.ordering.services.mails import mark_mail
from balie.practices.access import access_organiser
from balie.practices.models import Person

OPEN, SOLVED, ALL = "open", "opgelost", "alle"
FILTERS = {OPEN: {Care.OPEN, Care.CALLED}, SOLVED: {Care.SOLVED}, ALL: set(Care)}
# A spreadsheet takes a cell that begins with one of these for a formula.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r")


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def lost_mails(request: HttpRequest, slug: str) -> HttpResponse:
    """The list, narrowed down by `?toon=`. A POST marks one mail, `do` being an outcome."""
    person = access_organiser(request)
    campaign = access_campaign(slug)
    if request.method != "POST":
        return _page(request, campaign)
    back = redirect(f"{reverse('lost_mails', args=[slug])}?toon={_chosen(request)}")
    try:
        lost = access_lost_mail(campaign, request.POST.get("mail", ""), request.POST.get("round", ""))
    except Http404:
        messages.warning(request, _("Die mail is intussen opnieuw verstuurd. Er is niets genoteerd."))
        return back
    try:
        _mark(request, lost, person)
    except RulesError as error:
        return _page(request, campaign, refused=lost, findings=error.findings, status=422)
    return back


@login_required
@require_safe
@never_cache
def lost_mails_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The same list as a file for a spreadsheet, as Dutch ones read it."""
    access_organiser(request)
    campaign = access_campaign(slug)
    file = StringIO()
    writer = csv.writer(file, delimiter=";")
    writer.writerow(_columns())
    writer.writerows([_cell(value) for value in _row(lost)] for lost in _narrowed(campaign, _chosen(request)))
    name = _("mails-%(campaign)s.csv") % {"campaign": campaign.slug}
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse("\ufeff" + file.getvalue(), content_type="text/csv; charset=utf-8", headers=headers)


def _mark(request: HttpRequest, lost: LostMail, person: Person) -> None:
    if request.POST.get("do") not in MailMark.Outcome.values:
        raise Http404
    outcome, note = MailMark.Outcome(request.POST["do"]), request.POST.get("note", "")
    mark_mail(order=lost.order, mail=lost.mail, outcome=outcome, note=note, actor=person)
    said = {
        MailMark.Outcome.CALLED: _("%(number)s: genoteerd dat u belde."),
        MailMark.Outcome.SOLVED: _("%(number)s: opgelost."),
    }
    messages.success(request, said[outcome] % {"number": lost.order.number})


def _page(
    request: HttpRequest,
    campaign: Campaign,
    *,
    refused: LostMail | None = None,
    findings: Sequence[Finding] = (),
    status: int = 200,
) -> HttpResponse:
    every = read_lost_mails(campaign)
    chosen = _chosen(request)
    names = {OPEN: _("Nog te doen"), SOLVED: _("Opgelost"), ALL: _("Alle")}
    context = {
        "campaign": campaign,
        "section": "night",
        "chosen": chosen,
        "filters": [
            {"key": key, "name": names[key], "count": sum(lost.care in cares for lost in every)}
            for key, cares in FILTERS.items()
        ],
        "mails": [lost for lost in every if lost.care in FILTERS[chosen] or lost == refused],
        "refused": refused.mail.id if refused else None,
        "findings": findings,
        "typed": request.POST,
    }
    return render(request, "ordering/lost_mails.html", context, status=status)


def _chosen(request: HttpRequest) -> str:
    chosen = request.GET.get("toon", OPEN)
    return chosen if chosen in FILTERS else OPEN


def _narrowed(campaign: Campaign, chosen: str) -> list[LostMail]:
    return [lost for lost in read_lost_mails(campaign) if lost.care in FILTERS[chosen]]


def _columns() -> list[str]:
    return [
        _("Bestelnummer"),
        _("Praktijk"),
        _("AGB-code"),
        _("Telefoon"),
        _("E-mailadres"),
        _("Wat er is"),
        _("Sinds"),
        _("Wel aangekomen op"),
        _("Stand"),
        _("Door"),
        _("Wanneer"),
        _("Notitie"),
    ]


def _row(lost: LostMail) -> list[str]:
    practice, mark = lost.order.practice, lost.mark
    assert lost.mail.trouble is not None
    care = {Care.OPEN: _("open"), Care.CALLED: _("gebeld"), Care.SOLVED: _("opgelost")}[lost.care]
    return [
        lost.order.number,
        practice.name,
        practice.agb_code,
        practice.phone,
        lost.mail.recipient,
        lost.mail.trouble.words,
        _moment(lost.mail.undelivered_at),
        ", ".join(lost.arrived),
        care,
        mark.by.name if mark else "",
        _moment(mark.at if mark else None),
        mark.note if mark else "",
    ]


def _moment(value: datetime | None) -> str:
    return timezone.localtime(value).strftime("%Y-%m-%d %H:%M") if value else ""


def _cell(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA_SIGNS) else value
