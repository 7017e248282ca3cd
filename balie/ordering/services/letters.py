"""The words of mails about what became of an order after it was placed: copies of what the page says."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import get_language, override
from django.utils.translation import gettext as _

from balie.mail.rendering import Rendered
from balie.ordering.models import FIRST, CancelledOrder, LateRequest, Order, PreAlert, Swap
from balie.ordering.queries.acts import name_days
from balie.ordering.queries.consignments import read_goods
from balie.ordering.queries.orders import read_cancelled_deliveries, read_deliveries
from balie.ordering.queries.requests import read_wanted
from balie.ordering.services.receipts import attachments_of, language_of, who_left_it_to_balie
from balie.practices.templatetags.balie import day, hours


def render_order_cancelled(reference: str) -> Rendered:
    """The order with this number is cancelled. Raises CancelledOrder.DoesNotExist."""
    orders = CancelledOrder.objects.select_related("campaign", "practice", "placed_by", "cancelled_by")
    order = orders.get(number=reference)
    by_practice = order.cancelled_by and not order.cancelled_by.is_organiser
    with override(language_of(order.cancelled_by if by_practice else order.placed_by)):
        subject = _("%(number)s: uw bestelling is geannuleerd") % {"number": order.number}
        context = {"order": order, "deliveries": read_cancelled_deliveries(order)}
        return _letter("order_cancelled", subject, order.campaign.slug, context, slot=order.slot)


def render_order_changed(reference: str) -> Rendered:
    """What an order is now that it was changed; the reference is `number:revision`. Was it cancelled since, then that.

    Raises CancelledOrder.DoesNotExist.
    """
    number = reference.partition(":")[0]
    orders = Order.objects.select_related("campaign", "practice", "placed_by", "changed_by")
    order = orders.filter(number=number).first()
    if order is None:
        return render_order_cancelled(number)
    by_practice = order.changed_by if order.changed_by and not order.changed_by.is_organiser else None
    deliveries = read_deliveries(order)
    with override(language_of(by_practice or order.placed_by or who_left_it_to_balie(order))):
        total = sum(line.doses for delivery in deliveries for line in delivery.lines)
        subject = _("%(number)s: uw bestelling is gewijzigd") % {"number": order.number}
        context = {"order": order, "deliveries": deliveries, "total": total}
        letter = _letter("order_changed", subject, order.campaign.slug, context, slot=order.slot)
        return replace(letter, attachments=attachments_of(order, deliveries))


def render_request_refused(reference: str) -> Rendered:
    """The organiser said no to `request:<id>`. Raises LateRequest.DoesNotExist."""
    key = reference.removeprefix("request:")
    asked = LateRequest.objects.select_related("campaign", "practice", "asked_by").get(pk=key)
    with override(language_of(asked.asked_by)):
        subject = _("%(number)s: uw verzoek is geweigerd") % {"number": asked.number}
        slot = _slot_of(asked.number)
        return _letter("request_refused", subject, asked.campaign.slug, {"asked": asked}, slot=slot)


def render_swap_lapsed(reference: str) -> Rendered:
    """Balie waits no longer for `swap:<id>`; the order stands as it was. Raises Swap.DoesNotExist."""
    key = reference.removeprefix("swap:")
    swap = Swap.objects.select_related("campaign", "practice", "asked_by").get(pk=key)
    with override(language_of(swap.asked_by)):
        subject = _("%(number)s: uw wens is niet gelukt, uw bestelling staat vast") % {"number": swap.number}
        context = {"swap": swap, "wanted": read_wanted([swap]).get(swap.pk, [])}
        return _letter("swap_lapsed", subject, swap.campaign.slug, context, slot=_slot_of(swap.number))


def render_pre_alert(reference: str) -> Rendered:
    """When a consignment comes, of `alert:<key>:<how often it was told>`. Raises PreAlert.DoesNotExist."""
    _kind, key, told = reference.split(":")
    alert = PreAlert.objects.select_related("consignment__campaign", "consignment__practice").get(consignment=int(key))
    consignment = alert.consignment
    order = Order.objects.filter(number=consignment.number).select_related("placed_by").first()
    reader = (order.placed_by or who_left_it_to_balie(order)) if order else None
    with override(language_of(reader)):
        subject = _("%(number)s: uw vaccins komen %(day)s tussen %(starts)s en %(ends)s uur") % {
            "number": consignment.number,
            "day": day(consignment.day),
            "starts": hours(alert.starts),
            "ends": hours(alert.ends),
        }
        context = {
            "alert": alert,
            "consignment": consignment,
            "campaign": consignment.campaign,
            "goods": read_goods(consignment),
            "changed": told != "1",
        }
        return _letter("pre_alert", subject, consignment.campaign.slug, context, slot=_slot_of(consignment.number))


def _slot_of(number: str) -> int:
    """Of the order with this number, whether it stands or not."""
    for orders in (Order.objects, CancelledOrder.objects):
        if (slot := orders.filter(number=number).values_list("slot", flat=True).first()) is not None:
            return slot
    return FIRST


def render_wish_offered(reference: str) -> Rendered:
    """Room came free for `swap:<id>`, and is kept for some time. Raises Swap.DoesNotExist."""
    return _about_wish("wish_offered", reference, lambda days: _("Er is plaats voor u op %(days)s") % {"days": days})


def render_offer_lapsed(reference: str) -> Rendered:
    """What was offered to `swap:<id>` went to another. Raises Swap.DoesNotExist."""
    return _about_wish("offer_lapsed", reference, lambda days: _("U nam de plaats op %(days)s niet") % {"days": days})


def render_wish_lapsed(reference: str) -> Rendered:
    """No room can come free any more for `swap:<id>`. Raises Swap.DoesNotExist."""
    return _about_wish(
        "wish_lapsed", reference, lambda days: _("Er kwam geen plaats vrij op %(days)s") % {"days": days}
    )


def _about_wish(template: str, reference: str, subject: Callable[[str], str]) -> Rendered:
    key = reference.removeprefix("swap:")
    swap = Swap.objects.select_related("campaign", "practice", "asked_by").get(pk=key)
    with override(language_of(swap.asked_by)):
        days = name_days([day.isoformat() for day in sorted(swap.line_day)])
        context = {"swap": swap, "wanted": read_wanted([swap]).get(swap.pk, [])}
        return _written(template, subject(days), context, reverse("waitlist", args=[swap.campaign.slug]))


def _letter(template: str, subject: str, slug: str, context: dict[str, Any], *, slot: int) -> Rendered:
    return _written(template, subject, context, reverse("placed", args=[slug, slot]))


def _written(template: str, subject: str, context: dict[str, Any], page: str) -> Rendered:
    context["page"] = settings.ORIGINS[0] + page
    return Rendered(
        subject=subject,
        text=render_to_string(f"ordering/mail/{template}.txt", context),
        html=render_to_string(f"ordering/mail/{template}.html", context),
        language=get_language() or settings.LANGUAGE_CODE,
    )
