"""The page of an order that stands, what became of its mail, and what one keeps of it."""

from collections.abc import Sequence
from typing import Any

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_http_methods, require_safe

from balie.mail.services import mail_states
from balie.ordering.access import access_campaign, access_cancelled_order, access_order
from balie.ordering.models import FIRST, CancelledOrder, Order
from balie.ordering.queries.alerts import read_coming
from balie.ordering.queries.fees import read_total
from balie.ordering.queries.free_limit import counts_working_days, read_free_limit
from balie.ordering.queries.offers import read_offers, read_orders
from balie.ordering.queries.orders import read_cancelled_deliveries, read_deliveries
from balie.ordering.queries.requests import read_last_request, read_open_swap
from balie.ordering.queries.whereabouts import has_ordered
from balie.ordering.rules import Finding, RulesError
from balie.ordering.services.mails import mend_addresses, resend_confirmation
from balie.ordering.services.receipt_ics import make_calendar_file
from balie.ordering.services.receipt_pdf import make_receipt
from balie.ordering.services.receipts import file_name
from balie.ordering.services.typesetting import NoPaperError
from balie.ordering.views.mail_words import describe, poll_after_s
from balie.ordering.views.prepare_page import TextField
from balie.ordering.views.text_words import describe_texts, read_texts
from balie.practices.access import access_practice
from balie.practices.mandates import was_mandated
from balie.practices.models import Person

log = structlog.get_logger()

# A copy of the practice's own, which may have changed since.
_private = cache_control(private=True, no_cache=True)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def placed(request: HttpRequest, slug: str, slot: int = FIRST) -> HttpResponse:
    """The order number first; then what was ordered, and the mail, which is only a copy. Or that it was cancelled.

    A POST does one of `ACTS`; where it is refused, the page comes again with what was typed and what is wrong with it.
    """
    practice, campaign = access_practice(request), access_campaign(slug)
    if request.method != "POST" and not has_ordered(campaign, practice, slot):
        return _cancelled_page(request, access_cancelled_order(campaign, practice, slot))
    order = access_order(campaign, practice, slot)
    if request.method != "POST":
        return _page(request, order)
    act = ACTS.get(request.POST.get("do", ""))
    if act is None:
        raise Http404
    try:
        messages.success(request, act(request, order))
    except RulesError as error:
        order.practice.refresh_from_db()
        return _page(request, order, error.findings, status=422)
    return redirect("placed", slug=slug, slot=slot)


@never_cache
@login_required
@require_safe
def placed_mail(request: HttpRequest, slug: str, slot: int = FIRST) -> JsonResponse:
    """The states of the mails, for the page to keep itself fresh with."""
    practice, campaign = access_practice(request), access_campaign(slug)
    order = access_order(campaign, practice, slot)
    mails, texts = mail_states(reference=order.mail_reference), read_texts(order)
    told = [*describe(mails, practice), *describe_texts(texts)]
    return JsonResponse({"mails": told, "poll_after_s": poll_after_s(mails, texts)})


@_private
@login_required
@require_safe
def placed_receipt(request: HttpRequest, slug: str, slot: int = FIRST) -> HttpResponse:
    """The receipt as a PDF, made now."""
    practice, campaign = access_practice(request), access_campaign(slug)
    order = access_order(campaign, practice, slot)
    try:
        receipt = make_receipt(order, read_deliveries(order))
    except NoPaperError:
        log.exception("receipt_not_made", order=order.number)
        messages.error(request, _("Het bewijs maken lukt nu niet. Uw bestelling staat vast. Druk deze pagina af."))
        return redirect("placed", slug=slug, slot=slot)
    return _file(receipt, "application/pdf", file_name(order, "pdf"))


@_private
@login_required
@require_safe
def placed_calendar(request: HttpRequest, slug: str, slot: int = FIRST) -> HttpResponse:
    """The deliveries, for a calendar program; a trial has none."""
    practice, campaign = access_practice(request), access_campaign(slug)
    order = access_order(campaign, practice, slot)
    if campaign.trial_of:
        raise Http404
    file = make_calendar_file(order, read_deliveries(order))
    return _file(file, "text/calendar; charset=utf-8", file_name(order, "ics"))


def _resend(request: HttpRequest, order: Order) -> str:
    recipient = request.POST.get("recipient", "")
    resend_confirmation(order=order, recipient=recipient, actor=_person(request))
    say = _("De mail gaat opnieuw naar %(address)s. Komt hij niet? Kijk dan in de map voor ongewenste mail.")
    return say % {"address": recipient}


def _mend(request: HttpRequest, order: Order) -> str:
    email, second_email = request.POST.get("email", ""), request.POST.get("second_email", "")
    fresh = mend_addresses(order=order, email=email, second_email=second_email, actor=_person(request))
    if not fresh:
        return _("Bewaard.")
    say = _("Bewaard. De bevestiging gaat ook naar %(addresses)s.")
    return say % {"addresses": get_text_list(fresh, _("en"))}


ACTS = {"resend": _resend, "addresses": _mend}


def _page(request: HttpRequest, order: Order, findings: Sequence[Finding] = (), *, status: int = 200) -> HttpResponse:
    texts = describe_texts(read_texts(order))
    mails = [*describe(mail_states(reference=order.mail_reference), order.practice), *texts]
    fields, coming = _fields(request, order, findings), read_coming(order)
    context = {
        "campaign": order.campaign,
        "practice": order.practice,
        "order": order,
        "deliveries": read_deliveries(order),
        "coming": coming,
        "unsaid": any(not each.said and each.day <= timezone.localdate() for each in coming),
        "by_phone": was_mandated(person=order.placed_by, practice=order.practice, at=order.placed_at),
        "mails": mails,
        "texted": bool(texts),
        "fields": fields,
        "mending": any(field.findings for field in fields) or any(mail["lost"] for mail in mails),
        "refused": [finding.say for finding in findings if finding.at == "resend"],
        "limit": None if order.campaign.trial_of_id else read_free_limit(order, at=timezone.now()),
        "owes": 0 if order.campaign.trial_of_id else read_total(order.campaign, order.practice),
        "in_working_days": counts_working_days(order.campaign),
        "asked": read_last_request(order),
        "swap": read_open_swap(order),
        "may_change": any(line.day > timezone.localdate() for line in order.lines.all()),
        **_beside(order),
        "is_night": not 6 <= timezone.localtime(order.placed_at).hour < 22,
    }
    return render(request, "ordering/placed.html", context, status=status)


def _cancelled_page(request: HttpRequest, order: CancelledOrder) -> HttpResponse:
    context = {
        "campaign": order.campaign,
        "practice": order.practice,
        "order": order,
        "deliveries": read_cancelled_deliveries(order),
        "was_by_balie": order.placed_by_id is None,
        "may_order_again": timezone.now() < order.campaign.closes_at and order.slot == FIRST,
        **_beside(order),
    }
    return render(request, "ordering/cancelled.html", context)


def _beside(order: Order | CancelledOrder) -> dict[str, Any]:
    """All orders of the practice, and what it could add."""
    if order.campaign.trial_of_id:
        return {}
    orders = read_orders(order.campaign, order.practice)
    return {
        "slot": order.slot,
        "orders": orders,
        "others": [each for each in orders if each.slot != order.slot],
        "offers": read_offers(order.campaign, order.practice),
    }


def _fields(request: HttpRequest, order: Order, findings: Sequence[Finding]) -> list[TextField]:
    labels = {
        "email": (_("E-mailadres van de praktijk"), order.practice.email),
        "second_email": (_("Tweede e-mailadres (mag leeg blijven)"), order.practice.second_email),
    }
    return [
        TextField(
            name=name,
            label=label,
            value=request.POST.get(name, stored),
            findings=[finding for finding in findings if finding.at == name],
            type="email",
        )
        for name, (label, stored) in labels.items()
    ]


def _file(content: bytes, media_type: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=media_type, headers=headers)


def _person(request: HttpRequest) -> Person:
    assert isinstance(request.user, Person)
    return request.user
