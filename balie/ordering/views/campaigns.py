"""All campaigns of the organiser, and a new one, which begins with the rules of an earlier one."""

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.ordering.access import access_campaign
from balie.ordering.models import Campaign
from balie.ordering.queries.campaigns import read_campaigns
from balie.ordering.rules import Finding, Findings, RulesError
from balie.ordering.rules_form import RulesForm
from balie.ordering.services.campaigns import CampaignRules, ProductRules, create_campaign, rules_of
from balie.ordering.views.prepare_page import TextField
from balie.ordering.views.rules_page import RulesPage
from balie.practices.access import access_admin, access_organiser
from balie.practices.models import Person


@login_required
@require_safe
@never_cache
def campaigns(request: HttpRequest) -> HttpResponse:
    """The latest first, each with the way to its rules, its days and its control room."""
    access_organiser(request)
    context = {"section": "night", "campaigns": read_campaigns(), "now": timezone.now()}
    return render(request, "ordering/campaigns.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def new_campaign(request: HttpRequest) -> HttpResponse:
    """With the rules of the campaign that `?van=` names, a year later; of the last one, unless that is said."""
    person = access_admin(request, to_look=True)
    known = read_campaigns()
    source = access_campaign(request.GET["van"]) if "van" in request.GET else next(iter(known), None)
    year = source.year + 1 if source else timezone.localdate().year
    begun = a_year_later(rules_of(source)) if source else first_rules(year)
    names = {"name": _("Griep en pneumokokken %(year)s") % {"year": year}, "slug": str(year), "year": str(year)}
    if request.method != "POST":
        return _page(request, RulesPage(RulesForm.stored(begun)), names, source)
    names |= {name: request.POST.get(name, "") for name in names}
    form = RulesForm.typed(begun, request.POST)
    if form.press(request.POST.get("do", "")):
        return _page(request, RulesPage(form), names, source)
    try:
        made = _make(form, names, person)
    except RulesError as error:
        return _page(request, RulesPage(form, error.findings), names, source, status=422)
    messages.success(request, _("De campagne staat klaar. Maak nu haar bezorgdagen."))
    return redirect("days", slug=made.slug)


def a_year_later(rules: CampaignRules) -> CampaignRules:
    """The same rules at the same hour of the same day in the next year, of campaign and groups alike."""
    return replace(
        rules,
        doors_at=_next_year(rules.doors_at),
        opens_at=_next_year(rules.opens_at),
        closes_at=_next_year(rules.closes_at),
        reorders_open_at=rules.reorders_open_at and _next_year(rules.reorders_open_at),
        reorders_close_at=rules.reorders_close_at and _next_year(rules.reorders_close_at),
        early_opens_at=rules.early_opens_at and _next_year(rules.early_opens_at),
        early_closes_at=rules.early_closes_at and _next_year(rules.early_closes_at),
        early_until=rules.early_until and _a_year_after(rules.early_until),
        groups=tuple(replace(group, opens_at=_next_year(group.opens_at)) for group in rules.groups),
    )


def first_rules(year: int) -> CampaignRules:
    """What an organiser without an earlier campaign begins with: ordering opens at midnight on 1 June, for a month."""
    opens_at = timezone.make_aware(datetime.combine(date(year, 6, 1), time()))
    return CampaignRules(
        doors_at=opens_at - timedelta(hours=1),
        opens_at=opens_at,
        closes_at=opens_at + timedelta(days=30),
        pace=60,
        products=(ProductRules(code="flu", name=_("Griepvaccin")),),
    )


def _next_year(at: datetime) -> datetime:
    local = timezone.localtime(at).replace(tzinfo=None)
    return timezone.make_aware(datetime.combine(_a_year_after(local.date()), local.time()))


def _a_year_after(day: date) -> date:
    return day.replace(year=day.year + 1, day=day.day if (day.month, day.day) != (2, 29) else 28)


def _make(form: RulesForm, names: dict[str, str], person: Person) -> Campaign:
    findings = Findings()
    try:
        year = forms.IntegerField().clean(names["year"])
    except ValidationError:
        findings.add("year", "number", _("Geef het jaar in vier cijfers."))
    findings.refuse()
    return create_campaign(slug=names["slug"].strip(), name=names["name"], year=year, rules=form.rules(), actor=person)


def _page(
    request: HttpRequest, page: RulesPage, names: dict[str, str], source: Campaign | None, *, status: int = 200
) -> HttpResponse:
    labels = {
        "name": (_("Naam van de campagne"), ""),
        "slug": (_("Adres"), _("Zo eindigt het adres van haar pagina’s: kleine letters, cijfers en streepjes.")),
        "year": (_("Jaar"), ""),
    }
    context = {
        "section": "night",
        "page": page,
        "source": source,
        "others": [each for each in read_campaigns() if each != source],
        "fields": [_field(name, *labels[name], names[name], page.about(name)) for name in labels],
    }
    return render(request, "ordering/new_campaign.html", context, status=status)


def _field(name: str, label: str, hint: str, value: str, findings: list[Finding]) -> TextField:
    return TextField(name, label, value, findings, hint=hint)
