"""Changing an order: first what it would do, then the click that does it; when it is late, asking the organiser."""

from collections.abc import Sequence

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from balie.ordering.access import access_campaign, access_cancelled_order, access_open_request, access_order
from balie.ordering.change_form import ChangeForm
from balie.ordering.models import FIRST, LateRequest, Order
from balie.ordering.queries.free_limit import counts_working_days, read_free_limit
from balie.ordering.queries.orders import read_deliveries
from balie.ordering.queries.requests import read_last_request, read_open_swap, read_wanted
from balie.ordering.queries.whereabouts import has_ordered
from balie.ordering.rules import Finding, Findings, RulesError
from balie.ordering.services.changes import Change, change_order, preview_change
from balie.ordering.services.orders import NoOrderError
from balie.ordering.services.requests import ask_to_change, is_late, withdraw_request
from balie.ordering.services.swaps import ask_for_swap, withdraw_swap
from balie.ordering.views.cancel import read_fee
from balie.ordering.views.change_page import ChangePage
from balie.practices.access import access_practice
from balie.practices.models import Location, Person

LONGEST_REVISION = 9  # digits


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def change(request: HttpRequest, slug: str, slot: int = FIRST) -> HttpResponse:
    """The order as a form. A POST looks what a change would do, does it, or asks for it; it names the order."""
    practice, campaign = access_practice(request), access_campaign(slug)
    if campaign.trial_of:
        raise Http404
    if not has_ordered(campaign, practice, slot):
        access_cancelled_order(campaign, practice, slot)
        return redirect("placed", slug=slug, slot=slot)
    order = access_order(campaign, practice, slot)
    locations = list(practice.locations.order_by("pk"))
    if request.method != "POST":
        return _page(request, order, ChangeForm.stored(order, locations), locations)
    do = request.POST.get("do", "look")
    if do in ENDS:
        return ENDS[do](request, order)
    return _act(request, do, order, locations)


def _act(request: HttpRequest, do: str, order: Order, locations: Sequence[Location]) -> HttpResponse:
    form = ChangeForm.typed(request.POST, order, locations)
    if do == "edit" or form.press(do):
        return _page(request, order, form, locations)
    if do not in ACTS or request.POST.get("number") != order.number:
        raise Http404
    try:
        return ACTS[do](request, order, form, locations)
    except NoOrderError:
        raise Http404 from None
    except RulesError as error:
        if error.findings[0].code == "outdated":
            order.refresh_from_db()
            form = ChangeForm.stored(order, locations)
        return _page(request, order, form, locations, error.findings)


def _look(request: HttpRequest, order: Order, form: ChangeForm, locations: Sequence[Location]) -> HttpResponse:
    return _preview(request, order, form, locations)


def _change(request: HttpRequest, order: Order, form: ChangeForm, locations: Sequence[Location]) -> HttpResponse:
    wanted = _read(order, form)
    try:
        change_order(
            campaign=order.campaign, practice=order.practice, change=wanted, actor=_person(request), at=timezone.now()
        )
    except RulesError as error:
        if error.findings[0].code == "late":
            return _preview(request, order, form, locations, error.findings)
        raise
    messages.success(request, _("Uw bestelling is gewijzigd. U krijgt er een mail over."))
    return redirect("placed", slug=order.campaign.slug, slot=order.slot)


def _ask(request: HttpRequest, order: Order, form: ChangeForm, locations: Sequence[Location]) -> HttpResponse:
    try:
        ask_to_change(
            campaign=order.campaign,
            practice=order.practice,
            change=_read(order, form),
            reason=request.POST.get("reason", ""),
            fee_cents=read_fee(request),
            actor=_person(request),
            at=timezone.now(),
        )
    except RulesError as error:
        if error.findings[0].at in {"fee", "reason"}:
            return _preview(request, order, form, locations, error.findings)
        raise
    messages.success(request, _("Uw verzoek is verstuurd. De organisatie beslist."))
    return redirect("change", slug=order.campaign.slug, slot=order.slot)


def _wait(request: HttpRequest, order: Order, form: ChangeForm, _locations: Sequence[Location]) -> HttpResponse:
    ask_for_swap(
        campaign=order.campaign,
        practice=order.practice,
        change=_read(order, form),
        actor=_person(request),
        at=timezone.now(),
    )
    messages.success(request, _("Balie wacht voor u op plaats. Tot dan houdt u wat u heeft."))
    return redirect("change", slug=order.campaign.slug, slot=order.slot)


ACTS = {"look": _look, "change": _change, "ask": _ask, "wait": _wait}


def _withdraw(request: HttpRequest, order: Order) -> HttpResponse:
    asked = access_open_request(order)
    try:
        withdraw_request(campaign=order.campaign, practice=order.practice, request=asked, actor=_person(request))
    except RulesError as error:
        messages.warning(request, error.findings[0].say)
    else:
        messages.success(request, _("Uw verzoek is ingetrokken. Uw bestelling staat vast."))
    return redirect("change", slug=order.campaign.slug, slot=order.slot)


def _stop_waiting(request: HttpRequest, order: Order) -> HttpResponse:
    swap = read_open_swap(order)
    if swap is None:
        messages.warning(request, _("Balie wacht hier niet meer op."))
        return redirect("change", slug=order.campaign.slug, slot=order.slot)
    try:
        withdraw_swap(swap=swap, actor=_person(request))
    except RulesError as error:
        messages.warning(request, error.findings[0].say)
    else:
        messages.success(request, _("Balie wacht niet meer. Uw bestelling blijft zoals zij is."))
    return redirect("change", slug=order.campaign.slug, slot=order.slot)


# What ends something that waits; both need no form.
ENDS = {"withdraw": _withdraw, "stop_waiting": _stop_waiting}


def _read(order: Order, form: ChangeForm) -> Change:
    """Raises RulesError for what cannot be read."""
    findings = Findings()
    lines = form.lines(findings)
    findings.refuse()
    revision = form.revision
    known = revision.isascii() and revision.isdecimal() and len(revision) <= LONGEST_REVISION
    return Change(order.number, int(revision) if known else -1, lines, form.addresses)


def _preview(
    request: HttpRequest,
    order: Order,
    form: ChangeForm,
    locations: Sequence[Location],
    findings: Sequence[Finding] = (),
) -> HttpResponse:
    """What the change would do, with the button that does it, or asks for it. Raises RulesError where it cannot be."""
    wanted, at = _read(order, form), timezone.now()
    campaign, practice, actor = order.campaign, order.practice, _person(request)
    late = is_late(campaign=campaign, practice=practice, change=wanted, actor=actor, at=at)
    preview = preview_change(campaign=campaign, practice=practice, change=wanted, actor=actor, at=at, granted=late)
    page = ChangePage(order, form, locations, timezone.localdate(), findings, preview, late)
    return _render(request, page, status=422 if findings else 200)


def _page(
    request: HttpRequest,
    order: Order,
    form: ChangeForm,
    locations: Sequence[Location],
    findings: Sequence[Finding] = (),
) -> HttpResponse:
    page = ChangePage(order, form, locations, timezone.localdate(), findings)
    return _render(request, page, status=422 if findings else 200)


def _render(request: HttpRequest, page: ChangePage, *, status: int) -> HttpResponse:
    order, asked, swap = page.order, read_last_request(page.order), read_open_swap(page.order)
    is_ours = asked and (asked.kind == LateRequest.Kind.CHANGE or asked.state == LateRequest.State.OPEN)
    context = {
        "campaign": order.campaign,
        "practice": order.practice,
        "order": order,
        "page": page,
        "deliveries": read_deliveries(order),
        "limit": read_free_limit(order, at=timezone.now()),
        "in_working_days": counts_working_days(order.campaign),
        "all_delivered": all(line.day <= page.today for line in order.lines.all()),
        "asked": asked if is_ours else None,
        "swap": swap,
        "swap_wanted": read_wanted([swap]).get(swap.pk, ()) if swap else (),
        "wanted": read_wanted([asked]).get(asked.pk, ()) if asked else (),
        "typed": request.POST,
    }
    return render(request, "ordering/change.html", context, status=status)


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user
