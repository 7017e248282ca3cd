"""What came, for the practice: a page for who stands at the fridge, with a telephone in one hand."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.ordering.access import access_consignment, access_delivering
from balie.ordering.intake_form import IntakeForm
from balie.ordering.models import Consignment, Intake
from balie.ordering.queries.intakes import Standing, Taken, read_intakes_of_practice, read_taken
from balie.ordering.rules import Finding, Findings, RulesError
from balie.ordering.services.delivery_rules import delivery_rules_of
from balie.ordering.services.intakes import report_intake
from balie.ordering.views.intake_page import BADGES, IntakePage, name_standing
from balie.practices.access import access_practice
from balie.practices.models import Person
from balie.practices.standing import standing_of


@login_required
@require_safe
@never_cache
def intakes(request: HttpRequest, slug: str) -> HttpResponse:
    """Everything that came or comes to the practice in a campaign."""
    practice, campaign = access_practice(request), access_delivering(slug)
    rows = read_intakes_of_practice(campaign, practice)
    if not rows:
        raise Http404
    context = {
        "campaign": campaign,
        "practice": practice,
        "may_account": any(each.standing is not Standing.COMING for each in rows),
        "rows": [(each, name_standing(each.standing), BADGES[each.standing]) for each in rows],
    }
    return render(request, "ordering/intakes.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def intake(request: HttpRequest, slug: str, key: int) -> HttpResponse:
    """What was said of one delivery, and the form. A POST says it; refused, what was typed comes back."""
    practice, campaign = access_practice(request), access_delivering(slug)
    consignment = access_consignment(campaign, practice, key)
    taken = read_taken(consignment)
    if request.method != "POST":
        return _page(request, taken, IntakeForm.stored(taken))
    form = IntakeForm.typed(taken, request.POST)
    try:
        said = _report(request, consignment, taken, form)
    except RulesError as error:
        return _page(request, read_taken(consignment), form, error.findings, status=422)
    if said.cold == Intake.Cold.BROKEN:
        messages.warning(request, _("Gemeld. Gebruik deze doses niet, en laat ze apart liggen tot wij u bellen."))
    elif said.outcome == Intake.Outcome.WHOLE:
        messages.success(request, _("Gemeld: alles is er. U hoeft niets meer te doen."))
    else:
        messages.success(request, _("Gemeld. De organisatie en de distributeur zien het nu."))
    return redirect("intakes", slug=slug)


def _report(request: HttpRequest, consignment: Consignment, taken: Taken, form: IntakeForm) -> Intake:
    person, standing, findings = request.user, standing_of(request), Findings()
    assert isinstance(person, Person)
    said = form.said(taken, findings)
    findings.refuse()
    seen = request.POST.get("revision", "")
    return report_intake(
        consignment=consignment,
        said=said,
        revision=int(seen) if seen.isascii() and seen.isdecimal() and len(seen) < 9 else None,
        actor=person,
        at=timezone.now(),
        by_phone=standing is not None and standing.mandate is not None,
    )


def _page(
    request: HttpRequest, taken: Taken, form: IntakeForm, findings: Sequence[Finding] = (), *, status: int = 200
) -> HttpResponse:
    standing, campaign = standing_of(request), taken.consignment.campaign
    is_late = timezone.now() > taken.due_at
    by_phone = standing is not None and standing.mandate is not None
    context = {
        "campaign": campaign,
        "practice": taken.consignment.practice,
        "taken": taken,
        "say": name_standing(taken.standing),
        "badge": BADGES[taken.standing],
        "page": IntakePage(taken, form, findings),
        "is_late": is_late,
        "is_early": timezone.localdate() < taken.consignment.day,
        "may_say": taken.intake is None or not is_late or by_phone,
        "is_slow": taken.intake is not None and _is_slow(taken.intake, taken),
        "refused": bool(findings),
    }
    return render(request, "ordering/intake.html", context, status=status)


def _is_slow(said: Intake, taken: Taken) -> bool:
    rules = delivery_rules_of(taken.consignment.campaign)
    return (said.fridge_minutes or 0) > rules.fridge_minutes
