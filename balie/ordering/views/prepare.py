"""The page on which a practice puts its order ready before the night. A plain form; script only makes it smoother."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from balie.ordering.access import access_campaign
from balie.ordering.forms import PreparedForm, press
from balie.ordering.queries.campaigns import read_open_trial
from balie.ordering.queries.prepared import Preparation, read_preparation
from balie.ordering.queries.whereabouts import has_ordered, may_wait
from balie.ordering.rules import Finding, Findings, RulesError
from balie.ordering.services.prepared import save_prepared_order
from balie.ordering.views.prepare_page import PreparePage
from balie.practices.access import access_practice
from balie.practices.models import Person


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def prepare(request: HttpRequest, slug: str) -> HttpResponse:
    """What is put ready, and its form. A save leads back here; what cannot be kept comes back with 422, as typed."""
    practice, campaign = access_practice(request), access_campaign(slug)
    if campaign.trial_of:
        return redirect("prepare", slug=campaign.trial_of.slug)
    if has_ordered(campaign, practice):
        return redirect("placed", slug=slug)
    preparation = read_preparation(campaign, practice)
    if request.method != "POST":
        return _page(request, preparation, PreparedForm.stored(preparation))
    form = PreparedForm.typed(preparation, request.POST)
    press(form, preparation, request.POST.get("do", ""))
    try:
        _save(request, preparation, form)
    except RulesError as error:
        return _page(request, preparation, form, error.findings, status=422)
    if "do" not in request.POST:
        messages.success(request, _("Uw bestelling is bewaard."))
    return redirect("prepare", slug=slug)


def _save(request: HttpRequest, preparation: Preparation, form: PreparedForm) -> None:
    findings = Findings()
    for name in form.missing:
        findings.add(name, "missing", _("Dit veld kwam niet mee. Laad de pagina opnieuw."))
    doses, ranking = form.amounts(findings), form.wishes(findings)
    findings.refuse()
    assert isinstance(request.user, Person)
    save_prepared_order(
        campaign=preparation.campaign,
        practice=preparation.practice,
        doses=doses,
        ranking=ranking,
        auto=form.auto,
        contact=form.contact(),
        actor=request.user,
    )


def _page(
    request: HttpRequest,
    preparation: Preparation,
    form: PreparedForm,
    findings: Sequence[Finding] = (),
    *,
    status: int = 200,
) -> HttpResponse:
    is_closed = timezone.now() >= preparation.campaign.closes_at
    context = {
        "page": PreparePage(preparation, PreparedForm.stored(preparation) if is_closed else form, findings),
        "campaign": preparation.campaign,
        "practice": preparation.practice,
        "is_closed": is_closed,
        "is_open": timezone.now() >= preparation.round.draw_at,
        "round": preparation.round,
        "may_wait": may_wait(preparation.campaign),
        "trial": read_open_trial(preparation.campaign),
    }
    return render(request, "ordering/prepare.html", context, status=status)
