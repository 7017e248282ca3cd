"""Cancelling a whole order: at once while that is free, afterwards by asking the organiser."""

from collections.abc import Callable, Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.ordering.access import access_campaign, access_cancelled_order, access_open_request, access_order
from balie.ordering.models import FIRST, Campaign, LateRequest, Order
from balie.ordering.queries.free_limit import counts_working_days, read_free_limit
from balie.ordering.queries.orders import read_deliveries
from balie.ordering.queries.requests import read_last_request, read_wanted
from balie.ordering.queries.whereabouts import has_ordered
from balie.ordering.rules import Finding, RulesError
from balie.ordering.services.orders import NoOrderError, cancel_order
from balie.ordering.services.requests import ask_to_cancel, withdraw_request
from balie.practices.access import access_practice
from balie.practices.models import Person, Practice

Act = Callable[[HttpRequest, Campaign, Practice, int], str]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def cancel(request: HttpRequest, slug: str, slot: int = FIRST) -> HttpResponse:
    """What would be cancelled, until when that is free, and what it costs after that. A POST does one of `ACTS`.

    It names the order that it is about, so that a click that comes twice, or late, does nothing to another one.
    """
    practice, campaign = access_practice(request), access_campaign(slug)
    if campaign.trial_of:
        raise Http404
    if request.method != "POST":
        return _page(request, campaign, practice, slot)
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    try:
        say = act(request, campaign, practice, slot)
    except NoOrderError:
        raise Http404 from None
    except RulesError as error:
        return _page(request, campaign, practice, slot, error.findings, status=422)
    if say:
        messages.success(request, say)
    return redirect("cancel" if has_ordered(campaign, practice, slot) else "placed", slug=slug, slot=slot)


def _cancel(request: HttpRequest, campaign: Campaign, practice: Practice, _slot: int) -> str:
    cancel_order(
        campaign=campaign, practice=practice, number=_number(request), actor=_person(request), at=timezone.now()
    )
    return ""  # the page that follows says it


def _ask(request: HttpRequest, campaign: Campaign, practice: Practice, _slot: int) -> str:
    ask_to_cancel(
        campaign=campaign,
        practice=practice,
        number=_number(request),
        reason=request.POST.get("reason", ""),
        fee_cents=read_fee(request),
        actor=_person(request),
        at=timezone.now(),
    )
    return _("Uw verzoek is verstuurd. De organisatie beslist.")


def _withdraw(request: HttpRequest, campaign: Campaign, practice: Practice, slot: int) -> str:
    asked = access_open_request(access_order(campaign, practice, slot))
    withdraw_request(campaign=campaign, practice=practice, request=asked, actor=_person(request))
    return _("Uw verzoek is ingetrokken. Uw bestelling staat vast.")


ACTS: dict[str, Act] = {"cancel": _cancel, "ask": _ask, "withdraw": _withdraw}
LONGEST_FEE = 6  # digits


def _page(
    request: HttpRequest,
    campaign: Campaign,
    practice: Practice,
    slot: int,
    findings: Sequence[Finding] = (),
    *,
    status: int = 200,
) -> HttpResponse:
    if not has_ordered(campaign, practice, slot):
        access_cancelled_order(campaign, practice, slot)
        return redirect("placed", slug=campaign.slug, slot=slot)
    order: Order = access_order(campaign, practice, slot)
    asked = read_last_request(order)
    is_ours = asked and (asked.kind == LateRequest.Kind.CANCEL or asked.state == LateRequest.State.OPEN)
    context = {
        "campaign": campaign,
        "practice": practice,
        "order": order,
        "deliveries": read_deliveries(order),
        "limit": read_free_limit(order, at=timezone.now()),
        "in_working_days": counts_working_days(campaign),
        "asked": asked if is_ours else None,
        "wanted": read_wanted([asked]).get(asked.pk, ()) if asked else (),
        "may_order_again": timezone.now() < campaign.closes_at and slot == FIRST,
        "refused": [finding.say for finding in findings if finding.at != "reason"],
        "reason_findings": [finding.say for finding in findings if finding.at == "reason"],
        "typed": request.POST,
    }
    return render(request, "ordering/cancel.html", context, status=status)


def read_fee(request: HttpRequest) -> int:
    """What the person was shown, in cents; -1 for what no fee can be."""
    fee = request.POST.get("fee_cents", "")
    return int(fee) if fee.isascii() and fee.isdecimal() and len(fee) <= LONGEST_FEE else -1


def _number(request: HttpRequest) -> str:
    return request.POST.get("number", "").replace("\0", "")


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user
