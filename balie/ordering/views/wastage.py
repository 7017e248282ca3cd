"""Accounting for doses: a practice fills in what became of them, and sees what that costs before it sends it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.lib.csvfile import csv_reply
from balie.ordering.access import access_campaign, access_delivering
from balie.ordering.models import Campaign, WastageAccount
from balie.ordering.queries.wastage import Account, Accounted, read_account, read_accounts
from balie.ordering.rules import Finding, Findings, RulesError
from balie.ordering.services.wastage import Judged, account_for_wastage, judge_wastage
from balie.ordering.views.prepare_page import TextField
from balie.ordering.wastage_form import WastageForm
from balie.practices.access import access_organiser, access_practice
from balie.practices.models import Person, Practice
from balie.practices.standing import standing_of
from balie.practices.templatetags.balie import moment

MOST_SHOWN = 100


@dataclass(frozen=True)
class ProductPart:
    """A vaccine of the form: its fields, and what was said of it."""

    accounted: Accounted
    fields: Sequence[TextField]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def wastage(request: HttpRequest, slug: str) -> HttpResponse:
    """The form. A POST looks at what it costs (`do` is look), or sends it; refused, what was typed comes back."""
    practice, campaign = access_practice(request), access_delivering(slug)
    account = read_account(campaign, practice) if campaign.wastage_due else None
    if account is None:
        raise Http404
    if request.method != "POST":
        return _page(request, campaign, practice, account, WastageForm.stored(account))
    form, findings = WastageForm.typed(account, request.POST), Findings()
    try:
        spent = form.spent(account, findings)
        findings.refuse()
        if request.POST.get("do") != "send":
            judged = judge_wastage(campaign=campaign, practice=practice, spent=spent)
            return _page(request, campaign, practice, account, form, judged=judged)
        person, seen = request.user, request.POST.get("revision", "")
        assert isinstance(person, Person)
        account_for_wastage(
            campaign=campaign,
            practice=practice,
            spent=spent,
            revision=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else None,
            actor=person,
            at=timezone.now(),
            reason=form.reason,
            by_phone=_by_phone(request),
        )
    except RulesError as error:
        return _page(request, campaign, practice, account, form, findings=error.findings, status=422)
    messages.success(request, _("Verstuurd. U kunt dit verbeteren tot en met de laatste dag."))
    return redirect("wastage", slug=slug)


def _by_phone(request: HttpRequest) -> bool:
    standing = standing_of(request)
    return standing is not None and standing.mandate is not None


def _page(
    request: HttpRequest,
    campaign: Campaign,
    practice: Practice,
    account: Account,
    form: WastageForm,
    *,
    judged: Sequence[Judged] = (),
    findings: Sequence[Finding] = (),
    status: int = 200,
) -> HttpResponse:
    assert campaign.wastage_due is not None
    is_late = timezone.localdate() > campaign.wastage_due
    kept = WastageAccount.objects.filter(campaign=campaign, practice=practice).select_related("sent_by").first()
    labels = {"administered": _("Gegeven"), "left": _("Nog over"), "carried": _("Over van vorig jaar")}
    labels["expired"] = _("Daarvan over de datum")
    context = {
        "campaign": campaign,
        "practice": practice,
        "account": account,
        "kept": kept,
        "is_late": is_late,
        "may_send": not is_late or _by_phone(request),
        "parts": [_part(each, form, findings, labels) for each in account.products],
        "judged": judged,
        "cents": sum(each.bill.cents for each in judged),
        "elsewhere": [finding for finding in findings if finding.at == "wastage"],
        "refused": bool(findings),
        "reason": TextField(
            "reason", _("Waarom na de laatste dag?"), form.reason, [each for each in findings if each.at == "reason"]
        ),
    }
    return render(request, "ordering/wastage.html", context, status=status)


def _part(each: Accounted, form: WastageForm, findings: Sequence[Finding], labels: dict[str, str]) -> ProductPart:
    key = each.product.pk
    names = ("carried", "administered", "left", "expired") if each.product.until_expiry else ("administered", "left")
    fields = [
        TextField(
            name,
            labels[name.partition("-")[0]],
            form.values[name],
            [finding for finding in findings if finding.at == name],
            inputmode="numeric",
        )
        for name in (f"{name}-{key}" for name in names)
    ]
    return ProductPart(each, fields)


@login_required
@require_safe
@never_cache
def wastage_overview(request: HttpRequest, slug: str) -> HttpResponse:
    """Who accounted for what, for the organiser's staff: those that said nothing first."""
    access_organiser(request)
    campaign = access_campaign(slug)
    accounts = read_accounts(campaign)
    sent = [each for each in accounts if each.sent_at]
    silent = [each for each in accounts if not each.sent_at]
    context = {
        "campaign": campaign,
        "section": "night",
        "is_late": campaign.wastage_due is not None and timezone.localdate() > campaign.wastage_due,
        "count_sent": len(sent),
        "count_silent": len(silent),
        "cents": sum(each.cents for each in sent),
        "silence": sum(each.silence for each in silent),
        "wasted": sum(each.wasted for each in sent),
        "sent": sorted(sent, key=lambda each: -each.cents)[:MOST_SHOWN],
        "silent": silent[:MOST_SHOWN],
        "more_sent": max(0, len(sent) - MOST_SHOWN),
        "more_silent": max(0, len(silent) - MOST_SHOWN),
    }
    return render(request, "ordering/wastage_overview.html", context)


@login_required
@require_safe
@never_cache
def wastage_csv(request: HttpRequest, slug: str) -> HttpResponse:
    """The same for a spreadsheet: a row for each vaccine of each practice. Amounts are in euros."""
    access_organiser(request)
    campaign = access_campaign(slug)
    header = [
        *(_("Praktijk"), _("AGB-code"), _("Telefoon"), _("Vaccin"), _("Gekomen"), _("Apart gelegd")),
        *(_("Over van vorig jaar"), _("Gegeven"), _("Nog over"), _("Daarvan over de datum")),
        *(
            _("Verspild"),
            _("Toegestaan"),
            _("Berekend"),
            _("Kosten"),
            _("Verstuurd"),
            _("Kosten zonder verantwoording"),
        ),
    ]
    rows = [_line(account, each) for account in read_accounts(campaign) for each in account.products]
    return csv_reply(f"verantwoording-{campaign.slug}.csv", header, rows)


def _line(account: Account, each: Accounted) -> tuple[object, ...]:
    start = (account.name, account.agb_code, account.phone, each.product.name, each.received, each.apart)
    if each.doses is None or each.bill is None or account.sent_at is None:
        return (*start, *("",) * 9, _euros(each.received * each.product.price_cents))
    said, bill = each.doses, each.bill
    counts = (said.carried, said.administered, said.left, said.expired)
    return (*start, *counts, bill.wasted, bill.allowed, bill.charged, _euros(bill.cents), moment(account.sent_at), "")


def _euros(cents: int) -> str:
    return f"{cents // 100},{cents % 100:02}"
