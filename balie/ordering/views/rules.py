"""A campaign's rules: the organiser looks at what a change would do, and then puts it in force."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.ordering.access import access_campaign
from balie.ordering.models import Campaign
from balie.ordering.queries.night import read_rule_changes
from balie.ordering.rules import RulesError
from balie.ordering.rules_form import RulesForm
from balie.ordering.services.campaigns import change_rules, rules_of
from balie.ordering.services.preview import preview_rules
from balie.ordering.views.rules_page import RulesPage
from balie.practices.access import access_admin
from balie.practices.models import Person


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def rules(request: HttpRequest, slug: str) -> HttpResponse:
    """A POST changes the form (`do` is a button of it), looks at what the rules would do, or puts them in force."""
    person, campaign = access_admin(request), access_campaign(slug)
    if campaign.trial_of:
        return redirect("rules", slug=campaign.trial_of.slug)
    now = rules_of(campaign)
    if request.method != "POST":
        return _page(request, campaign, RulesPage(RulesForm.stored(now)))
    form, do = RulesForm.typed(now, request.POST), request.POST.get("do", "")
    if form.press(do):
        return _page(request, campaign, RulesPage(form))
    try:
        if do == "save":
            return _save(request, campaign, form, person)
        after = form.rules()
        preview = preview_rules(campaign=campaign, rules=after)
        return _page(request, campaign, RulesPage(form, preview=preview, after=after))
    except RulesError as error:
        return _page(request, campaign, RulesPage(form, error.findings), status=422)


def _save(request: HttpRequest, campaign: Campaign, form: RulesForm, person: Person) -> HttpResponse:
    changed = change_rules(campaign=campaign, rules=form.rules(), actor=person, reason=request.POST.get("reason", ""))
    messages.success(request, _("Versie %(version)s van de regels geldt nu.") % {"version": changed.version})
    return redirect("rules", slug=campaign.slug)


def _page(request: HttpRequest, campaign: Campaign, page: RulesPage, *, status: int = 200) -> HttpResponse:
    context = {
        "campaign": campaign,
        "section": "night",
        "page": page,
        "typed": request.POST,
        "history": read_rule_changes(campaign),
    }
    return render(request, "ordering/rules.html", context, status=status)
